import { keyPartsIn, lengthsOf, listOf, readerOf, type SqlReader } from '../../sql/reader.ts';
import { type ColumnDefinition, columnOf, readColumn } from './column.ts';

export type IndexKind = 'INDEX' | 'UNIQUE' | 'FULLTEXT' | 'SPATIAL';

/** What an ALTER TABLE, a CREATE INDEX or a CREATE TABLE's list says of a table. */
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

/** The clauses of a list: https://dev.mysql.com/doc/refman/8.4/en/alter-table.html */
export function clausesOf(sql: string): AlterClause[] {
  return partsOf(sql).flatMap((text) => {
    const reader = readerOf(text);
    const clauses: AlterClause[] = [];
    // Options need no comma between them.
    while (!reader.done) {
      const clause = clauseOf(reader, text);
      if (clause === null) return [{ does: 'notUnderstood', text } as const];
      clauses.push(...clause);
    }
    return clauses;
  });
}

/** Splits at the commas between clauses; a list of partitions, or of what to order by, comes last and has commas of its own. */
function partsOf(sql: string): string[] {
  const parts = listOf(sql);
  const last = parts.findIndex((part) => {
    const reader = readerOf(part);
    return reader.oneOf(...partitionVerbs, 'ORDER BY') !== null;
  });
  return last === -1 ? parts : [...parts.slice(0, last), parts.slice(last).join(', ')];
}

function clauseOf(reader: SqlReader, text: string): AlterClause[] | null {
  if (reader.is('ADD', 'PARTITION')) return partition(reader, text);
  if (reader.skip('ADD')) return add(reader);
  const changes = reader.oneOf('CHANGE', 'MODIFY');
  if (changes !== null) return change(reader, changes);
  if (reader.skip('DROP')) return drop(reader, text);
  if (reader.skip('ALTER')) return alter(reader);
  if (reader.skip('RENAME')) return rename(reader);
  return option(reader, text) ?? partition(reader, text);
}

function add(reader: SqlReader): AlterClause[] | null {
  const definition = readKey(reader);
  if (definition !== undefined) return definition && [definition];
  reader.skip('COLUMN');
  const list = reader.parenthesized();
  if (list !== null) {
    const items = listOf(list).map((item): AlterClause | null => {
      const column = columnOf(item);
      return readKey(readerOf(item)) ?? (column && { does: 'addColumn', column });
    });
    return items.some((item) => item === null) ? null : (items as AlterClause[]);
  }
  const column = readColumn(reader);
  return column && [{ does: 'addColumn', column }];
}

/** A key, constraint or index; undefined where a column stands, null where it is not understood. */
export function readKey(reader: SqlReader): AlterClause | null | undefined {
  const named = reader.skip('CONSTRAINT');
  const isKey = ['PRIMARY', 'UNIQUE', 'FOREIGN', 'CHECK'].some((word) => reader.is(word));
  const symbol = named && !isKey ? reader.name() : null;
  if (reader.skip('PRIMARY', 'KEY')) {
    readIndexType(reader);
    const columns = reader.parenthesized();
    readRest(reader);
    return columns === null ? null : { does: 'addPrimaryKey', columns: keyPartsIn(columns) };
  }
  if (reader.skip('FOREIGN', 'KEY')) return foreignKey(reader, symbol);
  if (reader.skip('CHECK')) {
    const expression = reader.parenthesized() ?? '';
    const enforced = !reader.skip('NOT', 'ENFORCED');
    reader.skip('ENFORCED');
    return { does: 'addCheck', name: symbol, expression, enforced };
  }
  const kind = reader.oneOf('UNIQUE', 'FULLTEXT', 'SPATIAL');
  const word = reader.oneOf('INDEX', 'KEY');
  if (kind === null && word === null) return named ? null : undefined;
  return readIndex(reader, kind ?? 'INDEX', symbol);
}

/** An index from its name on. */
export function readIndex(
  reader: SqlReader,
  kind: IndexKind,
  symbol: string | null = null,
): AlterClause | null {
  const name = reader.is('(') || reader.is('USING') ? symbol : reader.name();
  readIndexType(reader);
  const columns = reader.parenthesized();
  readRest(reader);
  return columns === null
    ? null
    : { does: 'addIndex', kind, name, columns: keyPartsIn(columns), lengths: lengthsOf(columns) };
}

function readIndexType(reader: SqlReader): void {
  if (reader.skip('USING')) reader.any();
}

/** Options of an index change nothing that matters here. */
function readRest(reader: SqlReader): void {
  reader.until('ALGORITHM', 'LOCK');
}

function foreignKey(reader: SqlReader, symbol: string | null): AlterClause | null {
  const name = symbol ?? (reader.is('(') ? null : reader.name());
  const columns = reader.parenthesized();
  if (columns === null || !reader.skip('REFERENCES')) return null;
  const table = reader.name();
  const referenced = reader.parenthesized() ?? '';
  reader.until();
  return table === null
    ? null
    : {
        does: 'addForeignKey',
        name,
        columns: keyPartsIn(columns),
        references: { table, columns: keyPartsIn(referenced) },
      };
}

function change(reader: SqlReader, verb: 'CHANGE' | 'MODIFY'): AlterClause[] | null {
  reader.skip('COLUMN');
  const from = verb === 'CHANGE' ? reader.name() : null;
  const column = readColumn(reader);
  return column && [{ does: 'changeColumn', from: from ?? column.name, column }];
}

const droppable = {
  INDEX: 'dropIndex',
  KEY: 'dropIndex',
  'FOREIGN KEY': 'dropForeignKey',
  CHECK: 'dropCheck',
  CONSTRAINT: 'dropConstraint',
} as const;

function drop(reader: SqlReader, text: string): AlterClause[] | null {
  if (reader.skip('PRIMARY', 'KEY')) return [{ does: 'dropPrimaryKey' }];
  if (reader.is('PARTITION')) {
    while (!reader.done) reader.any();
    return [{ does: 'partition', how: 'DROP PARTITION', text }];
  }
  const what = reader.oneOf('INDEX', 'KEY', 'FOREIGN KEY', 'CHECK', 'CONSTRAINT');
  if (what === null) reader.skip('COLUMN');
  const name = reader.name();
  return name === null ? null : [{ does: what === null ? 'dropColumn' : droppable[what], name }];
}

function alter(reader: SqlReader): AlterClause[] | null {
  if (reader.skip('INDEX')) {
    const name = reader.name();
    return name !== null && reader.oneOf('VISIBLE', 'INVISIBLE') !== null
      ? [{ does: 'indexVisibility', name }]
      : null;
  }
  if (reader.oneOf('CHECK', 'CONSTRAINT') !== null) {
    const name = reader.name();
    const enforced = !reader.skip('NOT');
    return name !== null && reader.skip('ENFORCED') ? [{ does: 'alterCheck', name, enforced }] : null;
  }
  reader.skip('COLUMN');
  const name = reader.name();
  if (name === null) return null;
  if (reader.skip('DROP', 'DEFAULT')) return [{ does: 'setDefault', name, default: null }];
  if (reader.skip('SET', 'DEFAULT')) return [{ does: 'setDefault', name, default: reader.until() }];
  if (reader.skip('SET') && reader.oneOf('VISIBLE', 'INVISIBLE') !== null) {
    return [{ does: 'columnVisibility', name }];
  }
  return null;
}

function rename(reader: SqlReader): AlterClause[] | null {
  const what = reader.oneOf('COLUMN', 'INDEX', 'KEY');
  if (what === null) {
    reader.oneOf('TO', 'AS');
    const to = reader.name();
    return to === null ? null : [{ does: 'renameTable', to }];
  }
  const from = reader.name();
  if (from === null || !reader.skip('TO')) return null;
  const to = reader.name();
  return to === null ? null : [{ does: what === 'COLUMN' ? 'renameColumn' : 'renameIndex', from, to }];
}

const plainOptions = [
  ...[
    'AUTO_INCREMENT',
    'AVG_ROW_LENGTH',
    'CHECKSUM',
    'COMMENT',
    'COMPRESSION',
    'CONNECTION',
    'DELAY_KEY_WRITE',
  ],
  ...['ENCRYPTION', 'INSERT_METHOD', 'MAX_ROWS', 'MIN_ROWS', 'PACK_KEYS', 'PASSWORD', 'STATS_AUTO_RECALC'],
  ...['STATS_PERSISTENT', 'STATS_SAMPLE_PAGES', 'AUTOEXTEND_SIZE', 'ENGINE_ATTRIBUTE', 'TABLESPACE'],
  ...['SECONDARY_ENGINE', 'SECONDARY_ENGINE_ATTRIBUTE'],
] as const;

/** `name [=] value` of a table, ALGORITHM and LOCK among them. */
function option(reader: SqlReader, text: string): AlterClause[] | null {
  if (reader.skip('FORCE')) return [{ does: 'rebuild', option: 'FORCE', value: '' }];
  if (reader.skip('ORDER', 'BY')) {
    while (!reader.done) reader.any();
    return [{ does: 'orderBy' }];
  }
  if (reader.oneOf('WITH VALIDATION', 'WITHOUT VALIDATION', 'DISABLE KEYS', 'ENABLE KEYS') !== null) {
    return [];
  }
  const converts = reader.skip('CONVERT', 'TO');
  reader.skip('DEFAULT');
  const charset = reader.oneOf('CHARACTER SET', 'CHARSET', 'COLLATE');
  if (charset !== null) {
    const value = optionValue(reader);
    const collation = reader.skip('COLLATE') ? optionValue(reader) : null;
    const named = charset === 'COLLATE' ? value : collation;
    return [
      {
        does: converts ? 'convertCharset' : 'defaultCharset',
        charset: (named === null ? value : charsetOf(named)).toLowerCase(),
        collation: named?.toLowerCase() ?? null,
      },
    ];
  }
  const limit = reader.oneOf('ALGORITHM', 'LOCK');
  if (limit !== null) return [{ does: 'limits', what: limit, value: optionValue(reader).toUpperCase() }];
  const rebuilds = reader.oneOf('ENGINE', 'ROW_FORMAT', 'KEY_BLOCK_SIZE');
  if (rebuilds !== null) {
    return [{ does: 'rebuild', option: rebuilds, value: optionValue(reader).toLowerCase() }];
  }
  const plain = reader.oneOf(...plainOptions);
  if (plain === null) return null;
  optionValue(reader);
  // A whole clause that is one: `text` says no more.
  return text === '' ? null : [{ does: 'setOption', option: plain }];
}

/** A collation begins with the name of its character set. */
export function charsetOf(collation: string): string {
  return collation.split('_')[0] ?? collation;
}

function optionValue(reader: SqlReader): string {
  reader.skip('=');
  const { next } = reader;
  const value = reader.any();
  return next?.kind === 'string' ? next.text : value;
}

const partitionVerbs = [
  ...['ADD PARTITION', 'DROP PARTITION', 'TRUNCATE PARTITION', 'COALESCE PARTITION', 'REORGANIZE PARTITION'],
  ...['EXCHANGE PARTITION', 'ANALYZE PARTITION', 'CHECK PARTITION', 'OPTIMIZE PARTITION'],
  ...['REBUILD PARTITION', 'REPAIR PARTITION', 'DISCARD PARTITION', 'IMPORT PARTITION'],
  ...['REMOVE PARTITIONING', 'PARTITION BY'],
] as const;
export type PartitionVerb = (typeof partitionVerbs)[number];
export type RebuildingOption = 'FORCE' | 'ENGINE' | 'ROW_FORMAT' | 'KEY_BLOCK_SIZE';

function partition(reader: SqlReader, text: string): AlterClause[] | null {
  const how = reader.oneOf(...partitionVerbs);
  if (how === null) return null;
  while (!reader.done) reader.any();
  return [{ does: 'partition', how, text }];
}
