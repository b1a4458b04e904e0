import { execFile, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect as connectSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect } from 'vitest';
import { migrateUp } from '../../src/migrator/up.ts';
import { built } from '../helpers/cli.ts';
import {
  createDatabases,
  environmentOf,
  pool,
  serverPair,
  type TestDatabases,
} from '../helpers/databases.ts';
import { connect } from '../helpers/driver.ts';
import { hasNativeServer } from '../helpers/local-home.ts';
import { startOwnServer } from '../helpers/own-server.ts';
import { startServer } from '../helpers/server.ts';
import { listen } from '../helpers/tcp.ts';
import { ask, askMany, azure, changed, fastest, gcp, slowest, tally, untilOk, warm } from './asking.ts';
import { quantile, row, seconds, timed } from './row.ts';

const native = (await hasNativeServer()) ? null : 'needs a MySQL server of its own';
const run = promisify(execFile);
const firewall = await run('unshare', ['-n', 'nft', 'list', 'ruleset']).then(
  () => null,
  () => 'needs root, for a network namespace, and nftables',
);
const root = process.getuid?.() === 0 ? null : 'needs root, for a mount namespace';

let databases: TestDatabases;
beforeAll(async () => {
  databases = await createDatabases();
});
afterAll(() => databases?.[Symbol.asyncDispose]());

row(
  1,
  'connection refused, also at start',
  'SOURCE_UNAVAILABLE in < 100 ms; the other cloud is served',
  async (tell) => {
    await using server = await startServer(changed(databases.config, { port: 9 }));
    await server.ask('{ __typename }');
    const results = [
      await ask(server, azure),
      await ask(server, azure),
      await ask(server, azure),
      await ask(server, azure),
    ];
    expect(tally(results)).toBe('SOURCE_UNAVAILABLE 4');
    expect(fastest(results)).toBeLessThan(100);
    expect((await ask(server, gcp)).code).toBe('ok');
    tell(
      `median ${seconds(
        quantile(
          results.map(({ ownMs }) => ownMs),
          0.5,
        ),
      )}, slowest ${seconds(slowest(results))}`,
    );
  },
);

row(2, 'accepts and says nothing', 'SOURCE_UNAVAILABLE in ≤ 3.2 s', async (tell) => {
  await using silent = await listen(() => {});
  await using server = await startServer(changed(databases.config, { port: silent.port }));
  await warm(server);
  const results = await askMany(server, azure, 5);
  expect(tally(results)).toBe('SOURCE_UNAVAILABLE 5');
  expect(slowest(results)).toBeLessThan(3200);
  tell(seconds(slowest(results)));
});

row(
  3,
  'packets dropped on connect by a firewall',
  'SOURCE_UNAVAILABLE in ≤ 3.2 s',
  async (tell) => {
    const { port } = databases.config.databases.AZURE;
    const script = `
      import { loadConfig } from '${built('src/config/config.ts')}';
      import { openSource } from '${built('src/sources/source.ts')}';
      import { stopwatch } from '${built('tests/helpers/own-time.ts')}';
      const { databases, pool } = loadConfig();
      const source = await openSource('AZURE', databases.AZURE, pool);
      const took = stopwatch();
      const { code, reason } = await source.arrays({ sql: 'select 1', params: [] }).catch((error) => error);
      console.log(JSON.stringify({ code, reason, ...took() }));
      process.exit();`;
    const rules = `add table inet faults
      add chain inet faults input { type filter hook input priority 0; }
      add rule inet faults input tcp dport ${port} drop`;
    const inNamespace = 'ip link set lo up && printf "%s" "$RULES" | nft -f - && exec "$0" "$@"';
    const node = [process.execPath, '--input-type=module', '--eval', script];
    const { stdout } = await run('unshare', ['-n', 'sh', '-c', inNamespace, ...node], {
      env: { ...process.env, ...environmentOf(databases.config), RULES: rules },
    });
    const { code, reason, ms, ownMs } = JSON.parse(stdout);
    expect([code, reason]).toEqual(['SOURCE_UNAVAILABLE', 'CONNECT_TIMEOUT']);
    expect(ms).toBeGreaterThan(2900);
    expect(ownMs).toBeLessThan(3200);
    tell(seconds(ownMs));
  },
  { cannot: firewall },
);

row(3.1, 'packets dropped on connect by a full backlog', 'SOURCE_UNAVAILABLE in ≤ 3.2 s', async (tell) => {
  // It listens with a queue of one, and never accepts.
  const script =
    "const s = require('net').createServer(); s.listen(0, '127.0.0.1', 1, () => { process.stdout.write(String(s.address().port)); setTimeout(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0), 50); })";
  const child = spawn(process.execPath, ['--eval', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const port = Number(await new Promise<Buffer>((resolve) => child.stdout.once('data', resolve)));
  await delay(300);
  const filling = Array.from({ length: 8 }, () => connectSocket(port, '127.0.0.1').on('error', () => {}));
  await delay(300);
  try {
    await using server = await startServer(changed(databases.config, { port }));
    await warm(server);
    const result = await ask(server, azure);
    expect(result.code).toBe('SOURCE_UNAVAILABLE');
    expect(result.ms).toBeGreaterThan(2900);
    expect(result.ownMs).toBeLessThan(3200);
    tell(seconds(result.ownMs));
  } finally {
    for (const socket of filling) socket.destroy();
    child.kill('SIGKILL');
  }
});

row(
  10,
  'the server has as many connections as it takes (1040)',
  'SOURCE_UNAVAILABLE fast; recovers unaided',
  async (tell) => {
    await using own = await startOwnServer({ more: ['--max-connections=12'] });
    await migrateUp('AZURE', own.config, { ...pool, max: 3 });
    await own.sql('select 1');
    const hogs = [];
    try {
      for (;;) hogs.push(await connect(own.config, own.config.migrator));
    } catch {
      // It is full.
    }
    await using server = await startServer(changed(databases.config, own.config));
    const results = [await ask(server, azure), await ask(server, azure), await ask(server, azure)];
    expect(tally(results)).toBe('SOURCE_UNAVAILABLE 3');
    expect(fastest(results)).toBeLessThan(500);
    for (const hog of hogs) hog.destroy();
    const healed = await untilOk(server, azure);
    expect(healed).toBeLessThan(5000);
    tell(`refused in ${seconds(fastest(results))}; answers ${seconds(healed)} after there was room`);
  },
  { cannot: native },
);

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
        for (const { id } of await own.sql<{ id: number }>(
          "select id from information_schema.processlist where user = 'tandem'",
        )) {
          await own.sql(`kill ${id}`);
        }
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

row(
  21,
  'the name server of one cloud hangs',
  'the other cloud is unaffected',
  async (tell) => {
    const silent = createSocket('udp4');
    await new Promise<void>((resolve) => silent.bind(53, '127.0.0.99', resolve));
    const home = await mkdtemp(join(tmpdir(), 'tandem-dns-'));
    await writeFile(join(home, 'resolv.conf'), 'nameserver 127.0.0.99\noptions timeout:30 attempts:5\n');
    const env = {
      ...process.env,
      ...environmentOf(databases.config),
      AZURE_DB_HOST: 'db.hangs.example',
      PORT: '0',
    };
    const script = `mount --bind ${home}/resolv.conf /etc/resolv.conf && exec ${process.execPath} ${built('src/cli.ts')} serve`;
    const child = spawn('unshare', ['-m', 'sh', '-c', script], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      let text = '';
      child.stdout.on('data', (bytes) => {
        text += bytes;
      });
      let url: string | undefined;
      while (url === undefined) {
        url = /"url":"(http:\/\/[^/"]+)/.exec(text)?.[1];
        await delay(20);
      }
      const query = async (document: string) => {
        const answer = await fetch(`${url}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ query: document }),
        });
        return (
          ((await answer.json()) as { errors?: { extensions: { code: string } }[] }).errors?.[0]?.extensions
            .code ?? 'ok'
        );
      };
      await query(gcp);
      const hanging = Array.from({ length: 30 }, () => timed(() => query(azure), child.pid));
      await delay(200);
      const other = [];
      for (let at = 0; at < 100; at++) other.push(await timed(() => query(gcp), child.pid));
      const hung = await Promise.all(hanging);
      expect(new Set(other.map(({ value }) => value))).toEqual(new Set(['ok']));
      const p99 = quantile(
        other.map(({ ownMs }) => ownMs),
        0.99,
      );
      expect(p99).toBeLessThan(500);
      expect(new Set(hung.map(({ value }) => value))).toEqual(new Set(['SOURCE_UNAVAILABLE']));
      expect(Math.max(...hung.map(({ ownMs }) => ownMs))).toBeLessThan(3400);
      tell(
        `GCP’s p99 ${seconds(p99)} while 30 callers of AZURE wait, which fail in ${seconds(Math.max(...hung.map(({ ownMs }) => ownMs)))}`,
      );
    } finally {
      // By SIGTERM it would wait for the resolver's threads, as every Node process does.
      child.kill('SIGKILL');
      silent.close();
      await new Promise((resolve) => child.once('exit', resolve));
      await rm(home, { recursive: true });
    }
  },
  { cannot: root },
);
