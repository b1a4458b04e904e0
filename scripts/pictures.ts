// Takes the pictures of the documentation from a real run: `npm run pictures`.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { runCommandLine } from '../src/commands/command-line.ts';
import { loadConfig } from '../src/config/config.ts';
import { ensureLocal } from '../src/local/local-pair.ts';
import { createLog } from '../src/log/log.ts';
import { migrateUp } from '../src/migrator/up.ts';
import { seed } from '../src/seeders/seed.ts';
import { createApp } from '../src/server/app.ts';
import { sourceNames } from '../src/source-name.ts';
import { openSources } from '../src/sources/sources.ts';
import { launchBrowser } from '../tests/helpers/browser.ts';
import { connect } from '../tests/helpers/driver.ts';

const home = await mkdtemp(join(tmpdir(), 'tandem-pictures-'));
const pair = await ensureLocal({ home, env: { ...process.env, AZURE_DB_HOST: '', GCP_DB_HOST: '' } });
const config = loadConfig(pair.env, home);
for (const name of sourceNames) await migrateUp(name, config.databases[name], config.pool);
const sources = await openSources(config);
for (const name of sourceNames) await seed(sources[name], 100);
const app = await createApp(sources, createLog({ level: 'silent' }), {
  introspection: true,
  databases: config.databases,
  pool: config.pool,
  limits: config.limits,
  auth: config.auth,
});
const url = await app.http.listen({ host: '127.0.0.1', port: 0 });

const browser = await launchBrowser();
if (browser === null) throw new Error('No browser was found; the lines above say where it was looked for.');
const page = await browser.newPage({ viewport: { width: 1280, height: 760 }, deviceScaleFactor: 1.5 });

// What the pictures are to show: rows and tables of GCP that differ, and some traffic.
const gcp = await connect(config.databases.GCP, config.databases.GCP.migrator);
await gcp.query("update patients set last_name = 'Otherwise', contact_number = null where id in (3, 8)");
await gcp.query('delete from medical_records where patient_id = 5');
await gcp.query('delete from patients where id = 5');
await gcp.query('alter table patients modify contact_number varchar(30) null');
await gcp.query('alter table doctors add column pager varchar(10) null');
await gcp.end();
await printed('parity', '--throttle', '100', '--settle', '50');
await traffic(20_000);

const shots = [
  ['overview', 'overview'],
  ['data', 'data?table=patients'],
  ['schema', 'schema'],
  ['parity', 'parity'],
] as const;
for (const [name, view] of shots) {
  await page.goto(`${url}/#/${view}`);
  await page.waitForTimeout(2500);
  await page.screenshot({ path: `docs/console-${name}.png` });
}
await page.goto(`${url}/#/explore?example=One+patient&variables=${encodeURIComponent('{ "key": 3 }')}`);
await page.getByRole('button', { name: /^Ask/ }).click();
await page.locator('.json').first().waitFor();
await page.waitForTimeout(500);
await page.screenshot({ path: 'docs/console-explore.png' });
const font = await readFile(
  new URL(import.meta.resolve('@expo-google-fonts/source-code-pro/400Regular/SourceCodePro_400Regular.ttf')),
);
await page.goto('about:blank');
for (const command of [['preflight'], ['migrate', 'status']] as const) {
  await page.setContent(terminal(`tandem ${command.join(' ')}`, await printed(...command)));
  await page.locator('main').screenshot({ path: `docs/terminal-${command.join('-')}.png` });
}

await browser.close();
await app.close();
await sources.close();
await pair.stop();
await rm(home, { recursive: true });

/** What a command prints on both its streams. */
async function printed(...args: readonly string[]): Promise<string> {
  let text = '';
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += chunk;
      done();
    },
  });
  await runCommandLine(args, { env: pair.env, stdin: process.stdin, stdout: stream, stderr: stream });
  return text;
}

/** Reads of both clouds for so long. */
async function traffic(ms: number): Promise<void> {
  const until = performance.now() + ms;
  const query =
    '{ azure: patients(source: AZURE, first: 50) { nodes { key } } gcp: patients(source: GCP, first: 100) { nodes { key records { nodes { key } } } } }';
  const reader = async () => {
    while (performance.now() < until) {
      const body = JSON.stringify({ query });
      await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
      await new Promise((resolve) => setTimeout(resolve, 100 * Math.random()));
    }
  };
  await Promise.all(Array.from({ length: 6 }, reader));
}

/** A command with what it printed, as a terminal shows it. */
function terminal(command: string, output: string): string {
  const escaped = `$ ${command}\n${output}`.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const face = `<style>@font-face { font-family: Code; src: url(data:font/ttf;base64,${font.toString('base64')}) }</style>`;
  return `${face}<body style="margin:0"><main style="display:inline-block;padding:18px 22px;background:#12161b;color:#e3e9ef"><pre style="margin:0;font:14px/1.45 Code,monospace">${escaped}</pre></main></body>`;
}
