import type { EntityMetadata } from '@mikro-orm/core';
import type { GraphQLResolveInfo } from 'graphql';
import { isObjectType } from 'graphql';
import { fieldsOf } from '../column-types/entity-fields.ts';
import { TandemError } from '../errors/tandem-error.ts';
import { columnHash, comparedColumn } from '../parity/row-hash.ts';
import { isColumn, propertyOf } from '../reads/entity-properties.ts';
import { perSource, type SourceName } from '../source-name.ts';
import { quoteName } from '../sql/quote.ts';
import type { OwnColumns } from './own-columns.ts';

/** How rows of both sources are compared, all at once. */
export interface Digests {
  /** SQL for bytes that are equal in both sources where all compared columns are. */
  readonly sql: Readonly<Record<SourceName, string>>;
  /** How many they are of one row. */
  readonly bytes: number;
  /** Fields whose parts of two digests differ. */
  readonly differing: (azure: Buffer, gcp: Buffer) => readonly string[];
}

/** The fields of an entity's type that have a column, other than the key: in the schema of a role, those that it may read. */
export function comparedFields(
  meta: EntityMetadata,
  { schema }: Pick<GraphQLResolveInfo, 'schema'>,
): string[] {
  const type = schema.getType(meta.className);
  const granted = isObjectType(type) ? type.getFields() : {};
  return fieldsOf(meta.class as never)
    .map(({ name }) => name)
    .filter((name) => Object.hasOwn(granted, name) && name !== 'key' && columnsOf(meta, name).length > 0);
}

/** A foreign key can have several; a relation whose foreign key is in another table has none. */
function columnsOf(meta: EntityMetadata, name: string): readonly string[] {
  const property = propertyOf(meta, name);
  return property !== undefined && isColumn(property) ? property.fieldNames : [];
}

/**
 * The comparison of `tandem parity`, column by column, in one expression: values are equal where their bytes are, whatever types,
 * character sets and precisions the columns of the two sources have.
 *
 * @throws TandemError SCHEMA_OUTDATED where a source has no such column
 */
export function digestsOf(
  meta: EntityMetadata,
  fields: readonly string[],
  {
    own,
    hidesRows,
  }: { readonly own: Readonly<Record<SourceName, OwnColumns>>; readonly hidesRows: HidesRows },
): Digests {
  const packet = Math.min(own.AZURE.packet, own.GCP.packet);
  const compared = fields.flatMap((field) => columnsOf(meta, field).map((name) => ({ field, name })));
  const columns = compared.map(({ name }) => {
    const both = perSource((source) => {
      const column = own[source].columns.find((one) => one.name.toLowerCase() === name.toLowerCase());
      if (column === undefined) throw new TandemError('SCHEMA_OUTDATED', { source });
      return column;
    });
    return comparedColumn(both, packet, 'row');
  });
  const seen = compared.map(({ field }) => seenReference(meta, field, hidesRows));
  const hashes = (source: SourceName) =>
    columns.map((column, at) => {
      const hash = `unhex(${columnHash(column, source)})`;
      return seen[at] === null ? hash : `if(${seen[at]}, ${hash}, x'${'00'.repeat(width)}')`;
    });
  return {
    sql: perSource((source) => `concat(${["_binary''", ...hashes(source)].join(', ')})`),
    bytes: compared.length * width,
    differing: (azure, gcp) => [
      ...new Set(
        compared.filter((_, at) => !partOf(azure, at).equals(partOf(gcp, at))).map(({ field }) => field),
      ),
    ],
  };
}

/** Whether rows of an entity can be hidden from the caller, in either source. */
type HidesRows = (meta: EntityMetadata) => boolean;

/**
 * SQL that tells whether the caller may read the row that a foreign key refers to: what refers to a hidden row must compare as what refers to
 * none. Null where no row can be hidden. The caller's rules take the place of the table, as everywhere.
 */
function seenReference(meta: EntityMetadata, field: string, hidesRows: HidesRows): string | null {
  const { targetMeta, fieldNames, referencedColumnNames } = propertyOf(meta, field);
  if (targetMeta === undefined || !hidesRows(targetMeta as EntityMetadata)) return null;
  const same = fieldNames.map(
    (name, at) => `\`seen\`.${quoteName(referencedColumnNames[at] as string)} = \`row\`.${quoteName(name)}`,
  );
  return `exists (select 1 from ${quoteName(targetMeta.tableName)} as \`seen\` where ${same.join(' and ')})`;
}

/** Bytes of a column's hash. */
const width = 16;
const partOf = (digest: Buffer, at: number) => digest.subarray(at * width, (at + 1) * width);
