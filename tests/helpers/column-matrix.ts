import { readFileSync } from 'node:fs';
import type { GraphQLInputObjectType, GraphQLObjectType, GraphQLSchema } from 'graphql';
import { expect } from 'vitest';
import { columnSql } from '../../src/drift/ddl.ts';
import { compareSources } from '../../src/drift/drift.ts';
import type { DriftFinding } from '../../src/drift/finding.ts';
import { takeSnapshot } from '../../src/drift/snapshot.ts';
import { createSchema } from '../../src/graphql/schema.ts';
import type { SchemaModel } from '../../src/information-schema/model.ts';
import { openParityClient } from '../../src/parity/client.ts';
import { runParity } from '../../src/parity/run.ts';
import { type SourceName, sourceNames } from '../../src/source-name.ts';
import { openSource } from '../../src/sources/source.ts';
import type { Samples } from '../fixtures/sakila/samples.ts';
import { asMigrator, createDatabases, pool } from './databases.ts';
import { withOtherType } from './near-types.ts';
import { dice } from './random-schema.ts';
import { seed } from './random-seed.ts';
import { type SakilaServer, startSakila, typesTables } from './sakila.ts';
import { type Answer, post } from './server.ts';

/** A row of a table of types: the value of one of its columns. */
export interface Filled {
  readonly key: number;
  readonly value: unknown;
}

/** What the cells of the matrix look at: one server, the rows of both clouds, and what differs between them. */
export interface Matrix extends AsyncDisposable {
  readonly server: SakilaServer;
  readonly schema: GraphQLSchema;
  /** The tables as MySQL's catalogue has them. */
  readonly model: SchemaModel;
  /** Asks both executors what must have no errors. */
  ask(query: string, variables?: Record<string, unknown>): Promise<Answer['data']>;
  /** The same, of one executor: for answers that are not values of the column. */
  find(query: string, variables?: Record<string, unknown>): Promise<Answer['data']>;
  /** What rows hold in the form of the API, by what the test gave: in the order of the keys. */
  rows(samples: Samples): readonly Filled[];
  /** What the mutation answered that made them. */
  made(samples: Samples, source: SourceName): readonly Filled[];
  /** The order of values that are not null; null where only equality is known. */
  orderOf(samples: Samples): Promise<Compare | null>;
  /** Runs it at the first call with a name, and answers all with its result. */
  once<Result>(name: string, work: () => Promise<Result>): Promise<Result>;
  /** The rows of GCP in which another value was planted, with the columns in which each comparison saw a difference. */
  readonly planted: Readonly<Record<'parity' | 'compare', ReadonlyMap<string, readonly string[]>>>;
  keyOfPlant(samples: Samples): number;
  /** Rows of a table without plants. */
  isUntouched(many: string, key: number): boolean;
  /** What drift found of each column after its type was changed. */
  readonly drifted: ReadonlyMap<string, readonly Drifted[]>;
  /** What the golden files have. */
  readonly golden: { readonly schema: string; readonly types: ReadonlyMap<string, string> };
}

type Drifted = Pick<DriftFinding, 'property' | 'left' | 'right'>;

export type Compare = (one: unknown, other: unknown) => number;

export const capitalized = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);
export const columnOf = (property: string) =>
  property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
export const isEqual = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
export const outputOf = ({ output }: Samples, value: unknown) =>
  value === null || output === undefined ? value : output(value as never);

const randomValues = process.env.TANDEM_LONG === '1' ? 400 : 12;

/** Extreme values, random ones, some of them twice, and nulls. */
function valuesOf({ extremes, random }: Samples): readonly unknown[] {
  const luck = dice(seed);
  const values = [...extremes, ...Array.from({ length: randomValues }, () => random(luck))];
  return [...values, ...values.slice(0, 5), null, null];
}

export async function openMatrix(columns: readonly Samples[]): Promise<Matrix> {
  await using opened = new AsyncDisposableStack();
  const server = opened.use(await startSakila({ bothExecutors: true, lavish: true }));
  const asking =
    (of: (query: string, variables: Record<string, unknown>) => Promise<Answer>): Matrix['ask'] =>
    async (query, variables = {}) => {
      const { data, errors } = await of(query, variables);
      expect(
        errors,
        `${query.slice(0, 2000)}\n${server.log.slice(-2).join('')}`.slice(0, 4000),
      ).toBeUndefined();
      return data;
    };
  const ask = asking(server.ask);
  const find = asking((query, variables) => post(server.url, query, variables));
  const tables = Map.groupBy(columns, ({ many }) => many);
  const rows = new Map<Samples, readonly Filled[]>();
  const made = new Map<string, readonly Filled[]>();
  for (const [many, list] of tables) {
    const { inputs, held } = contentsOf(list);
    const type = capitalized(list[0]?.one as string);
    const fields = list.map(({ column }) => column).join(' ');
    for (const source of sourceNames) {
      const data = await ask(
        `mutation ($inputs: [Create${type}Input!]!) { made: create${capitalized(many)}(source: ${source}, inputs: $inputs) { ${many} { key ${fields} } } }`,
        { inputs },
      );
      const answered = data.made[many] as Record<string, unknown>[];
      const keyAt = (at: number) => answered[at]?.key as number;
      for (const samples of list) {
        const { column } = samples;
        rows.set(
          samples,
          held.map((row, at) => ({ key: keyAt(at), value: row[column] })),
        );
        made.set(
          `${source} ${many}.${column}`,
          answered.map((row, at) => ({ key: keyAt(at), value: row[column] })),
        );
      }
    }
  }
  const keyOfPlant = (samples: Samples) =>
    rows.get(samples)?.[tables.get(samples.many)?.indexOf(samples) ?? 0]?.key as number;
  const planted = await plant({ server, ask, tables, rows, keyOfPlant });
  const { model, drifted } = await driftOfTypes(columns);
  const schema = await createSchema();
  const results = new Map<string, Promise<unknown>>();
  const once: Matrix['once'] = (name, work) => {
    const result = results.get(name) ?? work();
    results.set(name, result);
    return result as ReturnType<typeof work>;
  };
  const close = opened.move();
  return {
    server,
    schema,
    model,
    ask,
    find,
    rows: (samples) => rows.get(samples) as readonly Filled[],
    made: ({ many, column }, source) => made.get(`${source} ${many}.${column}`) as readonly Filled[],
    async orderOf(samples) {
      if (samples.exactly !== true) return (samples.compare as Compare | undefined) ?? null;
      return once(`order of ${samples.many}.${samples.column}`, () =>
        collatedOrder(server, samples, rows.get(samples) as Filled[]),
      );
    },
    once,
    planted,
    keyOfPlant,
    isUntouched: (many, key) => tables.get(many)?.every((samples) => keyOfPlant(samples) !== key) === true,
    drifted,
    // Read when it is asked for: a first run writes the files.
    get golden() {
      return readGolden();
    },
    [Symbol.asyncDispose]: () => close.disposeAsync(),
  };
}

/** The rows of a table, as they are given and as the API should have them. */
function contentsOf(list: readonly Samples[]) {
  const written = list.filter(({ computed }) => computed === undefined);
  const given = written.map((samples) => ({ samples, values: valuesOf(samples) }));
  const most = Math.max(...given.map(({ values }) => values.length));
  const inputs = Array.from({ length: most }, (_, at) =>
    Object.fromEntries(given.map(({ samples, values }) => [samples.column, values[at] ?? null])),
  );
  const held = inputs.map((input) =>
    Object.fromEntries(
      list.map((samples) => [
        samples.column,
        samples.computed === undefined ? outputOf(samples, input[samples.column]) : samples.computed(input),
      ]),
    ),
  );
  return { inputs, held };
}

function readGolden(): Matrix['golden'] {
  const read = (file: string) => readFileSync(new URL(`../golden/${file}`, import.meta.url), 'utf8');
  const { tables } = JSON.parse(read('column-types-database.json')) as Pick<SchemaModel, 'tables'>;
  const types = tables.flatMap((table) =>
    table.columns.map(({ name, type }) => [`${table.name}.${name}`, type] as const),
  );
  return { schema: read('column-types.graphql'), types: new Map(types) };
}

/** The order that a collation gives the values of a column, by the database. */
async function collatedOrder(server: SakilaServer, { many, column }: Samples, rows: readonly Filled[]) {
  const ranks = await server.sql(
    'AZURE',
    `select id, dense_rank() over (order by \`${columnOf(column)}\`) as place from ${many}`,
  );
  const byKey = new Map(ranks.map(({ id, place }) => [id, place as number]));
  const byValue = new Map(rows.map(({ key, value }) => [value, byKey.get(key) as number]));
  return (a: unknown, b: unknown) => (byValue.get(a) as number) - (byValue.get(b) as number);
}

type Planting = Pick<Matrix, 'server' | 'ask' | 'keyOfPlant'> & {
  readonly tables: ReadonlyMap<string, readonly Samples[]>;
  readonly rows: ReadonlyMap<Samples, readonly Filled[]>;
};

/** Gives each column another value in a row of GCP of its own, and compares the clouds by both ways there are. */
async function plant({ server, ask, tables, rows, keyOfPlant }: Planting): Promise<Matrix['planted']> {
  const parity = new Map<string, readonly string[]>();
  const compare = new Map<string, readonly string[]>();
  for (const [many, list] of tables) {
    const type = capitalized(list[0]?.one as string);
    const written = list.filter(({ computed }) => computed === undefined);
    for (const samples of list.filter(({ plant: by }) => by !== undefined)) {
      await server.sql('GCP', `update ${many} set ${samples.plant} where id = ${keyOfPlant(samples)}`);
    }
    const inputs = written.map((samples) => {
      const held = rows.get(samples)?.[list.indexOf(samples)]?.value;
      const other = samples.extremes.find((value) => !isSameValue(samples, value, held)) ?? null;
      return { [samples.column]: other };
    });
    await ask(
      `mutation (${inputs.map((_, at) => `$i${at}: Update${type}Input!`).join(', ')}) { ${written
        .map(
          (samples, at) =>
            `u${at}: update${type}(source: GCP, key: ${keyOfPlant(samples)}, input: $i${at}) { __typename }`,
        )
        .join(' ')} }`,
      Object.fromEntries(inputs.map((input, at) => [`i${at}`, input])),
    );
    const data = await ask(`{ rows: ${many}Compared(first: 1000) { nodes { key status differing } } }`);
    const { nodes } = data.rows as { nodes: { key: number; status: string; differing: string[] }[] };
    for (const { key, status, differing } of nodes) {
      if (status !== 'SAME') compare.set(`${many} ${key}`, differing);
    }
  }
  await using azure = await openParityClient('AZURE', server.config);
  await using gcp = await openParityClient('GCP', server.config);
  const request = { tables: [...tables.keys()], since: null, resume: false, throttle: 100, settleMs: 20 };
  const report = await runParity({ AZURE: azure, GCP: gcp }, request);
  for (const { table, differences } of report.tables) {
    for (const { key, columns } of differences) parity.set(`${table} ${key?.id}`, columns);
  }
  return { parity, compare };
}

/** Whether a value that is given is one that is held. */
const isSameValue = (samples: Samples, given: unknown, b: unknown) => {
  const a = outputOf(samples, given);
  if (a === null || b === null) return a === b;
  return samples.exactly === true || samples.compare === undefined
    ? isEqual(a, b)
    : (samples.compare as Compare)(a, b) === 0;
};

/** Changes the type of each column in GCP, in databases of their own. */
async function driftOfTypes(columns: readonly Samples[]): Promise<Pick<Matrix, 'model' | 'drifted'>> {
  await using databases = await createDatabases({ migrated: false, statements: typesTables });
  const look = async (source: SourceName) => {
    const database = databases.config.databases[source];
    await using opened = await openSource(source, { ...database, runtime: database.migrator }, pool);
    return await opened.read((em) => takeSnapshot(source, em));
  };
  const azure = await look('AZURE');
  const alters = columns.map(({ many, column }) => {
    const name = columnOf(column);
    const model = azure.schema.tables
      .find((table) => table.name === many)
      ?.columns.find((each) => each.name === name);
    if (model === undefined) throw new Error(`${many} has no column ${name}.`);
    return `alter table ${many} modify ${columnSql(withOtherType(model))}`;
  });
  await asMigrator(databases.config.databases.GCP, alters);
  const { findings } = compareSources(azure, await look('GCP'));
  return { model: azure.schema, drifted: Map.groupBy(findings, ({ object }) => object) };
}

/** The fields of a type of the API, each with its type's name; a list is `list`. */
export function fieldsOf({ schema }: Matrix, type: string): Readonly<Record<string, string>> {
  const found = schema.getType(type) as GraphQLObjectType | GraphQLInputObjectType | undefined;
  return Object.fromEntries(
    Object.entries(found?.getFields() ?? {}).map(([name, field]) => [name, String(field.type)]),
  );
}
