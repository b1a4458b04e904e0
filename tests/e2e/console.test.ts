import { brotliDecompressSync, gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seed } from '../../src/seeders/seed.ts';
import { bundleConsole } from '../../src/server/console-bundle.ts';
import { sourceNames } from '../../src/source-name.ts';
import { launchBrowser } from '../helpers/browser.ts';
import {
  axeViolations,
  type Between,
  faultsOfLooks,
  keyboardFaults,
  standBetween,
  type Watched,
  watch,
  widerThanWindow,
} from '../helpers/console-page.ts';
import { createDatabases, type TestDatabases } from '../helpers/databases.ts';
import { connect } from '../helpers/driver.ts';
import { rawRequest } from '../helpers/raw-request.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import type { TcpProxy } from '../helpers/tcp-proxy.ts';

const browser: Browser | null = await launchBrowser();

let databases: TestDatabases;
let between: Between;
let azure: TcpProxy;
let gcp: TcpProxy;
let front: TcpProxy;
let server: TestServer;
let address: string;

beforeAll(async () => {
  databases = await createDatabases();
  between = await standBetween(databases.config);
  ({ front, address } = between);
  ({ AZURE: azure, GCP: gcp } = between.clouds);
  server = await startServer(between.config);
  front.to = Number(new URL(server.url).port);
  for (const name of sourceNames) await seed(server.sources[name], 30);
  await plant(databases.config);
});
afterAll(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
  await between?.[Symbol.asyncDispose]();
  await databases?.[Symbol.asyncDispose]();
});

/** Rows and tables of GCP that differ. */
async function plant({ databases: { GCP } }: TestDatabases['config']): Promise<void> {
  await using gcp = await connect(GCP, GCP.migrator);
  await gcp.query("update patients set last_name = 'Plantson' where id = 3");
  await gcp.query('delete from medical_records where patient_id in (1, 5)');
  await gcp.query('delete from patients where id = 5');
  await gcp.query(
    "insert into patients (id, first_name, last_name, date_of_birth, gender) values (4000, 'Only', 'Gcp', '1980-01-01', 'OTHER')",
  );
  await gcp.query('alter table patients modify contact_number varchar(15) null');
  // As before the last migration.
  await gcp.query('alter table medical_records drop foreign key medical_records_doctor_id_foreign');
  await gcp.query('alter table medical_records drop index medical_records_doctor_id_admission_date_index');
  for (const table of ['mikro_orm_migrations', 'tandem_migration_journal'])
    await gcp.query(`delete from ${table} where name like '%record_doctor_foreign_key'`);
}

describe('the console over HTTP', () => {
  it('is a page without scripts or styles of its own, which may talk to this server alone', async () => {
    const { status, headers, body } = await rawRequest(server.url, { path: '/' });
    expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/https?:|wss?:|\*|unsafe|data:|blob:/);
    expect(body.toString()).not.toMatch(/<style|<script(?! type="module" src="\/console\/)|style=|https?:/);
  });

  it('names files that hold what their names say, compressed and cached for good', async () => {
    const page = (await rawRequest(server.url, { path: '/' })).body.toString();
    const files = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = '']) => path);
    expect(files).toHaveLength(3);
    for (const path of files) {
      const file = await rawRequest(server.url, { path, headers: { 'accept-encoding': 'gzip, br' } });
      expect(file.headers).toMatchObject({
        'cache-control': 'public, max-age=31536000, immutable',
        'content-encoding': 'br',
        vary: 'accept-encoding',
      });
      const plain = await rawRequest(server.url, { path });
      expect(brotliDecompressSync(file.body)).toEqual(plain.body);
      expect(plain.body.length).toBeGreaterThan(100);
    }
    expect((await rawRequest(server.url, { path: '/console/console.js' })).status).toBe(404);
  });

  it('is at most 60 kB of script and style', async () => {
    const { files, script } = await bundleConsole();
    const size = (names: readonly string[]) =>
      names.reduce((sum, name) => sum + gzipSync(files[name] as string).length, 0);
    const editor = Object.keys(files).filter((name) => name.startsWith('editor-'));
    const page = size(Object.keys(files).filter((name) => !editor.includes(name)));
    const kB = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`;
    console.log(`console: ${kB(page)} of script and style, compressed; the editor ${kB(size(editor))} more`);
    expect(page).toBeLessThan(60_000);
    expect(page).toBeGreaterThan(5_000);
    expect(editor).toHaveLength(1);
    expect(files[script]).toContain(`import("./${editor[0]}")`);
  });
});

const views = [
  'overview',
  'data?table=patients&size=25',
  'data?table=patients&row=3&layout=stacked&size=25',
  'schema',
  'migrations',
  'parity',
  'explore',
] as const;

// Without a browser this says so loudly; with TANDEM_REQUIRE_BROWSER=1, which CI sets, it fails instead.
describe.skipIf(browser === null)('the console in a real browser', () => {
  let page: Page;
  let watched: Watched;

  beforeAll(async () => {
    page = await (browser as Browser).newPage({ viewport: { width: 1280, height: 800 } });
    // The machine may be busy.
    page.setDefaultTimeout(60_000);
    watched = watch(page, new URL(address).host);
    azure.delayMs = 12;
    await page.goto(address);
  });

  const settled = () =>
    expect.poll(() => page.locator('.skeleton, [aria-busy="true"]').count(), { timeout: 20_000 }).toBe(0);
  const operation = () => page.getByRole('textbox', { name: 'Operation', exact: true });
  const card = (cloud: string) => page.getByRole('region', { name: cloud, exact: true });

  it('shows both clouds up, with version, TLS and pool', async () => {
    for (const cloud of sourceNames) {
      await card(cloud).getByText('Up', { exact: true }).waitFor();
      await card(cloud).getByText('TLSv1.3').waitFor();
      await card(cloud).getByText('of 20').waitFor();
    }
    expect(await page.title()).toBe('Overview · Tandem');
  });

  it('says which cloud is slow', async () => {
    await card('AZURE')
      .getByText(/^[\d.,]+× slower$/)
      .waitFor();
    expect(await card('GCP').getByText('slower').count()).toBe(0);
    azure.delayMs = 0;
  });

  it('says in one word each whether schema, rows and migrations are the same', async () => {
    const word = (name: string) => page.getByLabel('Are both clouds the same?').getByText(name).locator('..');
    await word('Schema').getByText('Drift').waitFor();
    await word('Rows').getByText('Never').waitFor();
    await word('Migrations').getByText('Uneven').waitFor();
  });

  it('shows the statements that run meanwhile', async () => {
    for (let count = 0; count < 5; count += 1)
      await server.ask('{ patients(source: GCP) { nodes { key } } }');
    const count = () => card('GCP').locator('.layer.in-use').last().getAttribute('d');
    await expect.poll(count, { timeout: 15_000 }).toMatch(/ (?!100)\d/);
  });

  it('shows a cloud that stops while it is open, its error with the remedy, and that it is back', async () => {
    await azure.refuse();
    await server.ask('{ patients(source: AZURE) { nodes { key } } }');
    await card('AZURE').getByText('Down', { exact: true }).waitFor();
    await card('GCP').getByText('Up', { exact: true }).waitFor();
    const errors = page.getByRole('region', { name: 'Errors since the start' });
    await errors.getByText('SOURCE_UNAVAILABLE').waitFor();
    await errors.getByText('Ask the other source, or try again.').waitFor();
    // Of the last ten seconds: as long as there are some.
    const failing = async () => {
      await server.ask('{ patients(source: AZURE) { nodes { key } } }');
      const row = errors.getByRole('row').filter({ hasText: 'SOURCE_UNAVAILABLE' });
      return [await row.locator('td').nth(3).textContent(), await errors.locator('header p').textContent()];
    };
    const some = /^(0\.\d+|[1-9][\d.]*)/;
    await expect
      .poll(failing, { timeout: 30_000 })
      .toEqual([expect.stringMatching(some), expect.stringMatching(some)]);
    await card('AZURE')
      .getByText(/ errors\/s, \d+ in 10 min$/)
      .waitFor();
    const words = page.getByLabel('Are both clouds the same?');
    await words
      .getByRole('link', { name: /^Migrations/ })
      .getByText('Unknown')
      .waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await page.goto(`${address}/#/data?table=patients&size=25`);
    await page.getByText('AZURE does not answer: rows are shown as the other cloud has them.').waitFor();
    await page.getByRole('cell', { name: 'AZURE did not answer' }).first().waitFor();
    // What could not be compared is not said to differ.
    await page.getByText(/^\d+ rows, \d+ not compared$/).waitFor();
  });

  it('shows that both clouds are down in each view, and that they are back', async () => {
    await gcp.refuse();
    await page.goto(`${address}/#/data?table=doctors`);
    await page.getByRole('alert').getByText('SOURCE_UNAVAILABLE').first().waitFor();
    for (const cloud of sourceNames)
      await page.getByRole('alert').getByText(`of ${cloud} does not answer`).waitFor();
    expect(await axeViolations(page)).toEqual([]);
    for (const view of ['schema', 'migrations', 'parity']) {
      await page.goto(`${address}/#/${view}`);
      await page.getByRole('alert').first().waitFor();
      for (const cloud of sourceNames)
        await page.getByRole('alert').getByText(`of ${cloud} does not answer`).first().waitFor();
      // Of what no cloud has answered nothing is known.
      expect(await page.getByText(/No run yet|has no migration/).count()).toBe(0);
    }
    await page.goto(`${address}/#/overview`);
    for (const cloud of sourceNames) await card(cloud).getByText('Down', { exact: true }).waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await Promise.all([azure.listen(), gcp.listen()]);
    for (const cloud of sourceNames)
      await card(cloud).getByText('Up', { exact: true }).waitFor({ timeout: 60_000 });
  });

  it('shows what it last knew while the server is away, and goes on by itself when it is back', async () => {
    await front.refuse();
    await page.getByText('Tandem does not answer.').first().waitFor();
    for (const cloud of sourceNames) {
      await card(cloud)
        .getByText(/^as of \d\d:\d\d:\d\d$/)
        .waitFor();
      expect(await card(cloud).getByText('Up', { exact: true }).count()).toBe(0);
    }
    expect(await axeViolations(page)).toEqual([]);
    await page.goto(`${address}/#/migrations`);
    await page.getByText('Tandem does not answer.').waitFor();
    await front.listen();
    await page.getByRole('region', { name: 'History' }).waitFor();
    await page.getByText('Tandem does not answer.').waitFor({ state: 'detached' });
  });

  it('asks for nothing while it is hidden', async () => {
    let asked = 0;
    page.on('request', () => {
      asked += 1;
    });
    const hide = (hidden: boolean) =>
      page.evaluate(
        `Object.defineProperty(document, 'hidden', { configurable: true, get: () => ${hidden} });
         document.dispatchEvent(new Event('visibilitychange'))`,
      );
    await page.goto(`${address}/#/overview`);
    await card('GCP').getByText('Up', { exact: true }).waitFor();
    await hide(true);
    await page.waitForTimeout(200);
    asked = 0;
    await page.waitForTimeout(2500);
    expect(asked).toBe(0);
    // A view that is opened meanwhile, as a link in another tab is, asks when it is seen.
    await page.goto(`${address}/#/migrations`);
    await page.waitForTimeout(200);
    expect(asked).toBe(0);
    await hide(false);
    await page.getByRole('region', { name: 'History' }).waitFor();
  });

  it('lays the rows of both clouds side by side, with what differs and what is missing', async () => {
    await page.getByRole('link', { name: 'Data' }).click();
    await page.getByLabel('Table').selectOption('patients');
    const row = (key: number) =>
      page
        .getByRole('row')
        .filter({ has: page.getByRole('button', { name: `Open row ${key}`, exact: true }) });
    await row(3).getByText('differs', { exact: true }).waitFor();
    expect(await row(3).locator('td.differs').allTextContents()).toEqual([
      expect.stringMatching(/^differs: (?!Plantson)/),
      'differs: Plantson',
    ]);
    expect(await row(5).locator('td.missing').allTextContents()).toEqual(['not in GCP']);
    expect(await row(4000).locator('td.missing').allTextContents()).toEqual(['not in AZURE']);
    expect(await row(4).locator('td.missing, td.differs').count()).toBe(0);
  });

  it('searches, filters, orders and pages by what the address says', async () => {
    const keys = async () => {
      await page.locator('[aria-busy="false"]').waitFor();
      return (await page.locator('.key-cell button').allTextContents()).map((text) =>
        text.replace('Open row ', ''),
      );
    };
    const open = (params: Record<string, string>) =>
      page.goto(`${address}/#/data?${new URLSearchParams({ table: 'patients', ...params })}`);
    await open({ search: 'Plantson' });
    await expect.poll(keys).toEqual(['3']);
    await open({ filters: JSON.stringify([['key', 'in', '7, 8, 4000']]) });
    await expect.poll(keys).toEqual(['7', '8', '4000']);
    await open({ from: '29', size: '25' });
    await expect.poll(keys).toEqual(['29', '30', '4000']);
    await open({ order: 'key:DESC', size: '25' });
    await expect.poll(async () => (await keys())[0]).toBe('30');
    await page.getByRole('button', { name: 'Next ›' }).click();
    await expect.poll(async () => (await keys())[0]).toBe('5');
    await page.getByRole('button', { name: '‹ Back' }).click();
    await expect.poll(async () => (await keys())[0]).toBe('30');
    await open({ only: 'differences' });
    await expect.poll(keys).toEqual(['3', '5', '4000']);
  });

  it('looks through the pages for the rows that differ', async () => {
    await page.goto(`${address}/#/data?table=patients&size=25`);
    await page.getByText(/^25 rows, /).waitFor();
    await page.getByLabel('Differences only').check();
    // The last one is behind the first page.
    const keys = () => page.locator('.key-cell button').allTextContents();
    await expect.poll(keys, { timeout: 20_000 }).toEqual([3, 5, 4000].map((key) => `Open row ${key}`));
    await page.getByText(/^31 rows, 3 not the same$/).waitFor();
    await page.goto(`${address}/#/data?table=doctors&only=differences`);
    await page.getByText(/the same in both clouds, and there are no more\./).waitFor();
  });

  it('keeps a page of rows until the next one has come, and says that it waits', async () => {
    await page.goto(`${address}/#/data?table=medicalRecords&size=25`);
    await page.locator('.key-cell').nth(24).waitFor();
    front.delayMs = 1300;
    await page.getByRole('button', { name: 'Next ›' }).click();
    await page.locator('.rows-card[aria-busy="true"]').waitFor();
    expect(await page.locator('.key-cell').count()).toBe(25);
    await page.locator('.rows-card[aria-busy="false"]').waitFor();
    await page.goto(`${address}/#/data?table=doctors`);
    await page.getByText('Waiting for the answer').waitFor();
    front.delayMs = 0;
    await page.locator('.key-cell').first().waitFor();
  });

  it('draws a large page in steps, each of 500 cells at most, and begins it at its top', async () => {
    await page.goto(`${address}/#/data?table=medicalRecords&size=25`);
    await page.locator('.key-cell').nth(24).waitFor();
    const scroller = "document.querySelector('.grid-scroll')";
    await page.evaluate(`${scroller}.scrollTo({ top: 100 })`);
    await page.evaluate(`
      window.drawn = [];
      new MutationObserver((records) => {
        const nodes = records.flatMap(({ addedNodes }) => [...addedNodes]);
        drawn.push(nodes.reduce((sum, node) => sum + (node.cells?.length ?? 0), 0));
      }).observe(document.querySelector('.grid tbody'), { childList: true });`);
    await page.getByLabel('Rows of a page').selectOption('200');
    await page.locator('.key-cell').nth(62).waitFor();
    const said = async () => (await page.getByText(/^\d+ rows, /).textContent())?.split(' ')[0];
    await expect.poll(async () => `${await page.locator('.key-cell').count()}`).toBe(await said());
    const drawn = (await page.evaluate('drawn')) as number[];
    expect(Math.max(...drawn)).toBeLessThanOrEqual(500);
    expect(drawn.filter((cells) => cells > 0).length).toBeGreaterThan(1);
    await expect.poll(() => page.evaluate(`${scroller}.scrollTop`)).toBe(0);
  });

  it('opens a row with its related rows in both clouds', async () => {
    await page.goto(`${address}/#/data?table=patients&row=1`);
    const opened = page.getByRole('complementary', { name: 'Patient 1' });
    await opened.getByText('3 in AZURE, 0 in GCP').waitFor();
    await page.goto(`${address}/#/data?table=patients&row=3`);
    const other = page.getByRole('complementary', { name: 'Patient 3' });
    await other.getByText('Plantson').waitFor();
    expect(await other.locator('td.differs').count()).toBe(2);
    await other.getByRole('link').first().click();
    await page.getByRole('complementary', { name: /^MedicalRecord / }).waitFor();
  });

  it('draws the tables of each cloud, and both over each other with the drift', async () => {
    await page.goto(`${address}/#/schema`);
    await page.locator('.picture svg').getByText('contact_number (differs)').waitFor();
    const drift = page.getByRole('region', { name: 'Drift' });
    await drift.getByText('patients.contact_number').click();
    await drift
      .locator('details[open]')
      .getByText(/modify|alter table/i)
      .waitFor();
    await page.goto(`${address}/#/schema?show=GCP`);
    await page.locator('.picture svg').getByText('varchar(15)').first().waitFor();
    const width = async () => (await page.locator('.picture svg').boundingBox())?.width ?? 0;
    const before = await width();
    await page.locator('.picture').focus();
    await page.keyboard.press('+');
    await expect.poll(width).not.toBe(before);
  });

  it('starts a run of parity, shows its differences, and leads to their rows', async () => {
    await page.goto(`${address}/#/parity`);
    await page.getByText('No run yet').waitFor();
    await page.getByRole('button', { name: 'Compare all rows' }).click();
    const confirmation = page.getByRole('group', { name: 'Confirmation' });
    await confirmation.getByText('It changes no row.').waitFor();
    await confirmation.getByRole('button', { name: 'Not now' }).click();
    await page.getByRole('link', { name: 'Patients' }).click();
    await page.getByRole('checkbox', { name: 'Differences only', checked: true }).waitFor();
    await expect.poll(() => page.locator('.key-cell').count(), { timeout: 20_000 }).toBe(3);
    // From the overview, two clicks.
    await page.goto(`${address}/#/overview`);
    await page
      .getByLabel('Are both clouds the same?')
      .getByRole('link', { name: /^Rows Never/ })
      .click();
    await confirmation.getByRole('button', { name: 'Start' }).click();
    await page.getByText('Last run').waitFor();
    await page.getByRole('link', { name: 'id 3', exact: true }).last().click();
    await page.getByRole('complementary', { name: 'Patient 3' }).waitFor();
  });

  it('shows both histories, and what a pending migration will run, lock and take back', async () => {
    await page.goto(`${address}/#/migrations`);
    const history = page.getByRole('region', { name: 'History' });
    const last = history.getByRole('row').filter({ hasText: 'record doctor foreign key' });
    await last.getByText('applied').waitFor();
    await last.getByText('pending').waitFor();
    const pending = page.locator('details[open]');
    await pending.getByText('foreign-key-checked').waitFor();
    await pending.getByText('writes wait', { exact: true }).waitFor();
    await pending
      .getByText(/add constraint `medical_records_doctor_id_foreign`/)
      .first()
      .waitFor();
    await pending
      .getByText(/drop foreign key `medical_records_doctor_id_foreign`/)
      .first()
      .waitFor();
  });

  it('answers a new user within two clicks: which cloud is slow, which rows differ, what a pending migration locks', async () => {
    const steps = async (...clicks: (() => Promise<void>)[]) => {
      await page.goto('about:blank');
      await page.goto(address);
      for (const click of clicks) await click();
    };
    const press = (name: RegExp) => () =>
      page.getByLabel('Are both clouds the same?').getByRole('link', { name }).click();
    gcp.delayMs = 40;
    await steps();
    await card('GCP')
      .getByText(/^[\d.,]+× slower$/)
      .waitFor();
    gcp.delayMs = 0;
    await steps(press(/^Rows/));
    await page.getByRole('link', { name: 'id 3', exact: true }).last().waitFor();
    await steps(press(/^Migrations/));
    const pending = page.locator('details[open]');
    await pending.getByText('writes wait', { exact: true }).waitFor();
    await pending
      .getByText(/changes medical_records/)
      .first()
      .waitFor();
    await steps(press(/^Schema/));
    await page.getByRole('region', { name: 'Drift' }).getByText('patients.contact_number').waitFor();
  });

  it('keeps the place of the keyboard where what had it goes away', async () => {
    const focused = () =>
      page.evaluate(
        "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent",
      );
    await page.goto(`${address}/#/data?table=patients&size=25`);
    await page.locator('.key-cell').nth(24).waitFor();
    // Another table.
    await page.getByLabel('Table').focus();
    await page.getByLabel('Table').selectOption('doctors');
    await page.getByRole('columnheader', { name: 'specialty' }).first().waitFor();
    expect(await page.evaluate('document.activeElement.tagName')).toBe('SELECT');
    // Filters that come and go.
    await page.getByRole('button', { name: 'Add filter' }).press('Enter');
    await expect.poll(focused).toBe('Column');
    await page.getByRole('button', { name: 'Remove the filter on' }).press('Enter');
    await expect.poll(focused).toBe('Add filter');
    // A search that leaves no row, and the button that ends it.
    await page.goto(`${address}/#/data?table=patients&search=Nowhere`);
    await page.getByRole('button', { name: 'Show all rows' }).press('Enter');
    await page.locator('.key-cell').nth(24).waitFor();
    expect(await page.evaluate('document.activeElement.tagName')).toBe('MAIN');
    // Orders and pages.
    await page.goto(`${address}/#/data?table=patients&size=25`);
    await page.getByRole('button', { name: 'lastName' }).first().press('Enter');
    await page.locator('th[aria-sort="ascending"]').first().waitFor();
    await page.locator('.rows-card[aria-busy="false"]').waitFor();
    expect(await focused()).toMatch(/^lastName/);
    await page.getByRole('button', { name: 'Next ›' }).press('Enter');
    await expect.poll(() => page.locator('.key-cell').count()).toBeLessThan(25);
    expect(await focused()).toBe('Next ›');
    // Links of an open row, a row that is closed, and another view.
    await page.goto(`${address}/#/data?table=patients&row=1`);
    const records = page.getByRole('complementary', { name: 'Patient 1' }).getByRole('link');
    await records.first().press('Enter');
    await expect.poll(focused).toMatch(/^MedicalRecord \d+$/);
    await page.keyboard.press('Escape');
    await page.locator('.open-row').waitFor({ state: 'detached' });
    await expect.poll(() => page.evaluate('document.activeElement === document.body')).toBe(false);
    await page.goto(`${address}/#/overview`);
    await page
      .getByRole('link', { name: /^Migrations/ })
      .last()
      .press('Enter');
    await page.getByRole('region', { name: 'History' }).waitFor();
    expect(await page.evaluate('document.activeElement.tagName')).toBe('MAIN');
  });

  it('is printed as a whole, without what only a screen has', async () => {
    await page.goto(`${address}/#/data?table=medicalRecords&size=50`);
    await page.locator('.key-cell').nth(49).waitFor();
    await page.emulateMedia({ media: 'print' });
    const scroller = "document.querySelector('.grid-scroll')";
    expect(await page.evaluate(`${scroller}.scrollHeight - ${scroller}.clientHeight`)).toBeLessThan(2);
    for (const gone of ['.views', '.toolbar', '.pager .steps'])
      expect(await page.locator(gone).isVisible()).toBe(false);
    await page.emulateMedia({ media: 'screen' });
  });

  it('sends an operation to both clouds, and marks the lines of their answers that differ', async () => {
    await page.goto(`${address}/#/explore?example=One+patient`);
    await page.getByLabel('Variables').fill('{ "key": 3 }');
    await operation().press('Control+Enter');
    const answer = page.getByRole('region', { name: 'Answer of GCP' });
    await answer.getByText('"lastName": "Plantson"').waitFor();
    const marked = await answer.locator('.line.differs').allTextContents();
    expect(marked.map((line) => line.trim())).toEqual(['"lastName": "Plantson",']);
    expect(page.url()).toContain('key');

    await page.getByRole('group', { name: 'Which clouds are asked' }).getByText('AZURE').click();
    await page.getByRole('button', { name: 'Ask AZURE' }).click();
    await answer.waitFor({ state: 'detached' });
    await page.getByText('2 operations of this page').waitFor({ state: 'detached' });
  });

  /** As a person does: to put a text in the place of several lines is what Chromium would lay out by styles of its own. */
  async function write(text: string): Promise<void> {
    await operation().press('Control+a');
    await page.keyboard.press('Backspace');
    await page.keyboard.insertText(text);
  }

  it('completes fields of the schema, and shows what is wrong with an operation before it is sent', async () => {
    await page.goto(`${address}/#/explore?example=Doctors`);
    await write('{ patients(source: GCP) { nodes { lastN');
    await operation().press('End');
    await page.keyboard.type('a');
    await page.locator('.cm-tooltip-autocomplete').getByText('lastName', { exact: true }).waitFor();
    await page.keyboard.press('Enter');
    await page.keyboard.type(' shoeSize } } }');
    await page.getByText(/^Line 1 .*"shoeSize"/).waitFor();
    await write('{ sources { source state } }');
    await page.getByText(/^Line 1/).waitFor({ state: 'detached' });
    expect(new URLSearchParams(page.url().split('?')[1]).get('query')).toBe('{ sources { source state } }');
  });

  it('sends headers that it keeps nowhere, and takes operations up again that it has sent', async () => {
    await page.getByText('Headers', { exact: true }).click();
    await page.getByLabel('A line each').fill('x-request-id: a-test\nno header');
    await page.getByRole('button', { name: 'Ask', exact: true }).click();
    await page.getByText('Each header is a line').waitFor();
    await page.getByLabel('A line each').fill('x-request-id: a-test');
    const [sent] = await Promise.all([
      page.waitForRequest('**/graphql'),
      page.getByRole('button', { name: 'Ask', exact: true }).click(),
    ]);
    expect(sent.headers()['x-request-id']).toBe('a-test');
    await page.getByRole('region', { name: 'Answer', exact: true }).getByText('"UP"').first().waitFor();
    expect(page.url()).not.toContain('a-test');
    expect(await page.evaluate('JSON.stringify([{ ...localStorage }, { ...sessionStorage }])')).toBe(
      '[{},{}]',
    );
    await page.getByText('History', { exact: true }).click();
    await page.getByRole('button', { name: /^query Patient/ }).click();
    await expect.poll(() => operation().textContent()).toContain('query Patient(');
  });

  it('has an example of every table that is there, and each is answered', async () => {
    await page.goto(`${address}/#/explore`);
    const examples = page.getByLabel('Example');
    const names = await examples.locator('option').allTextContents();
    expect(names).toEqual(
      expect.arrayContaining(['Patients', 'Doctors', 'Medical records', 'Patients compared']),
    );
    for (const name of names) {
      await examples.selectOption(name);
      await page.getByRole('button', { name: /^Ask/ }).click();
      await page.locator('.json').first().waitFor();
      expect([name, await page.locator('.answers .notice').count()]).toEqual([name, 0]);
    }
  });

  it.each(views)('is walked through by the keyboard in #/%s, with the focus in sight', async (view) => {
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.goto('about:blank');
    await page.goto(`${address}/#/${view}`);
    await page.locator('main .card').first().waitFor();
    await settled();
    // It comes as a script of its own.
    if (view === 'explore') await operation().waitFor();
    expect(await keyboardFaults(page)).toEqual([]);
  });

  it.each(views)('breaks no rule of axe in #/%s, and is never wider than its window', async (view) => {
    await page.goto(`${address}/#/${view}`);
    await settled();
    expect(await faultsOfLooks(page)).toEqual([]);
    // A window of 1280 at 200 %: https://www.w3.org/TR/WCAG22/#resize-text
    await page.setViewportSize({ width: 640, height: 400 });
    expect(await widerThanWindow(page)).toBe(0);
    await page.setViewportSize({ width: 1280, height: 800 });
  });

  it('tells apart by more than colours, which a browser may force', async () => {
    await page.goto(`${address}/#/data?table=patients&size=25`);
    await page.locator('td.differs').first().waitFor();
    await page.emulateMedia({ forcedColors: 'active' });
    const style = (selector: string, name: string) =>
      page.evaluate(`getComputedStyle(document.querySelector('${selector}')).getPropertyValue('${name}')`);
    expect(await style('.views a[aria-current]', 'border-bottom-color')).not.toBe(
      await style('.views a:not([aria-current])', 'border-bottom-color'),
    );
    expect(await style('td.differs', 'outline-style')).not.toBe('none');
    expect(await style('.word', 'border-top-style')).toBe('solid');
    await page.emulateMedia({ forcedColors: 'none' });
  });

  it('says that a table is gone from one cloud, and shows the other tables', async () => {
    const { GCP } = databases.config.databases;
    await using direct = await connect(GCP, GCP.migrator);
    await direct.query('rename table doctors to doctors_of_before');
    await page.goto(`${address}/#/data?table=doctors`);
    const alert = page.getByRole('alert').first();
    await alert.getByText('SCHEMA_OUTDATED').waitFor();
    await alert.getByRole('link', { name: 'What differs' }).click();
    await page.getByRole('region', { name: 'Drift' }).getByText('doctors', { exact: true }).first().waitFor();
    await page.goto(`${address}/#/data?table=patients`);
    await page.locator('.key-cell').first().waitFor();
    await direct.query('rename table doctors_of_before to doctors');
  });

  it('has made no console error and has asked no other host', () => {
    expect(watched).toEqual({ foreign: [], errors: [] });
  });
});
