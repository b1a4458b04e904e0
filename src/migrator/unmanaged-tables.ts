import type { MikroORM } from '@mikro-orm/mysql';
import { tableNamesOf } from '../drift/declared-schema.ts';
import { ownTables } from '../information-schema/own-tables.ts';
import type { MigrationProblem } from './result.ts';

type Asks = (sql: string) => Promise<readonly { readonly name: string }[]>;

/** The tables and views of a database that neither an entity names nor migrating itself needs. */
export async function unmanagedTables(
  orm: Pick<MikroORM, 'getMetadata' | 'em' | 'config'>,
  rows: Asks,
): Promise<string[]> {
  const ours = new Set([...tableNamesOf(orm), ...ownTables].map((name) => name.toLowerCase()));
  const there = await rows(
    'select table_name as name from information_schema.tables where table_schema = database() order by 1',
  );
  return there.map(({ name }) => name).filter((name) => !ours.has(name.toLowerCase()));
}

/** The runner changes a database with unmanaged tables only if `--into` names it: a setting may name the wrong one. */
export function unmanagedTablesProblem(
  database: string,
  others: readonly string[],
  command: string,
): MigrationProblem {
  const some = others.slice(0, 5).join(', ');
  const more = others.length > 5 ? ` and ${others.length - 5} more` : '';
  return {
    kind: 'TABLES_OF_OTHERS',
    cause: `The database ${database} holds what is not of Tandem: ${some}${more}.`,
    remedy: `Name an empty database in the settings; where this one is meant, run \`${command} --into ${database}\`.`,
  };
}
