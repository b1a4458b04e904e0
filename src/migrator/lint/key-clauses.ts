import { keyPartsIn, lengthsOf, type SqlReader } from '../../sql/reader.ts';
import type { AlterClause, IndexKind } from './alter-clause.ts';

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
