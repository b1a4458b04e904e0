import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect } from 'vitest';
import { migrateUp } from '../../src/migrator/up.ts';
import { createDatabases, pool, serverPair, type TestDatabases } from '../helpers/databases.ts';
import { hasNativeServer } from '../helpers/local-home.ts';
import { startOwnServer } from '../helpers/own-server.ts';
import { startServer } from '../helpers/server.ts';
import { killSessions } from '../helpers/sessions.ts';
import { ask, askMany, azure, changed, slowest, tally, untilOk, warm } from './asking.ts';
import { row, seconds } from './row.ts';

const native = (await hasNativeServer()) ? null : 'needs a MySQL server of its own';
const run = promisify(execFile);

let databases: TestDatabases;
beforeAll(async () => {
  databases = await createDatabases();
});
afterAll(() => databases?.[Symbol.asyncDispose]());

row(
  19,
  'a wrong password, then the right one',
  'SOURCE_UNAVAILABLE; the secret in no output; recovers when it is right',
  async (tell) => {
    await using own = await startOwnServer();
    await migrateUp('AZURE', own.config, pool);
    const rotated = 'canary-rotated-password';
    await using server = await startServer(
      changed(databases.config, { ...own.config, runtime: { user: 'tandem', password: rotated } }),
    );
    const results = [];
    for (let at = 0; at < 4; at++) results.push(await ask(server, azure));
    expect(tally(results)).toBe('SOURCE_UNAVAILABLE 4');
    await own.sql(`alter user tandem identified by '${rotated}'`);
    const healed = await untilOk(server, azure);
    expect(healed).toBeLessThan(6000);
    expect(server.log.join('')).not.toContain(rotated);
    tell(`refused in ${seconds(slowest(results))}; answers ${seconds(healed)} after it is right`);
  },
  { cannot: native },
);

row(
  19.1,
  'the command that prints the token hangs, fails, is right again; the token is replaced',
  'SOURCE_UNAVAILABLE in ≤ 3.2 s; the secret in no output; no process left; recovers; 0 failed reads',
  async (tell) => {
    await using own = await startOwnServer();
    await migrateUp('AZURE', own.config, pool);
    const home = await mkdtemp(join(tmpdir(), 'tandem-token-'));
    const script = join(home, 'token');
    const becomes = (text: string) => writeFile(script, text);
    const running = () =>
      run('pgrep', ['-f', `^sleep 613.${own.port}`]).then(
        ({ stdout }) => stdout,
        () => '',
      );
    try {
      const password = { argv: ['sh', script], cacheMs: 60_000 } as const;
      await using server = await startServer(
        changed(databases.config, { ...own.config, runtime: { user: 'tandem', password } }),
      );
      await warm(server);
      await becomes(`echo canary; sleep 613.${own.port}; echo`);
      const hung = await askMany(server, azure, 5);
      expect(tally(hung)).toBe('SOURCE_UNAVAILABLE 5');
      expect(slowest(hung)).toBeLessThan(3200);
      await delay(100);
      expect(await running()).toBe('');
      const failed = [];
      for (const text of ['echo canary', 'echo canary; echo canary >&2; exit 3', 'exit 0', 'yes canary']) {
        await becomes(text);
        failed.push(await ask(server, azure));
      }
      expect(tally(failed)).toBe('SOURCE_UNAVAILABLE 4');
      await own.sql("alter user tandem identified by 'canary-first'");
      await becomes('echo canary-first');
      const healed = await untilOk(server, azure);
      expect(healed).toBeLessThan(6000);
      const after = [];
      for (const token of ['canary-second', 'canary-third', 'canary-fourth']) {
        await own.sql(`alter user tandem identified by '${token}'`);
        await becomes(`echo ${token}`);
        const sessions = await own.sql<{ id: number }>(
          "select id from information_schema.processlist where user = 'tandem'",
        );
        await killSessions(
          own.sql,
          sessions.map(({ id }) => id),
        );
        after.push(...(await askMany(server, azure, 40)));
      }
      expect(tally(after)).toBe('ok 120');
      const log = server.log.join('');
      expect(log).toMatch(/PASSWORD_COMMAND_TIMEOUT.*ACCESS_DENIED.*PASSWORD_COMMAND_FAILED/s);
      expect(log).not.toContain('canary');
      tell(
        `hung ${seconds(slowest(hung))}, failed in ${seconds(slowest(failed))}; answers ${seconds(healed)} after it is right; 0 of ${after.length} reads failed of three new tokens`,
      );
    } finally {
      await rm(home, { recursive: true });
    }
  },
  { cannot: native },
);

row(
  20,
  'certificate expired, of another authority, of another host; no TLS',
  'refused, each with its own reason',
  async (tell) => {
    const day = 86_400_000;
    const reasons: string[] = [];
    const refused = async (config: Parameters<typeof changed>[1]) => {
      await using server = await startServer(changed(databases.config, config));
      expect((await ask(server, azure)).code).toBe('SOURCE_UNAVAILABLE');
      reasons.push(/"reason":"(TLS_\w+)"/.exec(server.log.join(''))?.[1] ?? 'none');
    };
    for (const options of [
      { certifiedAt: new Date(Date.now() - 900 * day) },
      { certifiedFor: { dns: 'elsewhere.test', ip: '192.0.2.1' } },
      { more: ['--ssl-ca=', '--ssl-cert=', '--ssl-key=', '--require-secure-transport=OFF'] },
    ]) {
      await using own = await startOwnServer(options);
      await refused(own.config);
    }
    await using other = await startOwnServer();
    await refused({ ...other.config, tls: serverPair().databases.GCP.tls });
    expect(reasons).toEqual(['TLS_CERT_EXPIRED', 'TLS_HOST_MISMATCH', 'TLS_NOT_OFFERED', 'TLS_CA_UNKNOWN']);
    tell(reasons.join(', '));
  },
  { cannot: native },
);
