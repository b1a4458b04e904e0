import { readerOf } from '../sql/reader.ts';
import type { MigratorSession } from './migrator-session.ts';

/** The tables that statements make, in small letters, unless they drop them first or ask for them only where they are not there. */
function tablesMadeBy(statements: readonly string[]): Set<string> {
  const made = new Set<string>();
  const dropped = new Set<string>();
  for (const sql of statements) {
    const reader = readerOf(sql);
    if (reader.skip('DROP', 'TABLE')) {
      reader.oneOf('IF EXISTS');
      do dropped.add(reader.name()?.toLowerCase() ?? '');
      while (reader.skip(','));
    } else if (reader.skip('CREATE', 'TABLE') && reader.oneOf('IF NOT EXISTS') === null) {
      const name = reader.name()?.toLowerCase() ?? '';
      if (!dropped.has(name)) made.add(name);
    }
  }
  return made;
}

/** Those of them that a database has already. */
export async function existingTables(
  session: MigratorSession,
  database: string,
  statements: readonly string[],
): Promise<string[]> {
  const made = tablesMadeBy(statements);
  if (made.size === 0) return [];
  const rows = await session.query<{ name: string }>(
    'select table_name as name from information_schema.tables where table_schema = ? order by 1',
    [database],
  );
  return rows.map(({ name }) => name).filter((name) => made.has(name.toLowerCase()));
}
