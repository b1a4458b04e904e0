import { randomBytes } from 'node:crypto';
import type { DatabaseTable } from '@mikro-orm/mysql';
import { TandemError } from '../errors/tandem-error.ts';
import type { CatalogueConnection } from '../information-schema/catalogue-connection.ts';
import type { TableModel } from '../information-schema/model.ts';
import { isRendered, renderedPrefix } from '../information-schema/own-tables.ts';
import { readSchema } from '../information-schema/read-schema.ts';
import { quoteName } from '../sql/quote.ts';
import { tableSpan } from '../sql/table-span.ts';
import { codeTokens } from '../sql/tokens.ts';
import type { EntityOrm } from './declared-schema.ts';

/** Tables as a server spells them after it has read their DDL, without foreign keys. */
interface Rendered {
  /** By the names that the entities give them. */
  readonly tables: ReadonlyMap<string, TableModel>;
  /** Of which the server took a statement not: by their names, with MySQL's number or a code. */
  readonly refused: ReadonlyMap<string, string>;
}

export type Render = (tables: readonly DatabaseTable[]) => Promise<Rendered>;

/** Asks a server at most once for each table. `lend` gives a connection with CREATE, ALTER, INDEX and DROP. */
export function renderingOn(
  orm: EntityOrm,
  lend: (work: (em: CatalogueConnection) => Promise<Rendered>) => Promise<Rendered>,
): Render {
  const known: { tables: Map<string, TableModel>; refused: Map<string, string> } = {
    tables: new Map(),
    refused: new Map(),
  };
  return async (tables) => {
    const asked = tables.filter(({ name }) => !known.tables.has(name) && !known.refused.has(name));
    if (asked.length > 0) {
      const { tables, refused } = await lend((em) => renderTables(em, orm, asked)).catch(
        (error): Rendered => {
          if (!(error instanceof TandemError)) throw error;
          return { tables: new Map(), refused: new Map(asked.map(({ name }) => [name, error.code])) };
        },
      );
      for (const [name, table] of tables) known.tables.set(name, table);
      for (const [name, why] of refused) known.refused.set(name, why);
    }
    return known;
  };
}

/** Makes empty tables from the DDL that MikroORM has for the entities, reads them as any others, and drops them. */
async function renderTables(
  em: CatalogueConnection,
  orm: EntityOrm,
  tables: readonly DatabaseTable[],
): Promise<Rendered> {
  await dropLeftovers(em);
  const run = `${renderedPrefix}${randomBytes(6).toString('hex')}_`;
  const scratches = tables.map((table, at) => ({ table, scratch: `${run}${at}` }));
  const refused = new Map<string, string>();
  const there: string[] = [];
  try {
    for (const { table, scratch } of scratches) {
      // Without the right to DROP it creates nothing.
      const why = await make(em, [drop([scratch])]);
      if (why === null) there.push(scratch);
      const refusal = why ?? (await make(em, statementsFor(orm, table, scratch)));
      if (refusal !== null) refused.set(table.name, refusal);
    }
    const made = scratches.filter(({ table }) => !refused.has(table.name));
    if (made.length === 0) return { tables: new Map(), refused };
    const { tables: read } = await readSchema(em);
    const byName = new Map(read.map((table) => [table.name, table]));
    return {
      tables: new Map(
        made.flatMap(({ table, scratch }) => {
          const found = byName.get(scratch);
          return found === undefined ? [] : [[table.name, withOwnNames(found, table)] as const];
        }),
      ),
      refused,
    };
  } finally {
    if (there.length > 0) await em.execute(drop(there));
  }
}

/** Checks have names that are unique in a schema, so those of a scratch table are numbered. */
function statementsFor(orm: EntityOrm, table: DatabaseTable, scratch: string): (string | null)[] {
  const checks = table
    .getChecks()
    .map(({ expression }, at) => `add constraint ${quoteName(`${scratch}_${at}`)} check (${expression})`);
  return [
    // Without checks and triggers. Foreign keys are never among them.
    ...(orm.em
      .getPlatform()
      .getSchemaHelper()
      ?.createTable(table, true)
      .map((sql) => onTable(sql, scratch)) ?? []),
    ...(checks.length === 0 ? [] : [`alter table ${quoteName(scratch)} ${checks.join(', ')}`]),
  ];
}

function withOwnNames(found: TableModel, table: DatabaseTable): TableModel {
  const names = table.getChecks().map(({ name }) => name);
  return {
    ...found,
    name: table.name,
    checks: found.checks.map((check) => ({
      ...check,
      name: names[Number(check.name.slice(found.name.length + 1))] ?? check.name,
    })),
  };
}

/** The statement about another table; null where it does not name one in its place. */
function onTable(sql: string, table: string): string | null {
  const tokens = codeTokens(sql);
  const span = tableSpan(tokens);
  const [first, last] = span === null ? [] : [tokens[span.first], tokens[span.last]];
  if (first === undefined || last === undefined) return null;
  return `${sql.slice(0, first.start)}${quoteName(table)}${sql.slice(last.end)}`;
}

/** @returns why not; null where all ran */
async function make(em: CatalogueConnection, statements: readonly (string | null)[]): Promise<string | null> {
  for (const sql of statements) {
    if (sql === null) return 'an index that is written in a form of its own';
    try {
      await em.execute(sql);
    } catch (error) {
      const { errno = 0 } = error as { errno?: number };
      // Without a number it is the connection that failed, not the statement.
      if (errno === 0) throw error;
      return String(errno);
    }
  }
  return null;
}

/** Drops the tables that a killed run has left. A younger one may be at work. */
async function dropLeftovers(em: CatalogueConnection): Promise<void> {
  const old = await em.execute<{ name: string }[]>(
    "select table_name as name from information_schema.tables where table_schema = database() and table_name like 'tandem\\_entities\\_%' and create_time < now() - interval 15 minute",
  );
  const left = old.filter(({ name }) => isRendered(name));
  if (left.length === 0) return;
  await make(em, [drop(left.map(({ name }) => name))]);
}

function drop(tables: readonly string[]): string {
  return `drop table if exists ${tables.map(quoteName).join(', ')}`;
}
