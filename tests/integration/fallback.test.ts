import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AccessRules } from '../../src/access/permission.ts';
import { seed } from '../../src/seeders/seed.ts';
import { type SourceName, sourceNames } from '../../src/source-name.ts';
import { askAs, authFor } from '../helpers/api-key-callers.ts';
import { createDatabases, type TestDatabases } from '../helpers/databases.ts';
import { connect } from '../helpers/driver.ts';
import { statementsOf } from '../helpers/sent-statements.ts';
import { type ServerOptions, startServer, type TestServer } from '../helpers/server.ts';

let databases: TestDatabases;
/** Both clouds answer. */
let up: TestServer;
/** AZURE does not. */
let down: TestServer;

/** The config with sources that refuse connections: nothing listens on the port. */
const without = (...sources: readonly SourceName[]) => {
  const { config } = databases;
  const gone = Object.fromEntries(sources.map((name) => [name, { ...config.databases[name], port: 9 }]));
  return { ...config, databases: { ...config.databases, ...gone } };
};
const toGcp = (name: string) => ({ path: [name], from: 'AZURE', to: 'GCP' });

beforeAll(async () => {
  databases = await createDatabases();
  up = await startServer(databases.config, { bothExecutors: true });
  down = await startServer(without('AZURE'), { bothExecutors: true });
  await Promise.all(sourceNames.map((name) => seed(up.sources[name], 20)));
});
afterAll(async () => {
  await up?.[Symbol.asyncDispose]();
  await down?.[Symbol.asyncDispose]();
  await databases?.[Symbol.asyncDispose]();
});

const fields = `
  page: patients(source: AZURE, orElse: GCP, first: 5, orderBy: [{ lastName: ASC }]) {
    nodes { key source lastName records(first: 1) { nodes { source patient { source } } } }
    pageInfo { endCursor }
  }
  one: patient(source: AZURE, orElse: GCP, key: 3) { key source lastName }
  none: doctor(source: AZURE, orElse: GCP, key: 5000) { key }
  groups: patientsAggregate(source: AZURE, orElse: GCP) { count }`;

describe('a field with orElse', () => {
  it('reads the source while that answers, and says nothing of the other', async () => {
    const statements = await statementsOf(up.sources.GCP, async () => {
      const { data, errors, extensions } = await up.ask(`{ ${fields} }`);
      expect(errors).toBeUndefined();
      expect(extensions).toBeUndefined();
      expect(data.page.nodes[0].source).toBe('AZURE');
      expect(data.one.source).toBe('AZURE');
    });
    expect(statements).toEqual([]);
  });

  it('reads the other as a whole where the source does not answer, and tells so in each row and beside the data', async () => {
    const expected = await up.ask(`{ ${fields.replaceAll('source: AZURE, orElse: GCP', 'source: GCP')} }`);
    // First, repeated by the fast path, and with the breaker open.
    for (let time = 0; time < 4; time += 1) {
      const { data, errors, extensions } = await down.ask(`{ ${fields} }`);
      expect(errors).toBeUndefined();
      expect(data).toEqual(expected.data);
      expect(JSON.stringify(data.page.nodes)).toContain('{"source":"GCP","patient":{"source":"GCP"}}');
      expect(JSON.stringify(data)).not.toContain('AZURE');
      expect(data.groups).toEqual([{ count: 20 }]);
      expect(extensions.fallbacks.toSorted(byPath)).toEqual(['groups', 'none', 'one', 'page'].map(toGcp));
    }
    expect(down.sources.AZURE.stats().breaker).not.toBe('CLOSED');
  });

  it('leaves other fields of the operation as they are', async () => {
    const { data, errors, extensions } = await down.ask(
      '{ with: patient(source: AZURE, orElse: GCP, key: 1) { source } without: patient(source: AZURE, key: 1) { source } gcp: patient(source: GCP, orElse: AZURE, key: 1) { source } }',
    );
    expect(data).toEqual({ with: { source: 'GCP' }, without: null, gcp: { source: 'GCP' } });
    expect(errors?.map(({ path, extensions: { code, source } }) => [path, code, source])).toEqual([
      [['without'], 'SOURCE_UNAVAILABLE', 'AZURE'],
    ]);
    expect(extensions).toEqual({ fallbacks: [toGcp('with')] });
  });

  it('takes cursors of either source, by variables too', async () => {
    const query = `query ($after: String, $orElse: Source) {
      patients(source: AZURE, orElse: $orElse, first: 6, after: $after, orderBy: [{ dateOfBirth: DESC }]) { nodes { key source } pageInfo { endCursor hasNextPage } }
    }`;
    const keys: number[] = [];
    const sources: string[] = [];
    let after: string | null = null;
    for (let page = 0; ; page += 1) {
      const { data, errors } = await (page % 2 === 0 ? up : down).ask(query, { after, orElse: 'GCP' });
      expect(errors).toBeUndefined();
      for (const { key, source } of data.patients.nodes) {
        keys.push(key);
        sources.push(source);
      }
      after = data.patients.pageInfo.endCursor;
      if (!data.patients.pageInfo.hasNextPage) break;
    }
    const { data } = await up.ask(
      '{ patients(source: AZURE, first: 100, orderBy: [{ dateOfBirth: DESC }]) { nodes { key } } }',
    );
    expect(keys).toEqual(data.patients.nodes.map(({ key }: { key: number }) => key));
    expect(new Set(sources)).toEqual(new Set(sourceNames));
    const none = await down.ask(query, { after: null, orElse: null });
    expect(none.errors?.[0]?.extensions.code).toBe('SOURCE_UNAVAILABLE');
  });

  it('fails where neither answers, and tells of no fallback', async () => {
    await using one = await startServer(without('AZURE', 'GCP'));
    const { data, errors, extensions } = await one.ask(
      '{ patient(source: AZURE, orElse: GCP, key: 1) { key } }',
    );
    expect(data).toEqual({ patient: null });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'SOURCE_UNAVAILABLE', source: 'GCP' });
    expect(extensions).toBeUndefined();
  });

  it('does not ask the other about what is wrong with the request', async () => {
    const statements = await statementsOf(up.sources.GCP, async () => {
      for (const given of [
        'first: -1',
        'after: "x"',
        'where: { key: { in: [] }, lastName: { contains: "" } }, first: 5000',
      ]) {
        const { errors } = await up.ask(
          `{ patients(source: AZURE, orElse: GCP, ${given}) { nodes { key } } }`,
        );
        expect(errors?.[0]?.extensions.code, given).toBe('BAD_USER_INPUT');
      }
      const { errors } = await up.ask('{ patients(source: AZURE, orElse: AZURE) { nodes { key } } }');
      expect(errors?.[0]).toMatchObject({
        message: 'orElse is AZURE, as source is: name the other cloud, or leave it out.',
        extensions: { code: 'BAD_USER_INPUT' },
      });
    });
    expect(statements).toEqual([]);
  });

  it('is none of mutations, of lists below rows, and of fields that are about a source itself', async () => {
    for (const operation of [
      'mutation { deletePatient(source: AZURE, orElse: GCP, key: 1) { key } }',
      '{ patients(source: AZURE) { nodes { records(orElse: GCP) { nodes { key } } } } }',
      '{ source(source: AZURE, orElse: GCP) { state } }',
    ]) {
      const { errors } = await up.ask(operation);
      expect(errors?.[0]?.extensions.code, operation).toBe('GRAPHQL_VALIDATION_FAILED');
    }
  });

  it('gives the source half of the time, and the other the rest', async () => {
    const { config } = databases;
    const limits = { ...config.limits, operationTimeoutMs: 4000 };
    await using one = await startServer({ ...config, limits });
    const database = config.databases.AZURE;
    const [reader, changer] = [
      await connect(database, database.migrator),
      await connect(database, database.migrator),
    ];
    // Reads wait for a change of the table, which waits for a transaction.
    await reader.query('begin');
    await reader.query('select 1 from patients');
    const changed = changer.query("alter table patients comment = 'changed'");
    await setTimeout(200);
    const began = performance.now();
    const { data, errors, extensions } = await one.ask(
      '{ with: patient(source: AZURE, orElse: GCP, key: 1) { source } without: patient(source: AZURE, key: 1) { source } }',
    );
    const took = performance.now() - began;
    await reader.query('rollback');
    await changed;
    reader.destroy();
    changer.destroy();
    expect(data).toEqual({ with: { source: 'GCP' }, without: null });
    expect(errors?.map(({ path, extensions: { code } }) => [path, code])).toEqual([[['without'], 'TIMEOUT']]);
    expect(extensions.fallbacks).toEqual([toGcp('with')]);
    expect(took).toBeGreaterThan(3900);
  });

  it('is counted by source', async () => {
    const one = await startServer(without('AZURE'));
    for (let time = 0; time < 3; time += 1) {
      await one.ask(
        '{ a: patient(source: AZURE, orElse: GCP, key: 1) { key } b: patient(source: AZURE, orElse: GCP, key: 2) { key } }',
      );
    }
    const text = await (await fetch(`${one.url}/metrics`)).text();
    await one[Symbol.asyncDispose]();
    expect(text).toContain('tandem_graphql_fallbacks_total{source="AZURE",to="GCP"} 6');
  });

  it('needs the right to read both sources, whichever answers', async () => {
    const rules: AccessRules = {
      roles: { azure: { description: 'A test.' }, both: { description: 'A test.' } },
      tables: {
        Patient: { azure: { read: { sources: ['AZURE'] } }, both: { read: { columns: ['lastName'] } } },
      } as never,
    };
    const auth = await authFor({ azure: { roles: ['azure'] }, both: { roles: ['both'] } });
    for (const config of [databases.config, without('AZURE')]) {
      await using one = await startServer({ ...config, auth }, { rules } as ServerOptions);
      const { data, errors } = await askAs(
        one,
        'azure',
        '{ patients(source: AZURE, orElse: GCP) { nodes { key } } }',
      );
      expect(data).toEqual({ patients: null });
      expect(errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', source: 'GCP' });
      const both = await askAs(
        one,
        'both',
        '{ patients(source: AZURE, orElse: GCP, first: 1) { nodes { lastName } } }',
      );
      expect(both.errors).toBeUndefined();
    }
  });
});

const byPath = (a: { path: string[] }, b: { path: string[] }) => String(a.path).localeCompare(String(b.path));
