// Takes the pictures of the documentation from a real run: `npm run pictures`.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../src/config/config.ts';
import { ensureLocal } from '../src/local/local.ts';
import { createLog } from '../src/log/log.ts';
import { migrateUp } from '../src/migrator/up.ts';
import { seed } from '../src/seeders/seed.ts';
import { createApp } from '../src/server/app.ts';
import { sourceNames } from '../src/source-name.ts';
import { openSources } from '../src/sources/registry.ts';
import { launchBrowser, openExplorer, runTab } from '../tests/helpers/browser.ts';

const home = await mkdtemp(join(tmpdir(), 'tandem-pictures-'));
const pair = await ensureLocal({ home, env: { ...process.env, AZURE_DB_HOST: '', GCP_DB_HOST: '' } });
const config = loadConfig(pair.env, home);
for (const name of sourceNames) await migrateUp(name, config.databases[name], config.pool);
const sources = await openSources(config);
for (const name of sourceNames) await seed(sources[name], 100);
const app = await createApp(sources, createLog({ level: 'silent' }), {
  introspection: true,
  limits: config.limits,
  auth: config.auth,
});
const url = await app.http.listen({ host: '127.0.0.1', port: 4000 });

const browser = await launchBrowser();
if (browser === null) throw new Error('No browser was found; the lines above say where it was looked for.');
const page = await browser.newPage({ viewport: { width: 1280, height: 760 }, deviceScaleFactor: 1.5 });
await openExplorer(page, url);
await runTab(page, 'Both clouds');
await page.screenshot({ path: 'docs/explorer.png' });

await browser.close();
await app.close();
await sources.close();
await pair.stop();
await rm(home, { recursive: true });
