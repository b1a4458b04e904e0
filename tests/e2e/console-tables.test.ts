import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { longField, statements, wideColumns } from '../fixtures/console/entities.ts';
import { launchBrowser } from '../helpers/browser.ts';
import {
  axeViolations,
  type Between,
  faultsOfStates,
  standBetween,
  type Watched,
  watch,
} from '../helpers/console-page.ts';
import { createDatabases, type TestDatabases } from '../helpers/databases.ts';
import { connect } from '../helpers/driver.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

vi.mock('../../src/entities/index.ts', () => import('../fixtures/console/entities.ts'));

/** The machine may be busy. */
const patient = { timeout: 20_000 };

const typedTables = readFileSync(new URL('../fixtures/sakila/tables.sql', import.meta.url), 'utf8')
  .split(/;\s*\n/)
  .filter((statement) => statement.trim() !== '');

/** A text that the clouds tell apart far behind what a cell has room for. */
const longText = 'Nihil est. '.repeat(500);

/** Letters that mean something in an address, in JSON or in HTML, or look like nothing; each is its row's label, too. */
const oddTexts = [
  '',
  '"',
  '"a"',
  '{"key":1}',
  'null',
  'a/b?c=1&d#e%20+f',
  '<b onclick="a()">',
  '😀 \u{1F469}\u200d\u{1F52C}',
  'שלום \u202e abc',
] as const;

const markup = '<img src=x onerror="hit=1">';

/** Pairs that look the same, of AZURE and GCP. */
const alike = [
  ['end', 'end '],
  ['two words', 'two  words'],
  ['a\nb', 'a\tb'],
  ['\u00e9', 'e\u0301'],
  ['zero', 'ze\u200bro'],
] as const;

const literal = (text: string) => `convert(x'${Buffer.from(text).toString('hex')}' using utf8mb4)`;

const typedRows = [
  ...oddTexts.map(
    (text) => `insert into cased_rows (the_key, label) values (${literal(text)}, ${literal(text + markup)})`,
  ),
  ...alike.map(([text], at) => `insert into actors values (${at + 101}, ${literal(text)})`),
  `insert into documents (id, data, place, shape) values
    (1, '{"key": 7, "colour": "red"}', st_geomfromtext('POINT(52.5 13.4)', 4326), st_geomfromtext('LINESTRING(0 0, 1 1)')),
    (2, '"1"', null, null)`,
  `insert into texts (id, \`varying\`, \`long\`, \`blob\`, bits) values (1, 'null', '${longText}', x'00ff', b'101'), (2, '', null, null, null)`,
  "insert into choices (id, rating, features) values (1, 'PG-13', 'Trailers,Deleted Scenes'), (2, null, '')",
  'insert into numbers (id, flag, big_unsigned, exact, `double`) values (1, true, 18446744073709551615, 0.1, 1e300)',
  "insert into moments (id, day, amount, exact_instant) values (1, '2026-02-28', '-838:59:59', '2026-02-28 23:59:59.999999')",
];

const browser: Browser | null = await launchBrowser();

describe.skipIf(browser === null)('tables of all kinds in the console', () => {
  let databases: TestDatabases;
  let between: Between;
  let server: TestServer;
  let page: Page;
  let watched: Watched;

  beforeAll(async () => {
    databases = await createDatabases({
      migrated: false,
      statements: [...statements, ...typedTables, ...typedRows],
    });
    const { GCP } = databases.config.databases;
    await using gcp = await connect(GCP, GCP.migrator);
    for (const change of [
      "update film_actors set part = 'other' where film_id = 2 and actor_id = 3",
      "update order_lines set goods = 'nutmeg' where line = 2",
      'update wide set c200 = 201 where id = 2',
      'update documents set data = \'{"key": 7, "colour": "blue"}\' where id = 1',
      "update documents set data = '1' where id = 2",
      "update texts set `long` = concat(`long`, 'Omnia sunt.'), `varying` = null where id = 1",
      'delete from readings where value = -7',
      'delete from mixed_items',
      ...alike.map(([, text], at) => `update actors set name = ${literal(text)} where id = ${at + 101}`),
    ])
      await gcp.query(change);
    between = await standBetween(databases.config);
    server = await startServer(between.config);
    between.front.to = Number(new URL(server.url).port);
    page = await (browser as Browser).newPage({ viewport: { width: 1280, height: 800 } });
    // The machine may be busy.
    page.setDefaultTimeout(60_000);
    watched = watch(page, new URL(server.url).host);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
    await between?.[Symbol.asyncDispose]();
    await databases?.[Symbol.asyncDispose]();
  });

  const open = (params: Record<string, string>) =>
    page.goto(`${server.url}/#/data?${new URLSearchParams(params)}`);
  const opened = (name: string) => page.getByRole('complementary', { name, exact: true });
  const keys = () =>
    page
      .locator('.key-cell button')
      .allTextContents()
      .then((texts) => texts.map((text) => text.replace('Open row ', '')));
  const jump = async (to: string) => {
    await page.getByLabel(/^(From|Open) key$/).fill(to);
    await page.getByLabel(/^(From|Open) key$/).press('Enter');
  };
  /** The cells of a row that differ, without the word that says so. */
  const differing = async (key: string) => {
    const row = page.getByRole('row').filter({
      has: page.getByRole('button', { name: `Open row ${key}`, exact: true }),
    });
    await row.getByText('differs', { exact: true }).waitFor();
    const texts = await row.locator('td.differs').allTextContents();
    return texts.map((text) => text.replace('differs: ', ''));
  };

  it('lists every table, and lays rows beside each other by a key of two rows', async () => {
    await open({ table: 'filmActors' });
    await expect.poll(keys, patient).toEqual(['1, 1', '1, 2', '2, 1', '2, 3']);
    expect(await differing('2, 3')).toEqual(['z', 'other']);
    const names = await page.getByLabel('Table').locator('option').allTextContents();
    expect(names).toEqual(names.toSorted((one, other) => one.localeCompare(other)));
    expect(names).toEqual(expect.arrayContaining(['Film actors', 'Order lines', 'Readings', 'Wides']));
    expect(names.length).toBeGreaterThan(55);
  });

  it('jumps to a key of several columns, and opens its row with what belongs to it', async () => {
    await jump('1, 2');
    await expect.poll(keys, patient).toEqual(['1, 2', '2, 1', '2, 3']);
    // The first column is enough.
    await jump('2');
    await expect.poll(keys, patient).toEqual(['2, 1', '2, 3']);
    await jump('1, 2');
    await page.getByRole('button', { name: 'Open row 1, 2' }).click();
    await opened('FilmActor 1, 2').getByText('1 in AZURE, 1 in GCP').waitFor();
    await opened('FilmActor 1, 2').getByRole('link', { name: '#1' }).first().click();
    await opened('Film 1').getByText('2 in AZURE, 2 in GCP').first().waitFor();
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
    await opened('OrderLine acme, 1, 2').getByText('nutmeg').waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await page.reload();
    await opened('OrderLine acme, 1, 2').getByText('nutmeg').waitFor();
  });

  it('opens rows by keys of any letters, and again by their address', async () => {
    await open({ table: 'casedRows' });
    await expect.poll(async () => (await keys()).length, patient).toBe(oddTexts.length + 1);
    const links = page.locator('.key-cell button');
    const labels: string[] = [];
    for (let at = 0; at <= oddTexts.length; at += 1) {
      await page.goto('about:blank');
      await open({ table: 'casedRows' });
      await links.nth(at).click();
      const label = page.locator('.open-row .fields tr').filter({ hasText: 'label' }).locator('td').first();
      await label.waitFor();
      const text = await label.textContent();
      await page.reload();
      await label.waitFor();
      expect(await label.textContent()).toBe(text);
      labels.push(text ?? '');
      await page.goBack();
      await page.locator('.open-row').waitFor({ state: 'detached' });
      await page.goForward();
      await label.waitFor();
    }
    expect(new Set(labels)).toEqual(
      new Set(['letters that mean something elsewhere', ...oddTexts.map((text) => text + markup)]),
    );
    expect(await page.evaluate('window.hit')).toBeUndefined();
  });

  it('tells texts apart that look the same', async () => {
    await open({ table: 'actors' });
    for (const at of alike.keys()) {
      const [azure, gcp] = await differing(`${at + 101}`);
      const looks = (text = '') =>
        text
          .normalize('NFKC')
          .replace(/[\s\p{C}]+/gu, ' ')
          .trim();
      expect(looks(azure)).not.toBe(looks(gcp));
    }
    await page.getByRole('button', { name: 'Open row 101', exact: true }).click();
    await opened('Actor 101').locator('.late-difference').getByText('end␣').waitFor();
  });

  it('offers no search where there is no text to search in', async () => {
    await open({ table: 'wides' });
    await page.locator('.key-cell').first().waitFor();
    expect(await page.getByRole('searchbox').count()).toBe(0);
    await open({ table: 'actors' });
    await page.getByRole('searchbox').waitFor();
  });

  it('goes through the rows by the arrow keys, opens one by Enter and closes it by Escape', async () => {
    await open({ table: 'filmActors' });
    await expect.poll(keys, patient).toHaveLength(4);
    const focused = () => page.evaluate('document.activeElement.textContent');
    await page.getByRole('button', { name: 'Open row 1, 1' }).focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    expect(await focused()).toBe('Open row 2, 1');
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await opened('FilmActor 2, 1').getByText('actor').waitFor();
    // Below the grid of a telephone, it is out of sight.
    expect(await page.evaluate("document.activeElement.getAttribute('aria-label')")).toBe('FilmActor 2, 1');
    await page.keyboard.press('Escape');
    await opened('FilmActor 2, 1').waitFor({ state: 'detached' });
    expect(await focused()).toBe('Open row 2, 1');
  });

  it('shows rows without a key as each cloud has them, and those that the other page lacks', async () => {
    await open({ table: 'readings', size: '25', order: 'value:ASC' });
    const rowsOf = (cloud: string) =>
      page.getByRole('region', { name: `Rows of ${cloud}` }).locator('tbody tr');
    await rowsOf('GCP').nth(24).waitFor();
    // No value comes first in both; those of AZURE that GCP has not follow on later pages.
    expect(await rowsOf('AZURE').locator('.word').count()).toBe(0);
    await open({ table: 'readings', size: '25', filters: '[["value","lt","0"]]' });
    await page.getByText('25 rows of AZURE, 0 of GCP').waitFor();
    expect(await rowsOf('AZURE').getByText('not on GCP’s page').count()).toBe(25);
    await page.getByText('GCP has no row here.').waitFor();
    const seen: number[] = [];
    const next = page.getByRole('button', { name: 'Next ›' });
    for (let isLast = false; !isLast; ) {
      await page.locator('.rows-card[aria-busy="false"]').waitFor();
      seen.push(await rowsOf('AZURE').count());
      isLast = await next.isDisabled();
      // Until the answer comes, the page before stands there.
      if (!isLast)
        await Promise.all([
          page.waitForResponse((response) => response.url().endsWith('/graphql')),
          next.click(),
        ]);
    }
    expect(seen).toEqual([25, 25, 25]);
    await page.getByRole('button', { name: '‹ Back' }).click();
    await page.getByText('25 rows of AZURE, 0 of GCP').waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await open({ table: 'sensors', row: '1' });
    await opened('Sensor 1').getByText('100 in AZURE, 75 in GCP; the first').waitFor();
  });

  it('tells documents and long texts apart by what differs in them', async () => {
    await open({ table: 'documents' });
    expect(await differing('1')).toEqual(
      expect.arrayContaining(['{"key":7,"colour":"red"}', '{"key":7,"colour":"blue"}']),
    );
    // A text is not the number that it looks like.
    expect(await differing('2')).toEqual(expect.arrayContaining(['"1"', '1']));
    await open({ table: 'texts' });
    const [, azure, , gcp] = await differing('1');
    expect(azure?.length).toBeLessThan(100);
    expect(gcp).toMatch(/^….{0,12} Omnia sunt\.$/);
    await page.getByRole('button', { name: 'Open row 1', exact: true }).click();
    // The long text scrolls; what differs in it is in sight.
    await opened('Texts 1').locator('.late-difference').getByText('Omnia sunt.').waitFor();
    // The text "null" and none at all are two values.
    const row = opened('Texts 1').getByRole('row').filter({ hasText: 'varying' }).first();
    expect(await row.locator('td.differs').count()).toBe(2);
    await open({ table: 'choices' });
    await page
      .getByRole('cell', { name: /^Trailers, Deleted.Scenes$/ })
      .first()
      .waitFor();
    expect(await axeViolations(page)).toEqual([]);
  });

  it('shows the first columns of a wide table and those that differ, and all when asked', async () => {
    await open({ table: 'wides' });
    expect(await differing('2')).toEqual(['200', '201']);
    const heads = () =>
      page
        .locator('.grid thead tr')
        .last()
        .locator('th')
        .allTextContents()
        .then((texts) => texts.filter((text) => /^c\d+/.test(text)));
    const few = await heads();
    expect(few).toHaveLength(50);
    expect(few.slice(-1)).toEqual(['c200']);
    await page.getByRole('button', { name: `${wideColumns - 24} more columns` }).click();
    await expect.poll(heads).toHaveLength(2 * wideColumns);
    await open({ table: 'rowsOfATableWhoseNameIsAsLongAsMysqlLetsAnyNameBe', row: '1' });
    await page.getByRole('button', { name: longField }).first().waitFor();
    await page.setViewportSize({ width: 390, height: 800 });
    const tooWide = () => page.evaluate('document.documentElement.scrollWidth - innerWidth');
    expect(await tooWide()).toBe(0);
    expect(await axeViolations(page)).toEqual([]);
    // A cell far to the right that differs.
    await open({ table: 'wides', columns: 'all', layout: 'side' });
    await page.locator('td.differs').last().waitFor();
    expect(await tooWide()).toBe(0);
    await page.setViewportSize({ width: 1280, height: 800 });
  });

  it('says where a table is empty, where no row matches, and where there is no such table', async () => {
    await open({ table: 'hollows' });
    await page.getByText('Hollows: no row in either cloud').waitFor();
    await open({ table: 'hollows', search: 'x' });
    await page.getByText('No row matches').waitFor();
    await open({ table: 'gone' });
    await page.getByText('There is no table gone').waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await page.getByRole('link', { name: 'Film actors' }).click();
    await expect.poll(keys, patient).toHaveLength(4);
  });

  it('shows each table, and opens its first row', async () => {
    await open({ table: 'films' });
    const names = await page
      .getByLabel('Table')
      .locator('option')
      .evaluateAll((options) => options.map((option) => (option as unknown as { value: string }).value));
    const faults: string[] = [];
    let rows = 0;
    for (const table of names) {
      await open({ table });
      await page
        .locator(`.toolbar select`)
        .filter({ has: page.locator('option:checked') })
        .waitFor();
      await page.locator('.rows-card[aria-busy="false"]').waitFor();
      const [first] = await page.locator('.key-cell button').all();
      if (first) {
        rows += 1;
        await first.click();
        await page.locator('.open-row .fields').waitFor();
      }
      for (const text of await page.locator('.notice.failed').allTextContents())
        faults.push(`${table}: ${text}`);
    }
    expect(faults).toEqual([]);
    expect(rows).toBeGreaterThan(20);
  });

  it('has examples of such tables, which the server answers', async () => {
    await page.goto(`${server.url}/#/explore`);
    for (const name of ['One film actor', 'Order lines compared', 'Tenants compared', 'Orders', 'Readings']) {
      await page.getByLabel('Example').selectOption(name);
      await page.getByRole('button', { name: /^Ask/ }).click();
      await page.locator('.json').first().waitFor();
      expect([name, await page.locator('.answers .notice').count()]).toEqual([name, 0]);
    }
  });

  it('draws sixty tables, and lists the drift of their columns', async () => {
    await page.goto(`${server.url}/#/schema`);
    await page.locator('.picture svg text').getByText('film_actors').first().waitFor();
    await page.getByRole('region', { name: 'Drift' }).getByText('No drift').waitFor();
    expect(await axeViolations(page)).toEqual([]);
    expect(watched).toEqual({ foreign: [], errors: [] });
  });

  // The states of the clinic's tables are in console.test.ts, at each run.
  it.runIf(process.env.TANDEM_LONG === '1')(
    'breaks no rule of axe while answers are late, clouds are down, or the server is away',
    async () => {
      const views = [
        `data?table=filmActors&row=${encodeURIComponent('{"filmKey":1,"actorKey":1}')}`,
        'data?table=readings',
        'data?table=wides&layout=side',
        'data?table=rowsOfATableWhoseNameIsAsLongAsMysqlLetsAnyNameBe&row=1',
        'schema',
      ];
      expect(await faultsOfStates(page, between, views)).toEqual([]);
    },
    900_000,
  );
});
