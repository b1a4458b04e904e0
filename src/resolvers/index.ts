import { entities } from '../entities/index.ts';
import { ActivityResolver } from './activity.ts';
import { DriftResolver } from './drift.ts';
import { ErdResolver } from './erd.ts';
import { MigrationsResolver } from './migrations.ts';
import { NodeResolver } from './node.ts';
import { ParityResolver } from './parity.ts';
import { SourceResolver } from './source.ts';
import { tableResolversOf } from './table/resolvers.ts';
import { ViewerResolver } from './viewer.ts';

// The schema lists fields in this order, whatever order parents and children have.
const byName = entities.toSorted((one, other) => one.name.localeCompare(other.name, 'en'));

/** Every resolver: those of the tables, which follow from their entities, and the others, to which a new one is added here. */
export const resolvers = [
  NodeResolver,
  SourceResolver,
  DriftResolver,
  ParityResolver,
  ErdResolver,
  MigrationsResolver,
  ActivityResolver,
  ViewerResolver,
  ...byName.flatMap(tableResolversOf),
] as const;
