import { MetadataStorage } from '@mikro-orm/core';
import { vi } from 'vitest';

// Runs before each file of the project `fresh`. Our own modules are loaded anew, and no entity or resolver of the file before is
// known any more; the packages stay, which are most of what a process of its own would load.
vi.resetModules();
MetadataStorage.clear();
// TypeGraphQL keeps what its decorators have said where it finds it again.
Reflect.deleteProperty(globalThis, 'TypeGraphQLMetadataStorage');
