import { readdir, readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { asksFor, readExample } from '../../scripts/api-docs/examples.ts';
import { renderApi, rootFields } from '../../scripts/api-docs.ts';
import type { DatabaseConfig } from '../../src/config/groups/database.ts';
import { createSchema } from '../../src/graphql/schema.ts';
import { seed } from '../../src/seeders/seed.ts';
import { sourceNames } from '../../src/source-name.ts';
import { createDatabases, environmentOf } from '../helpers/databases.ts';
import { connect } from '../helpers/driver.ts';
import { tandem } from '../helpers/run-command-line.ts';
import { startServer } from '../helpers/server.ts';

const schema = await createSchema();
const names = rootFields(schema);
const files = (await readdir('docs/examples')).toSorted();
const examples = (
  await Promise.all(
    files.map(async (file) => readExample(file, await readFile(`docs/examples/${file}`, 'utf8'))),
  )
).toSorted((one, other) => names.indexOf(one.field) - names.indexOf(other.field));

it('has an example in docs/examples for every query and mutation', () => {
  expect(names.filter((name) => !examples.some(({ field }) => field === name))).toEqual([]);
  expect(examples.filter((example) => !asksFor(example)).map(({ field }) => field)).toEqual([]);
});

// `npm run docs` rewrites the page; the diff then shows what changed.
it('has the examples and their answers in docs/api.md, and every type as it is', async () => {
  await using databases = await createDatabases();
  await using server = await startServer(databases.config);
  await Promise.all(sourceNames.map((name) => seed(server.sources[name], 20)));
  // For the examples about what differs.
  const { GCP } = databases.config.databases;
  const connection = await connect(GCP, GCP.migrator);
  await connection.query('alter table patients modify contact_number varchar(15) null');
  await connection.end();
  await tandem(['parity', '--throttle', '100', '--settle', '50'], environmentOf(databases.config));
  await addOldRun(databases.config.databases.AZURE);
  const answers = new Map<(typeof examples)[number], unknown>();
  for (const example of examples) {
    const { data, errors } = await server.ask(example.document);
    expect([example.field, errors]).toEqual([example.field, undefined]);
    answers.set(example, data);
  }
  await expect(renderApi(schema, examples, answers)).toMatchFileSnapshot('../../docs/api.md');
});

/** A run that can be cancelled, under the id of the example, from before the one that the other examples show. */
async function addOldRun(database: DatabaseConfig): Promise<void> {
  const connection = await connect(database, database.migrator);
  await connection.query(
    `insert into tandem_parity_run (id, state, options, account, host, started_at, seen_at) values
      ('6f0f8a52-6b1c-4a3e-9b36-0d0f2f6f7c11', 'RUNNING', '{"tables": [], "since": null, "tableCount": 3}', '', '', '2026-01-01', utc_timestamp(3))`,
  );
  await connection.end();
}
