import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { tableOf } from '../../src/entities/table.ts';
import { sourceNames } from '../../src/source-name.ts';
import { launchBrowser } from '../helpers/browser.ts';
import {
  axeViolations,
  type Between,
  faultsOfStates,
  standBetween,
  type Watched,
  watch,
} from '../helpers/console-page.ts';
import { asMigrator } from '../helpers/databases.ts';
import { createDomain } from '../helpers/domain-inputs.ts';
import { insertVisits, type RentalServer, randomRentals, startRental } from '../helpers/rental.ts';

vi.mock('../../src/entities/index.ts', () => import('../fixtures/rental/index.ts'));

const browser: Browser | null = await launchBrowser();

describe.skipIf(browser === null)('the console on a shop that rents films', () => {
  let between: Between;
  let server: RentalServer;
  let page: Page;
  let watched: Watched;
  /** Root fields of the tables, and those that have a row in GCP that is not as in AZURE. */
  let tables: readonly string[];
  const planted = new Set<string>();
  /** They show rows of the tables, planted ones among them. */
  const views = new Set<string>();

  beforeAll(async () => {
    server = await startRental({
      async adapt(config) {
        between = await standBetween(config);
        return between.config;
      },
    });
    between.front.to = Number(new URL(server.url).port);
    const domain = randomRentals(server, 12);
    for (const source of sourceNames) await createDomain(domain, source, server.data);
    await insertVisits(server, domain);
    await plant();
    page = await (browser as Browser).newPage({ viewport: { width: 1280, height: 800 } });
    // The machine may be busy.
    page.setDefaultTimeout(60_000);
    watched = watch(page, new URL(server.url).host);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
    await between?.[Symbol.asyncDispose]();
  });

  /** A row of each table that has a text: which tables there are is the fixture's own matter. */
  async function plant(): Promise<void> {
    const metas = [...server.sources.AZURE.orm.getMetadata().getAll().values()].filter(
      (meta) => meta.class !== undefined && tableOf(meta.class as never) !== undefined && !meta.abstract,
    );
    tables = metas.map((meta) => tableOf(meta.class as never)?.many as string);
    for (const meta of metas) {
      if (meta.view) views.add(tableOf(meta.class as never)?.many as string);
      const text = meta.props.find(
        ({ type, primary, persist, fieldNames }) =>
          type === 'string' && !primary && persist !== false && fieldNames?.length === 1,
      );
      const [column] = text?.columnTypes?.[0]?.match(/char|text/) ? text.fieldNames : [];
      if (column === undefined || meta.view) continue;
      await asMigrator(server.config.databases.GCP, [
        `update ${meta.tableName} set ${column} = 'Planted' limit 1`,
      ]);
      planted.add(tableOf(meta.class as never)?.many as string);
    }
  }

  it('shows each table with the row that differs, and opens it with what belongs to it', async () => {
    const faults: string[] = [];
    const differing = new Set<string>();
    let related = 0;
    for (const table of tables) {
      await page.goto(`${server.url}/#/data?table=${table}`);
      await expect.poll(() => page.getByLabel('Table').inputValue()).toBe(table);
      await page.locator('.rows-card[aria-busy="false"]').waitFor();
      const row = page
        .getByRole('row')
        .filter({ has: page.locator('td.differs') })
        .first();
      if ((await row.count()) > 0) {
        differing.add(table);
        await row.locator('.key-cell button').click();
        await page.locator('.open-row td.differs').first().waitFor();
        related += await page.locator('.open-row section').count();
      }
      for (const text of await page.locator('.notice.failed').allTextContents())
        faults.push(`${table}: ${text}`);
    }
    expect(faults).toEqual([]);
    expect(new Set([...differing].filter((table) => !views.has(table)))).toEqual(planted);
    expect(planted.size).toBeGreaterThan(5);
    expect(related).toBeGreaterThan(5);
    expect(await axeViolations(page)).toEqual([]);
  });

  it('filters by numbers of every type, and by booleans', async () => {
    const values: Readonly<Record<string, string>> = {
      audience: '4294967295',
      length: '90',
      rentalRate: '4.99',
      rentalDuration: '3',
      score: '2.5',
      silent: 'true',
    };
    for (const [column, value] of Object.entries(values)) {
      const filters = encodeURIComponent(
        JSON.stringify([[column, column === 'silent' ? 'eq' : 'lte', value]]),
      );
      await page.goto(`${server.url}/#/data?table=films&filters=${filters}`);
      await page.locator('.rows-card[aria-busy="false"]').waitFor();
      await expect.poll(() => page.locator('.rows-card .summary').textContent()).toMatch(/rows?/);
      expect([column, await page.locator('.notice.failed').allTextContents()]).toEqual([column, []]);
    }
  });

  it.each([
    ['overview', 'TLSv1.3'],
    ['schema', 'film_actor'],
    ['migrations', 'History'],
    ['parity', 'No run yet'],
    ['explore', 'query'],
  ])('shows #/%s without a fault', async (view, text) => {
    await page.goto(`${server.url}/#/${view}`);
    await page.getByText(text).filter({ visible: true }).first().waitFor();
    await expect.poll(() => page.locator('.skeleton').count()).toBe(0);
    expect(await page.getByRole('alert').allTextContents()).toEqual([]);
    expect(await axeViolations(page)).toEqual([]);
  });

  it('has examples of each table, and each is answered', async () => {
    const examples = page.getByLabel('Example');
    for (const name of await examples.locator('option').allTextContents()) {
      await examples.selectOption(name);
      await page.getByRole('button', { name: /^Ask/ }).click();
      await page.locator('.json').first().waitFor();
      expect([name, await page.locator('.answers .notice').count()]).toEqual([name, 0]);
    }
    expect(watched).toEqual({ foreign: [], errors: [] });
  });

  it.runIf(process.env.TANDEM_LONG === '1')(
    'breaks no rule of axe while answers are late, clouds are down, or the server is away',
    async () => {
      const views = ['overview', 'data?table=films', 'schema', 'migrations', 'parity', 'explore'];
      expect(await faultsOfStates(page, between, views)).toEqual([]);
    },
    900_000,
  );
});
