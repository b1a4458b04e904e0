// The console on a server of its own: `npm run bench:console -- open` (half an hour), `-- rows` (two minutes), `-- lighthouse` (four).
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { type Config, loadConfig } from '../src/config/config.ts';
import { ensureLocal } from '../src/local/local-pair.ts';
import { migrateUp } from '../src/migrator/up.ts';
import { seed } from '../src/seeders/seed.ts';
import { sourceNames } from '../src/source-name.ts';
import { openSource } from '../src/sources/source.ts';
import { launchBrowser } from '../tests/helpers/browser.ts';
import { connect } from '../tests/helpers/driver.ts';

const [section = 'open', given = ''] = process.argv.slice(2);
const say = (text: string) => process.stdout.write(`${text}\n`);

const home = await mkdtemp(join(tmpdir(), 'tandem-console-'));
const pair = await ensureLocal({ home, env: { ...process.env, AZURE_DB_HOST: '', GCP_DB_HOST: '' } });
const config = loadConfig(pair.env, home);
for (const name of sourceNames) {
  await migrateUp(name, config.databases[name], config.pool);
  await using source = await openSource(name, config.databases[name], config.pool);
  await seed(source, 1000);
}
const server = await startServer();
const debugged = section === 'lighthouse' ? await freePort() : undefined;
const browser = await launchBrowser(
  process.env,
  debugged === undefined ? [] : [`--remote-debugging-port=${debugged}`],
);
try {
  if (browser === null) throw new Error('No browser was found.');
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  if (section === 'open') await leaveOpen(page, Number(given || 30));
  else if (section === 'rows') await manyRows(page, Number(given || 1_000_000));
  else if (section === 'lighthouse') await audit(debugged as number);
  else throw new Error(`There is no section ${section}: open, rows, lighthouse`);
} finally {
  await browser?.close();
  server.child.kill();
  await once(server.child, 'exit');
  await pair.stop();
  await rm(home, { recursive: true });
}

/** The server as people run it, in a process whose time is its own. */
async function startServer() {
  const port = await freePort();
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/cli.ts', 'serve'], {
    cwd: fileURLToPath(new URL('../', import.meta.url)),
    env: { ...process.env, ...pair.env, PORT: String(port), LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; tries < 600; tries += 1) {
    if (child.exitCode !== null) throw new Error('The server ended while it started.');
    // The first request bundles the page.
    if ((await fetch(url).catch(() => null))?.ok) return { child, url };
    await delay(100);
  }
  throw new Error('The server does not answer.');
}

/** Milliseconds that the server's process has had of a core: Linux counts hundredths of a second. */
function cpuMsOfServer(): number {
  const stat = readFileSync(`/proc/${server.child.pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** The overview open for so long, beside the same server without anyone. */
async function leaveOpen(page: Page, minutes: number): Promise<void> {
  await page.goto(server.url);
  await page.getByText('Up', { exact: true }).first().waitFor();
  // What runs once: code is compiled, caches fill.
  await delay(20_000);
  const most = { AZURE: 0, GCP: 0 };
  const watchers = await Promise.all(
    sourceNames.map(
      async (name) => [name, await connect(config.databases[name], config.databases[name].migrator)] as const,
    ),
  );
  const until = performance.now() + minutes * 60_000;
  const [started, cpu] = [performance.now(), cpuMsOfServer()];
  const share = () => ((100 * (cpuMsOfServer() - cpu)) / (performance.now() - started)).toFixed(2);
  const progress = setInterval(() => say(`  so far ${share()} %`), 300_000);
  while (performance.now() < until) {
    for (const [name, connection] of watchers) {
      const [rows] = await connection.query(
        "select count(*) as busy from information_schema.processlist where user = ? and command not in ('Sleep', 'Daemon')",
        [config.databases[name].runtime.user],
      );
      most[name] = Math.max(most[name], Number((rows as { busy: number }[])[0]?.busy));
    }
    await delay(50);
  }
  const open = share();
  clearInterval(progress);
  const answer = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ activity { sources { source samples { inUse idle statements } } } }' }),
  });
  const { data } = (await answer.json()) as Activity;
  await page.goto('about:blank');
  const [closed, before] = [performance.now(), cpuMsOfServer()];
  await delay(Math.min(minutes, 5) * 60_000);
  const alone = (100 * (cpuMsOfServer() - before)) / (performance.now() - closed);
  for (const [, connection] of watchers) await connection.end();
  say(`Open for ${minutes} min: ${open} % of a core; without the page ${alone.toFixed(2)} %.`);
  for (const { source, samples } of data.activity.sources) {
    const peak = (name: 'inUse' | 'idle') => Math.max(...samples.map((sample) => sample[name]));
    const statements = samples.reduce((sum, sample) => sum + sample.statements, 0);
    say(
      `${source}: at most ${most[source]} sessions at work at a time, as MySQL saw it; in the last ${samples.length} samples at most ${peak('inUse')} in use and ${peak('idle')} idle; ${statements} statements.`,
    );
  }
}

interface Activity {
  readonly data: {
    readonly activity: {
      readonly sources: readonly {
        readonly source: 'AZURE' | 'GCP';
        readonly samples: readonly {
          readonly inUse: number;
          readonly idle: number;
          readonly statements: number;
        }[];
      }[];
    };
  };
}

/** What Lighthouse says of each view, on a desktop. npx fetches it: https://github.com/GoogleChrome/lighthouse */
async function audit(port: number): Promise<void> {
  const categories = ['performance', 'accessibility', 'best-practices'];
  const views = ['overview', 'data?table=patients', 'schema', 'migrations', 'parity', 'explore'];
  for (const view of views) {
    const { stdout } = await promisify(execFile)(
      'npx',
      [
        '--yes',
        'lighthouse@13.5.0',
        `${server.url}/#/${view}`,
        `--port=${port}`,
        '--preset=desktop',
        `--only-categories=${categories.join()}`,
        '--output=json',
        '--quiet',
      ],
      { maxBuffer: 64 * 2 ** 20 },
    );
    const { categories: scores } = JSON.parse(stdout) as { categories: Record<string, { score: number }> };
    const listed = categories.map((name) => `${name} ${Math.round((scores[name]?.score ?? 0) * 100)}`);
    say(`${view}: ${listed.join(', ')}`);
  }
}

/** The first view, then pages and a jump in a table of so many rows; tasks of the page that took 50 ms or more. */
async function manyRows(page: Page, rows: number): Promise<void> {
  const started = performance.now();
  await Promise.all(sourceNames.map((name) => fill(config.databases[name], rows)));
  say(`${rows} patients in each cloud (${Math.round((performance.now() - started) / 1000)} s).`);
  await page.addInitScript(`
    window.longTasks = [];
    new PerformanceObserver((list) => longTasks.push(...list.getEntries().map(({ duration }) => duration)))
      .observe({ type: 'longtask', buffered: true });`);
  const times: number[] = [];
  for (let load = 0; load < 9; load += 1) {
    await page.goto('about:blank');
    await page.goto(server.url, { waitUntil: 'commit' });
    await page.locator('.cloud-card .word.good').first().waitFor();
    times.push(Number(await page.evaluate('performance.now()')));
  }
  say(`First view with both clouds: ${listed(times)} ms, the longest tasks ${await longTasks(page)}.`);
  await page.goto(`${server.url}/#/data?table=patients&size=200`);
  await page.locator('.key-cell').nth(199).waitFor();
  // Without roles and names, which Playwright computes in the page, of all its buttons: tasks that would not be ours.
  const firstKey = () => page.evaluate("document.querySelector('.key-cell').textContent");
  const pages: number[] = [];
  for (let step = 0; step < 10; step += 1) {
    const before = await firstKey();
    const from = performance.now();
    await page.locator('.steps button').last().click();
    while ((await firstKey()) === before) await delay(5);
    pages.push(performance.now() - from);
  }
  say(`Next page of 200 rows: ${listed(pages)} ms.`);
  const jumps: number[] = [];
  for (const share of [0.999, 0.5, 0.1, 0.9]) {
    const from = performance.now();
    const key = Math.round(rows * share);
    await page.locator('.toolbar .short').fill(String(key));
    await page.locator('.toolbar .short').press('Enter');
    await page
      .locator('.key-cell')
      .first()
      .filter({ hasText: String(key) })
      .waitFor();
    jumps.push(performance.now() - from);
  }
  say(`Jump to a key: ${listed(jumps)} ms. Long tasks of all of it: ${await longTasks(page)}.`);
  say(`Rows in the document: ${await page.locator('.grid tbody tr').count()}.`);
}

function listed(times: readonly number[]): string {
  const sorted = times.map(Math.round).toSorted((one, other) => one - other);
  return `median ${sorted[sorted.length >> 1]}, all ${sorted.join(' ')}`;
}

async function longTasks(page: Page): Promise<string> {
  const all = (await page.evaluate('longTasks')) as number[];
  return all.length === 0 ? 'none' : `${all.map((ms) => `${Math.round(ms)} ms`).join(', ')}`;
}

/** Invented patients over and over, until there are as many; their keys have no gaps. */
async function fill(database: Config['databases']['AZURE'], rows: number): Promise<void> {
  const connection = await connect(database, database.migrator);
  const columns = 'first_name, last_name, date_of_birth, gender, contact_number';
  for (let count = 1000; count < rows; count *= 2)
    await connection.query(
      `insert into patients (id, ${columns}) select id + ${count}, ${columns} from patients where id <= ${Math.min(count, rows - count)}`,
    );
  await connection.end();
}

async function freePort(): Promise<number> {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as { port: number };
  listener.close();
  await once(listener, 'close');
  return port;
}
