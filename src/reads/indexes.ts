import { type EntityMetadata, ReferenceKind } from '@mikro-orm/core';
import { primaryKeyOf } from '../column-types/column-types.ts';
import { memoizeWeak } from '../util/memoize-weak.ts';
import { propertyOf } from './properties.ts';

interface Flags {
  readonly name: string;
  readonly index?: unknown;
  readonly unique?: unknown;
  readonly owner?: boolean;
  readonly kind?: ReferenceKind;
}

/** The columns of each index, by their names in SQL; of a table with a primary key, that is the first. */
export const indexesOf = memoizeWeak((meta: EntityMetadata): readonly (readonly string[])[] => {
  const columns = (names: readonly string[]) =>
    names.flatMap((name) => propertyOf(meta, name)?.fieldNames ?? [name]);
  const properties = Object.values(meta.properties as unknown as Record<string, Flags>);
  // InnoDB makes an index for a foreign key that has none.
  const flagged = properties.filter(
    ({ index, unique, kind, owner }) =>
      index || unique || kind === ReferenceKind.MANY_TO_ONE || (kind === ReferenceKind.ONE_TO_ONE && owner),
  );
  return [
    ...(primaryKeyOf(meta).isNone ? [] : [meta.primaryKeys as string[]]),
    ...[...meta.indexes, ...meta.uniques].map(({ properties: of }) => [of ?? []].flat() as string[]),
    ...flagged.map(({ name }) => [name]),
  ].map(columns);
});
