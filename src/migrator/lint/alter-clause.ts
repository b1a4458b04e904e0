import type { ColumnDefinition } from './column.ts';

export type IndexKind = 'INDEX' | 'UNIQUE' | 'FULLTEXT' | 'SPATIAL';

/** A clause about a table, of an ALTER TABLE, a CREATE INDEX or a CREATE TABLE's list. */
export type AlterClause =
  | { readonly does: 'addColumn'; readonly column: ColumnDefinition }
  | { readonly does: 'changeColumn'; readonly from: string; readonly column: ColumnDefinition }
  | { readonly does: 'dropColumn'; readonly name: string }
  | { readonly does: 'renameColumn'; readonly from: string; readonly to: string }
  | { readonly does: 'setDefault'; readonly name: string; readonly default: string | null }
  | { readonly does: 'columnVisibility'; readonly name: string }
  | {
      readonly does: 'addIndex';
      readonly kind: IndexKind;
      readonly name: string | null;
      readonly columns: readonly string[];
      /** How many characters or bytes of each part; null for all of it. */
      readonly lengths: readonly (number | null)[];
    }
  | { readonly does: 'addPrimaryKey'; readonly columns: readonly string[] }
  | {
      readonly does: 'addForeignKey';
      readonly name: string | null;
      readonly columns: readonly string[];
      readonly references: { readonly table: string; readonly columns: readonly string[] };
    }
  | {
      readonly does: 'addCheck';
      readonly name: string | null;
      readonly expression: string;
      readonly enforced: boolean;
    }
  | { readonly does: 'alterCheck'; readonly name: string; readonly enforced: boolean }
  | { readonly does: 'dropIndex' | 'dropForeignKey' | 'dropCheck' | 'dropConstraint'; readonly name: string }
  | { readonly does: 'dropPrimaryKey' }
  | { readonly does: 'indexVisibility'; readonly name: string }
  | { readonly does: 'renameIndex'; readonly from: string; readonly to: string }
  | { readonly does: 'renameTable'; readonly to: string }
  | {
      readonly does: 'convertCharset' | 'defaultCharset';
      readonly charset: string;
      /** Null where it is the default one of the character set. */
      readonly collation: string | null;
    }
  | { readonly does: 'rebuild'; readonly option: RebuildingOption; readonly value: string }
  | { readonly does: 'setOption'; readonly option: string }
  | { readonly does: 'partition'; readonly how: PartitionVerb; readonly text: string }
  | { readonly does: 'orderBy' }
  | { readonly does: 'limits'; readonly what: 'ALGORITHM' | 'LOCK'; readonly value: string }
  | { readonly does: 'notUnderstood'; readonly text: string };

export const partitionVerbs = [
  ...['ADD PARTITION', 'DROP PARTITION', 'TRUNCATE PARTITION', 'COALESCE PARTITION', 'REORGANIZE PARTITION'],
  ...['EXCHANGE PARTITION', 'ANALYZE PARTITION', 'CHECK PARTITION', 'OPTIMIZE PARTITION'],
  ...['REBUILD PARTITION', 'REPAIR PARTITION', 'DISCARD PARTITION', 'IMPORT PARTITION'],
  ...['REMOVE PARTITIONING', 'PARTITION BY'],
] as const;
export type PartitionVerb = (typeof partitionVerbs)[number];

export type RebuildingOption = 'FORCE' | 'ENGINE' | 'ROW_FORMAT' | 'KEY_BLOCK_SIZE';
