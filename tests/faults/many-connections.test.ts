import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { migrateUp } from '../../src/migrator/up.ts';
import { environmentOf, pool } from '../helpers/databases.ts';
import { hasNativeServer } from '../helpers/local-home.ts';
import { startOwnServer } from '../helpers/own-server.ts';
import { built } from '../helpers/run-command-line.ts';
import { post } from '../helpers/send-load.ts';
import { startServing } from '../helpers/serving.ts';
import { azure, changed } from './asking.ts';
import { behindProxy } from './behind-proxy.ts';
import { row } from './row.ts';

const native = (await hasNativeServer()) ? null : 'needs a MySQL server of its own';

const at = behindProxy();

row(
  7.1,
  'connections cut at any moment, by us and by the network, for 10 s',
  'the process lives',
  async (tell) => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [built('tests/faults/cut-connections.ts'), '10'],
      { env: { ...process.env, ...environmentOf(at.databases.config) } },
    );
    expect(Number(stdout)).toBeGreaterThan(100);
    tell(`${stdout} connections`);
  },
);

row(
  11,
  '500 parallel requests, one process and three',
  'never more than 20 sessions of the account, helpers included',
  async (tell) => {
    // An administrator looks on: the account has all of its sessions for itself, and no limit on the server.
    await using own = await startOwnServer();
    await migrateUp('AZURE', own.config, pool);
    const config = changed(at.databases.config, own.config);
    const ca = join(await mkdtemp(join(tmpdir(), 'tandem-ca-')), 'ca.pem');
    await writeFile(ca, own.config.tls.ca ?? '');
    const figures: string[] = [];
    try {
      for (const WEB_CONCURRENCY of ['1', '3']) {
        await using serving = await startServing({
          ...environmentOf(config),
          AZURE_DB_SSL_CA: ca,
          WEB_CONCURRENCY,
        });
        let most = 0;
        let watching = true;
        const watched = (async () => {
          while (watching) {
            const [row] = await own.sql<{ n: number }>(
              "select count(*) as n from information_schema.processlist where user = 'tandem'",
            );
            most = Math.max(most, Number(row?.n));
            await delay(5);
          }
        })();
        const agent = new Agent({ keepAlive: true });
        const answers = await Promise.all([
          ...Array.from({ length: 500 }, () => post(serving.url, azure, agent)),
          // Health is asked by the control session, which is one of the twenty.
          ...Array.from({ length: 20 }, () => post(serving.url, '{ sources { state } }', agent)),
        ]);
        agent.destroy();
        watching = false;
        await watched;
        expect(answers.filter(({ status, body }) => status !== 200 || body?.includes('"errors"'))).toEqual(
          [],
        );
        expect(most).toBeLessThanOrEqual(20);
        expect(most).toBeGreaterThan(10);
        figures.push(`${most} sessions at most in ${WEB_CONCURRENCY === '1' ? 'one process' : 'three'}`);
      }
    } finally {
      await rm(dirname(ca), { recursive: true });
    }
    tell(figures.join(', '));
  },
  { cannot: native },
);
