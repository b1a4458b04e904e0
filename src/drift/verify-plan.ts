import type { CatalogueConnection } from '../information-schema/catalogue-connection.ts';
import { generatedKey } from '../information-schema/generated-key.ts';
import { parseGrants, rightsOn } from '../information-schema/grants.ts';
import type { SchemaModel } from '../information-schema/model.ts';
import { readSchema } from '../information-schema/read-schema.ts';
import { readServerFacts } from '../information-schema/server-facts.ts';
import { privilegesFor } from '../information-schema/statement-privileges.ts';
import { quoteName } from '../sql/quote.ts';
import { compareSchemas } from './compare.ts';
import type { Comparison, Verification } from './finding.ts';
import type { SchemaSnapshot } from './snapshot.ts';

/**
 * Runs a plan on a copy of the schema that it is for. The copy is in an empty database of the same server, whose
 * connection `scratch` has to be one session; it goes afterwards. It never throws for a statement that a server refuses.
 */
export async function verifyPlan(
  scratch: CatalogueConnection,
  {
    observed,
    plan,
    again,
  }: {
    /** The schema that the plan changes. */
    readonly observed: SchemaSnapshot;
    readonly plan: Comparison['plan'];
    /** Compares the left side of the plan with the copy. */
    readonly again: (copy: SchemaSnapshot) => Promise<Comparison> | Comparison;
  },
): Promise<Verification> {
  const nothing: SchemaModel = {
    ...observed.schema,
    tables: [],
    views: [],
    triggers: [],
    routines: [],
    events: [],
  };
  const copy = [
    ...compareSchemas(observed.schema, nothing).plan.statements,
    ...(await generatedKeysFor(scratch, observed.schema)),
  ];
  // A copy that lacks what the account may not make would verify another plan, or blame this one.
  const lacking = await lackingFor(scratch, [...copy, ...plan.statements]);
  if (lacking !== null) return { state: 'NOT_VERIFIED', detail: lacking };
  const before = await readSchema(scratch);
  if (isFilled(before)) return { state: 'NOT_VERIFIED', detail: 'the scratch database is not empty' };
  try {
    const copied = await run(scratch, copy);
    if (copied !== null) return { state: 'NOT_VERIFIED', detail: `no copy could be made, ${copied}` };
    const refused = await run(scratch, plan.statements);
    if (refused !== null) return { state: 'FAILED', detail: refused };
    const { findings } = await again({ ...observed, schema: await readSchema(scratch) });
    const left = findings.filter(({ kind }) => kind !== 'MIGRATION');
    if (left.length === 0) return { state: 'VERIFIED', detail: null };
    const objects = left.map(({ object, property }) => `${object} (${property})`).join(', ');
    return { state: 'FAILED', detail: `it leaves ${objects}` };
  } finally {
    await run(scratch, compareSchemas(nothing, await readSchema(scratch)).plan.statements);
  }
}

/**
 * The statements that give the copy the invisible primary keys that the real tables have, and no others: whether a server adds them is a
 * setting, and may have been another one when the tables were made. One that adds them refuses to drop them (1235). https://dev.mysql.com/doc/refman/8.4/en/create-table-gipks.html
 */
async function generatedKeysFor(scratch: CatalogueConnection, { tables }: SchemaModel): Promise<string[]> {
  const { generatesPrimaryKeys } = await readServerFacts(scratch);
  const key = 'my_row_id bigint unsigned not null auto_increment invisible primary key first';
  return tables.flatMap((table) => {
    const has = generatedKey(table) !== null;
    const gets =
      generatesPrimaryKeys &&
      /^innodb$/i.test(table.engine) &&
      table.partitioning === null &&
      (has || !table.indexes.some(({ name }) => name === 'PRIMARY'));
    if (has === gets) return [];
    return [
      `alter table ${quoteName(table.name)} ${has ? `add column ${key}` : 'drop primary key, drop column my_row_id'}`,
    ];
  });
}

function isFilled({ tables, views, routines, events }: SchemaModel): boolean {
  return [tables, views, routines, events].some((list) => list.length > 0);
}

/** Those of ALTER TABLE, of dropping again, and of reading the catalogue. https://dev.mysql.com/doc/refman/8.4/en/alter-table.html */
const always = ['SELECT', 'CREATE', 'ALTER', 'INSERT', 'DROP'];

/** Which privileges the statements need that the account has not, with what grants them; null where it has all. */
async function lackingFor(
  scratch: CatalogueConnection,
  statements: readonly string[],
): Promise<string | null> {
  const [grants, [database]] = [
    await scratch.execute<Record<string, string>[]>('show grants'),
    await scratch.execute<{ name: string }[]>('select database() as name'),
  ];
  const name = database?.name ?? '';
  const privileges = [...always, ...statements.flatMap(privilegesFor)];
  // To read again what a view says.
  if (privileges.includes('CREATE VIEW')) privileges.push('SHOW VIEW');
  const parsed = parseGrants(grants.flatMap((row) => Object.values(row)));
  const { missing } = rightsOn(parsed, {
    schema: name,
    tables: [],
    needed: [...new Set(privileges)],
    harmless: [],
  });
  if (missing.length === 0) return null;
  const all = missing.join(', ');
  return `the migrator’s account lacks ${all} on the scratch database: as the administrator, GRANT ${all} ON ${quoteName(name)}.* TO it`;
}

/** The statement that the server refused, with MySQL's number; null if all ran. */
async function run(scratch: CatalogueConnection, statements: readonly string[]): Promise<string | null> {
  for (const [at, sql] of statements.entries()) {
    try {
      await scratch.execute(sql);
    } catch (error) {
      // A lost session must not leave a later statement in another mode.
      const number = (error as { readonly errno?: unknown }).errno;
      return `MySQL refuses statement ${at + 1} of ${statements.length}${typeof number === 'number' ? ` (${number})` : ''}`;
    }
  }
  return null;
}
