import type { ClassType } from 'type-graphql';
import { memoizeWeak } from '../util/memoize-weak.ts';
import { ActivityResolver } from './activity.ts';
import { DriftResolver } from './drift.ts';
import { ErdResolver } from './erd.ts';
import { MigrationsResolver } from './migrations.ts';
import { NodeResolver } from './node.ts';
import { ParityResolver } from './parity.ts';
import { SourceResolver } from './source.ts';
import { tableResolversOf } from './table/resolvers.ts';
import { ViewerResolver } from './viewer.ts';

/** Every resolver: those of the tables, which follow from their entities, and the others, to which a new one is added here. */
export const resolversOf = memoizeWeak((tables: readonly ClassType<object>[]): readonly ClassType[] => [
  NodeResolver,
  SourceResolver,
  DriftResolver,
  ParityResolver,
  ErdResolver,
  MigrationsResolver,
  ActivityResolver,
  ViewerResolver,
  // The schema lists fields in this order, whatever order parents and children have.
  ...tables
    .toSorted((one, other) => one.name.localeCompare(other.name, 'en'))
    .flatMap((table) => tableResolversOf(table)),
]);
