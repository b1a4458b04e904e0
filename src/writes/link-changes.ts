import type { EntityMetadata, EntityProperty } from '@mikro-orm/core';
import { primaryKeyOf } from '../column-types/column-types.ts';
import { keyFromApi, type RowKey } from '../column-types/table-key.ts';
import type { FieldProblem } from '../errors/tandem-error.ts';
import { storedKey } from '../reads/bound-key.ts';
import { isInverse, isToMany, propertyOf } from '../reads/entity-properties.ts';
import { linkOf } from '../reads/link.ts';
import { connectField, disconnectField, keyField } from '../sources/api-names.ts';
import { namesOthers, type PlacedInput, someNameOthers } from './input-fields.ts';

/** The key of a row, and where it stands among the arguments: `input.recordsConnect.0`. */
export interface PlacedKey {
  readonly key: RowKey;
  readonly path: string;
}

/** Which rows come to belong to a row along one relation, and which no longer do. */
export interface LinkChange {
  readonly relation: EntityProperty;
  readonly connect: readonly PlacedKey[];
  /** `all`: whatever row belongs to it along a one-to-one relation. */
  readonly disconnect: readonly PlacedKey[] | 'all';
}

const noChanges: LinkChange[] = [];

/** The changes of links that an input asks for; none where it names none. */
export function linkChangesOf(meta: EntityMetadata, { input, path }: PlacedInput): LinkChange[] {
  if (!namesOthers(meta, input)) return noChanges;
  return meta.relations.flatMap((relation): LinkChange[] => {
    const { name } = relation;
    const target = relation.targetMeta as EntityMetadata;
    const keyFrom = (given: unknown) => storedKey(target, keyFromApi(primaryKeyOf(target), given));
    const keysIn = (field: string) =>
      ((input[field] ?? []) as readonly unknown[]).map((key, at) => ({
        key: keyFrom(key),
        path: `${path}.${field}.${at}`,
      }));
    if (isToMany(relation)) {
      const [connect, disconnect] = [keysIn(connectField(name)), keysIn(disconnectField(name))];
      return connect.length + disconnect.length === 0 ? [] : [{ relation, connect, disconnect }];
    }
    const field = keyField(name);
    const key = input[field];
    if (!isInverse(relation) || key === undefined) return [];
    const connect = key === null ? [] : [{ key: keyFrom(key), path: `${path}.${field}` }];
    return [{ relation, connect, disconnect: 'all' }];
  });
}

/** The to-one relation of the other table that a change sets; null where the links have a table of their own. */
export function foreignKeyOf(relation: EntityProperty): EntityProperty | null {
  if (isInverse(relation)) return propertyOf(relation.targetMeta as EntityMetadata, relation.mappedBy);
  const { rows, meta, owner } = linkOf(relation);
  return rows === null ? propertyOf(meta, owner) : null;
}

/** The problems with the keys of some inputs of one table, before the database is asked. */
export function linkProblems(meta: EntityMetadata, rows: readonly PlacedInput[]): FieldProblem[] {
  if (!someNameOthers(meta, rows)) return [];
  const taken = new Set<string>();
  return rows.flatMap((row) => {
    const own = new Set<string>();
    return linkChangesOf(meta, row).flatMap(({ relation, connect, disconnect }) => {
      const foreignKey = foreignKeyOf(relation);
      const problems: FieldProblem[] = [];
      if (disconnect === 'all' && connect.length === 0 && foreignKey?.nullable !== true) {
        const message = `cannot be null: each ${relation.targetMeta?.className} has its ${relation.mappedBy}`;
        problems.push({ path: `${row.path}.${keyField(relation.name)}`, message });
      }
      // A row whose foreign key is set belongs to one row alone.
      const seen = foreignKey === null ? own : taken;
      for (const { key, path } of [...connect, ...(disconnect === 'all' ? [] : disconnect)]) {
        const name = `${relation.name} ${key}`;
        if (seen.has(name)) problems.push({ path, message: 'is a key that is given twice' });
        seen.add(name);
      }
      return problems;
    });
  });
}
