import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openSource } from '../../src/sources/source.ts';
import { createDatabases, environmentOf, pool, type TestDatabases } from '../helpers/databases.ts';
import { mikroOrm } from '../helpers/run-command-line.ts';
import { startServing } from '../helpers/serving.ts';

let databases: TestDatabases;
beforeAll(async () => {
  databases = await createDatabases();
});
afterAll(() => databases?.[Symbol.asyncDispose]());

const canary = 'Canaria';

/** Variables of our dependencies that print, send, or change what is done. */
const foreign = {
  MIKRO_ORM_DEBUG: 'true',
  MIKRO_ORM_HOST: 'canary.invalid',
  MIKRO_ORM_DB_NAME: 'canary',
  MIKRO_ORM_CLIENT_URL: 'mysql://canary:canary@canary.invalid/canary',
  MIKRO_ORM_MIGRATIONS_TABLE_NAME: 'canary',
  MIKRO_ORM_ENSURE_INDEXES: 'true',
  DEBUG: '*',
  NODE_DEBUG: 'mysql2',
  OTEL_LOG_LEVEL: 'ALL',
  APOLLO_KEY: 'service:canary:canary',
  APOLLO_GRAPH_REF: 'canary@current',
  APOLLO_SCHEMA_REPORTING: 'true',
  // Where something is reported, it would go here, and fail in the log.
  APOLLO_USAGE_REPORTING_OVERRIDE: 'canary',
};

describe('variables of other programs', () => {
  it('make the server print no value, report to nobody and ask no other host', async () => {
    const serving = await startServing({
      ...environmentOf(databases.config),
      ...foreign,
      LOG_LEVEL: 'trace',
    });
    let said = '';
    try {
      const response = await fetch(`${serving.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          query: `mutation { createPatient(source: AZURE, input: { firstName: "${canary}", lastName: "Canaris", dateOfBirth: "1999-01-01", gender: MALE }) { patient { firstName } } }`,
        }),
      });
      expect(await response.json()).toEqual({ data: { createPatient: { patient: { firstName: canary } } } });
    } finally {
      serving.kill('SIGTERM');
      expect((await serving.ended()).how).toBe(0);
      said = JSON.stringify(serving.lines);
    }
    expect(said).toContain('"msg":"request"');
    expect(said).not.toMatch(/canar|insert into/i);
  });

  it('leave MikroORM’s own CLI as it is', async () => {
    const { code, stdout } = await mikroOrm(['migration:check', '--contextName', 'azure'], {
      ...environmentOf(databases.config),
      MIKRO_ORM_MIGRATIONS_SNAPSHOT_NAME: 'canary',
    });
    expect([code, stdout]).toEqual([0, expect.stringMatching(/No changes required/)]);
  });

  it('do not turn off the check of certificates', async () => {
    const { AZURE } = databases.config.databases;
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    try {
      await using source = await openSource('AZURE', { ...AZURE, tls: { mode: 'VERIFY_IDENTITY' } }, pool);
      await expect(source.read((em) => em.execute('select 1'))).rejects.toMatchObject({
        extensions: { code: 'SOURCE_UNAVAILABLE' },
      });
    } finally {
      vi.unstubAllEnvs();
    }
  });
});
