import type { EntityMetadata, MetadataStorage } from '@mikro-orm/core';
import type { Log } from '../../log/log.ts';
import type { Source } from '../../sources/source.ts';
import { hexText } from '../../sql/literal.ts';
import { type CatalogueColumn, databaseFaults } from './database-faults.ts';

/** Faults that one line of the log names. */
const mostNamed = 20;

/**
 * Says in the log where a database has no table for an entity, or one with which reads or writes fail: a request would find that one by
 * one. The server serves all else, since a migration can be on its way. It asks the catalogue once, on the pool's own connection.
 *
 * @throws TandemError where the source does not answer
 */
export async function checkDatabase(source: Source, log: Log): Promise<void> {
  const metadata = source.orm.getMetadata();
  const tables = tablesOf(metadata);
  const faults = databaseFaults(tables, await source.ask<CatalogueColumn>(catalogueQuery(tables)));
  if (faults.length === 0) return;
  const command = `tandem drift --source ${source.name.toLowerCase()} --only entities`;
  log.warn(
    {
      source: source.name,
      faults: faults.slice(0, mostNamed).map(({ entity, property, cause }) => {
        return `${property === undefined ? entity : `${entity}.${property}`} ${cause}`;
      }),
      ...(faults.length > mostNamed && { more: faults.length - mostNamed }),
      next: `run \`tandem migrate status\`, then migrate, or change the entities: \`${command}\` has the statements`,
    },
    'the database does not fit the entities',
  );
}

/** The entities, and the tables between two of them. */
function tablesOf(metadata: MetadataStorage): EntityMetadata[] {
  return [...metadata.getAll().values()].filter(({ abstract, tableName }) => !abstract && tableName);
}

/** Names are compared as the server compares them, by the caller: the catalogue's own comparison depends on its settings. */
function catalogueQuery(tables: readonly EntityMetadata[]): string {
  const names = [...new Set(tables.map(({ tableName }) => tableName.toLowerCase()))].map(hexText);
  return `
    select c.table_name as tableName, c.column_name as name, c.column_type as type, c.is_nullable = 'YES' as isNullable,
      c.column_default is not null or c.extra regexp 'auto_increment|generated' as isSupplied, t.table_type <> 'BASE TABLE' as isView,
      @@lower_case_table_names <> 0 as foldsNames
    from information_schema.columns as c
    join information_schema.tables as t on t.table_schema = c.table_schema and t.table_name = c.table_name
    where c.table_schema = database() and lower(c.table_name) in (${names.join(', ')})`;
}
