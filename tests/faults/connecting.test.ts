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
import { createDatabases, environmentOf, pool, type TestDatabases } from '../helpers/databases.ts';
import { connect } from '../helpers/driver.ts';
import { hasNativeServer } from '../helpers/local-home.ts';
import { startOwnServer } from '../helpers/own-server.ts';
import { built } from '../helpers/run-command-line.ts';
import { startServer } from '../helpers/server.ts';
import { listen } from '../helpers/tcp-listener.ts';
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
