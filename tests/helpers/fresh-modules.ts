import { relative } from 'node:path';
import { MetadataStorage } from '@mikro-orm/core';
import { expect, inject, vi } from 'vitest';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Files that load our modules anew. */
    fresh: readonly string[];
  }
}

// Runs before each file. Before one of `fresh`, our own modules are loaded anew, and no entity or resolver of the file before is
// known any more; the packages stay, which are most of what a process of its own would load.
if (inject('fresh').includes(relative('.', expect.getState().testPath ?? ''))) {
  vi.resetModules();
  MetadataStorage.clear();
  // TypeGraphQL keeps what its decorators have said where it finds it again.
  Reflect.deleteProperty(globalThis, 'TypeGraphQLMetadataStorage');
}
