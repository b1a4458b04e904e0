import type { CatalogueConnection } from '../information-schema/catalogue-connection.ts';
import type { SchemaModel } from '../information-schema/model.ts';
import { fitting } from '../information-schema/name-pattern.ts';
import { isRendered, ownTables } from '../information-schema/own-tables.ts';
import { readSchema } from '../information-schema/read-schema.ts';
import { historyOf } from '../information-schema/schema-version.ts';
import { readServerFacts, type ServerFacts } from '../information-schema/server-facts.ts';
import type { SourceName } from '../source-name.ts';
import type { Kind } from './finding.ts';
import { notVisibleTo } from './visibility.ts';

/** The schema of one source's database, as far as the account sees it. */
export interface SchemaSnapshot {
  readonly source: SourceName;
  readonly schema: SchemaModel;
  readonly facts: ServerFacts;
  /** Migrations that ran, oldest first. */
  readonly history: readonly string[];
  readonly notVisible: readonly Kind[];
  /** Whether the settings leave a table or view out. */
  readonly ignores: (name: string) => boolean;
}

/**
 * Reads all that drift compares, with the account of the connection.
 *
 * @param ignored names of tables to leave out; `*` stands for any characters
 */
export async function takeSnapshot(
  source: SourceName,
  em: CatalogueConnection,
  ignored: readonly string[] = [],
): Promise<SchemaSnapshot> {
  const [schema, facts, history, grants, [database]] = await Promise.all([
    readSchema(em),
    readServerFacts(em),
    historyOf((sql) => em.execute<{ name: string }[]>(sql)),
    em.execute<Record<string, string>[]>('show grants'),
    em.execute<{ name: string }[]>('select database() as name'),
  ]);
  const lines = grants.flatMap((row) => Object.values(row));
  return {
    source,
    schema: {
      ...schema,
      tables: schema.tables.filter(
        ({ name }) => !ownTables.includes(name.toLowerCase()) && !isRendered(name),
      ),
    },
    facts,
    history,
    notVisible: notVisibleTo(lines, {
      schema: database?.name ?? '',
      tables: schema.tables.map(({ name }) => name),
    }),
    ignores: fitting(ignored),
  };
}
