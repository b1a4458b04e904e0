import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { MikroORM } from '@mikro-orm/mysql';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { offlineOptions } from '../../src/migrator/offline.ts';

afterEach(() => vi.unstubAllEnvs());

/** Every variable that MikroORM's own loader reads, taken from its source: a new version may read more. */
function variablesOfMikroOrm(): string[] {
  const core = createRequire(import.meta.url).resolve('@mikro-orm/core');
  const source = readFileSync(new URL('utils/env-vars.js', `file://${core}`), 'utf8');
  const prefixes = [...source.matchAll(/(read\d) = read\.bind\(null, [\w.]+, '(\w+)'\)/g)];
  return prefixes.flatMap(([, reader, prefix]) =>
    [...source.matchAll(new RegExp(`${reader}\\('(\\w+)'`, 'g'))].map(
      ([, key = '']) => prefix + key.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase(),
    ),
  );
}

/** All options as they are in force. */
async function optionsInForce(): Promise<Record<string, unknown>> {
  const orm = await MikroORM.init(offlineOptions('AZURE'));
  const all = orm.config.getAll() as unknown as Record<string, unknown>;
  await orm.close(true);
  return JSON.parse(
    JSON.stringify(all, (_key, value) => (typeof value === 'function' ? String(value) : value)),
  );
}

describe('MikroORM', () => {
  const names = variablesOfMikroOrm();

  it('reads variables that would apply to both clouds', () => {
    expect(names.length).toBeGreaterThan(50);
    expect(names).toEqual(expect.arrayContaining(['MIKRO_ORM_DEBUG', 'MIKRO_ORM_MIGRATIONS_TABLE_NAME']));
  });

  it.each(['true', 'false', '7'])('has the same options where all of them are set to %s', async (value) => {
    const expected = await optionsInForce();
    for (const name of names) vi.stubEnv(name, value);
    // A URL is read while the options are made.
    vi.stubEnv('MIKRO_ORM_CLIENT_URL', 'mysql://canary:canary@canary.example:1/canary');
    expect(await optionsInForce()).toEqual(expected);
  });
});
