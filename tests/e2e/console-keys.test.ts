import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { tables } from '../fixtures/keys/orders.ts';
import { launchBrowser } from '../helpers/browser.ts';
import { axeViolations, type Watched, watch } from '../helpers/console.ts';
import { createDatabases, type TestDatabases } from '../helpers/databases.ts';
import { connect } from '../helpers/driver.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

vi.mock('../../src/entities/index.ts', () => import('../fixtures/keys/orders.ts'));

/** The machine may be busy. */
const patient = { timeout: 20_000 };

const browser: Browser | null = await launchBrowser();

describe.skipIf(browser === null)('tables with keys of text and of several columns in the console', () => {
  let databases: TestDatabases;
  let server: TestServer;
  let page: Page;
  let watched: Watched;

  beforeAll(async () => {
    databases = await createDatabases({
      statements: [
        ...tables,
        "insert into films values (1, 'Algebra'), (2, 'Botany')",
        "insert into actors values (1, 'Ada'), (2, 'Bo'), (3, 'Cy')",
        "insert into film_actors (film_id, actor_id, part) values (1, 1, 'x'), (1, 2, 'y'), (2, 1, null), (2, 3, 'z')",
        "insert into awards (name, film_id, actor_id) values ('Bear', 1, 2)",
        "insert into tenants values ('acme'), ('bolt'), ('cog')",
        "insert into orders values ('acme', 1, null), ('acme', 2, 1), ('bolt', 1, null)",
        "insert into order_lines values ('acme', 1, 1, 'nails'), ('acme', 1, 2, 'nuts'), ('bolt', 1, 1, 'bolts')",
      ],
    });
    const { GCP } = databases.config.databases;
    await using gcp = await connect(GCP, GCP.migrator);
    await gcp.query("update film_actors set part = 'other' where film_id = 2 and actor_id = 3");
    await gcp.query("update order_lines set goods = 'nutmeg' where line = 2");
    const limits = { ...databases.config.limits, cost: 1_000_000 };
    server = await startServer({ ...databases.config, limits });
    page = await (browser as Browser).newPage({ viewport: { width: 1280, height: 800 } });
    watched = watch(page, new URL(server.url).host);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
    await databases?.[Symbol.asyncDispose]();
  });

  const open = (params: Record<string, string>) =>
    page.goto(`${server.url}/#/data?${new URLSearchParams(params)}`);
  const keys = () =>
    page
      .locator('.key-cell button')
      .allTextContents()
      .then((texts) => texts.map((text) => text.replace('Open row ', '')));
  const jump = async (to: string) => {
    await page.getByLabel(/^(From|Open) key$/).fill(to);
    await page.getByLabel(/^(From|Open) key$/).press('Enter');
  };

  it('lists every table, and lays rows beside each other by a key of two rows', async () => {
    await open({ table: 'filmActors' });
    await expect.poll(keys, patient).toEqual(['1, 1', '1, 2', '2, 1', '2, 3']);
    const row = page.getByRole('row').filter({ hasText: '2, 3' });
    expect(await row.locator('td.differs').allTextContents()).toEqual(['differs: z', 'differs: other']);
    const names = await page.getByLabel('Table').locator('option').allTextContents();
    expect(names).toEqual(
      expect.arrayContaining(['Film actors', 'Orders', 'Order lines', 'Tenants', 'Invoices']),
    );
  });

  it('jumps to a key of several columns, and opens its row with what belongs to it', async () => {
    await jump('1, 2');
    await expect.poll(keys, patient).toEqual(['1, 2', '2, 1', '2, 3']);
    // The first column is enough.
    await jump('2');
    await expect.poll(keys, patient).toEqual(['2, 1', '2, 3']);
    await jump('1, 2');
    await page.getByRole('button', { name: 'Open row 1, 2' }).click();
    const opened = page.getByRole('complementary', { name: 'FilmActor 1, 2' });
    await opened.getByText('1 in AZURE, 1 in GCP').waitFor();
    await opened.getByRole('link', { name: '#1' }).first().click();
    await page
      .getByRole('complementary', { name: 'Film 1' })
      .getByText('2 in AZURE, 2 in GCP')
      .first()
      .waitFor();
  });

  it('jumps to keys of text, and to keys of keys', async () => {
    await open({ table: 'tenants' });
    await expect.poll(keys, patient).toEqual(['acme', 'bolt', 'cog']);
    await jump('b');
    await expect.poll(keys, patient).toEqual(['bolt', 'cog']);
    await open({ table: 'orderLines' });
    await expect.poll(keys, patient).toEqual(['acme, 1, 1', 'acme, 1, 2', 'bolt, 1, 1']);
    await jump('acme, 1, 2');
    await expect.poll(keys, patient).toEqual(['acme, 1, 2', 'bolt, 1, 1']);
    await page.getByRole('button', { name: 'Open row acme, 1, 2' }).click();
    await page.getByRole('complementary', { name: 'OrderLine acme, 1, 2' }).getByText('nutmeg').waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await page.reload();
    await page.getByRole('complementary', { name: 'OrderLine acme, 1, 2' }).getByText('nutmeg').waitFor();
  });

  it('has examples of such tables, which the server answers', async () => {
    await page.goto(`${server.url}/#/explore`);
    for (const name of ['One film actor', 'Order lines compared', 'Orders']) {
      await page.getByLabel('Example').selectOption(name);
      await page.getByRole('button', { name: /^Ask/ }).click();
      await page.locator('.json').first().waitFor();
      expect([name, await page.locator('.answers .notice').count()]).toEqual([name, 0]);
    }
    expect(watched).toEqual({ foreign: [], errors: [] });
  });
});
