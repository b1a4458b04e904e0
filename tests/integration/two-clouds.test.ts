import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDatabases, environmentOf, type TestDatabases } from '../helpers/databases.ts';
import { connect } from '../helpers/driver.ts';
import { tandem } from '../helpers/run-command-line.ts';
import { startServer } from '../helpers/server.ts';

/** The operation of docs/two-clouds.md. */
const document = /```graphql\n(.*?)```/s.exec(readFileSync('docs/two-clouds.md', 'utf8'))?.[1] ?? '';

let databases: TestDatabases;
beforeAll(async () => {
  databases = await createDatabases();
});
afterAll(() => databases?.[Symbol.asyncDispose]());

const parity = (...args: string[]) =>
  tandem(
    ['parity', 'doctors', '--settle', '40', '--throttle', '100', ...args],
    environmentOf(databases.config),
  );

it('writes one row to both clouds by two aliases, and parity finds them equal', async () => {
  await using server = await startServer(databases.config);
  const doctor = { firstName: 'Dora', lastName: 'Both', licenceNumber: 'BOTH-1' };
  const { data, errors } = await server.ask(document, { doctor });
  expect(errors).toBeUndefined();
  expect(data).toEqual({ azure: { doctor: { key: 1 } }, gcp: { doctor: { key: 1 } } });
  expect(await parity()).toMatchObject({ code: 0 });
});

it('shows both outcomes where one cloud refuses, and a repair carries the row over', async () => {
  await using server = await startServer(databases.config);
  const { GCP } = databases.config.databases;
  const connection = await connect(GCP, GCP.migrator);
  await connection.query(
    "insert into doctors (id, first_name, last_name, licence_number) values (7, 'In', 'The way', 'BOTH-2')",
  );
  const doctor = { firstName: 'Dan', lastName: 'Both', licenceNumber: 'BOTH-2' };
  const { data, errors } = await server.ask(document, { doctor });
  expect(data).toEqual({ azure: { doctor: { key: 2 } }, gcp: null });
  expect(errors).toMatchObject([{ path: ['gcp'], extensions: { code: 'DUPLICATE', source: 'GCP' } }]);

  const found = await parity();
  expect(found.code).toBe(2);
  expect(found.stdout).toContain('id=2 is only on azure');
  expect(found.stdout).toContain('id=7 is only on gcp');
  const repaired = await parity('--repair', 'azure-to-gcp', '--apply');
  expect(repaired).toMatchObject({ code: 0, stdout: expect.stringContaining('Compared again: SAME') });
  await connection.end();
});
