import Fastify, { type FastifyInstance } from 'fastify';
import { buildSchema, graphql } from 'graphql';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { explorer } from '../../src/server/explorer.ts';
import { launchBrowser, openExplorer, runTab, shownResult, tabNames } from '../helpers/browser.ts';

const schema = buildSchema(`
  enum Source { AZURE GCP }
  type Patient { id: ID! name: String! }
  type Query { patient(source: Source!, id: ID!): Patient }
`);

const rootValue = {
  patient: ({ source, id }: { source: string; id: string }) => ({ id, name: `Ada of ${source}` }),
};

const examples = [
  {
    name: 'Both clouds',
    query:
      '# </script> `a template`\n{ azure: patient(source: AZURE, id: 1) { name } gcp: patient(source: GCP, id: 1) { name } }',
  },
  {
    name: 'One patient',
    query: 'query One($id: ID!) { patient(source: GCP, id: $id) { id name } }',
    variables: '{ "id": "7" }',
  },
];

async function toyServer(): Promise<FastifyInstance> {
  const app = Fastify();
  app.post<{ Body: { query: string; variables?: Record<string, unknown> } }>('/graphql', ({ body }) =>
    graphql({ schema, rootValue, source: body.query, variableValues: body.variables ?? {} }),
  );
  await app.register(explorer, { endpoint: '/graphql', examples });
  return app;
}

describe('the explorer over HTTP', () => {
  let app: FastifyInstance;
  let html: string;
  let base: string;

  beforeAll(async () => {
    app = await toyServer();
    html = (await app.inject('/explorer')).body;
    base = /<base href="([^"]+)">/.exec(html)?.[1] ?? '';
  });
  afterAll(() => app.close());

  it('answers a page that is asked for anew each time and may talk to no other host', async () => {
    const page = await app.inject('/explorer');
    expect(page.statusCode).toBe(200);
    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
    });
    const policy = String(page.headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/https?:|wss?:|\*|unsafe-eval|script-src[^;]*unsafe-inline/);
    expect(html).toContain('<title>Tandem explorer</title>');
    expect(html).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
  });

  it('serves every file that the page names, cached for good', async () => {
    const names = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, name]) => name ?? '');
    const files = names.filter((name) => name !== base);
    expect(files).toEqual(
      expect.arrayContaining(['main.js', 'styles.css', 'tandem.js', 'tandem.css', 'tandem.svg']),
    );
    for (const file of files) {
      const asset = await app.inject(base + file);
      expect([file, asset.statusCode]).toEqual([file, 200]);
      expect(asset.headers['cache-control']).toBe('public, max-age=31536000, immutable');
      expect(asset.headers['content-type']).toMatch(
        /^(text\/(javascript|css); charset=utf-8|image\/svg\+xml)/,
      );
    }
  });

  it('compresses text for those who accept it and leaves fonts alone', async () => {
    const headers = { 'accept-encoding': 'gzip, br' };
    const main = await app.inject({ url: `${base}main.js`, headers });
    expect(main.headers['content-encoding']).toBe('gzip');
    expect(main.rawPayload.length).toBeLessThan(1_000_000);
    expect((await app.inject(`${base}main.js`)).headers['content-encoding']).toBeUndefined();
    const font = await app.inject({ url: `${base}media/jetbrains-mono-latin-400-normal.woff2`, headers });
    expect(font.headers).toMatchObject({ 'content-type': 'font/woff2' });
    expect(font.headers['content-encoding']).toBeUndefined();
  });

  it('has nothing outside its folder', async () => {
    for (const path of ['../index.js', '..%2findex.js', '%2e%2e/package.json', 'assets', 'nothing.js', '']) {
      expect([path, (await app.inject(base + path)).statusCode]).toEqual([path, 404]);
    }
  });

  it('changes the address of its files when the examples change', async () => {
    await using other = Fastify();
    await other.register(explorer, { endpoint: '/graphql', examples: [] });
    const page = await other.inject('/explorer');
    expect(page.body).not.toContain(base);
  });
});

const browser = await launchBrowser();

describe.skipIf(!browser)('the explorer in a browser', () => {
  let app: FastifyInstance;
  let server: string;
  let page: Page;

  beforeAll(async () => {
    app = await toyServer();
    server = await app.listen({ host: '127.0.0.1', port: 0 });
    page = await (browser as Browser).newPage();
  });
  afterAll(async () => {
    await browser?.close();
    await app.close();
  });

  it('runs its examples and shows the answers, asking no other host', async () => {
    const visit = await openExplorer(page, server);
    expect(await tabNames(page)).toEqual(['Both clouds', 'One patient']);

    const both = { data: { azure: { name: 'Ada of AZURE' }, gcp: { name: 'Ada of GCP' } } };
    expect(await runTab(page, 'Both clouds')).toEqual(both);
    expect(JSON.parse(await shownResult(page))).toEqual(both);

    const one = { data: { patient: { id: '7', name: 'Ada of GCP' } } };
    expect(await runTab(page, 'One patient')).toEqual(one);
    expect(JSON.parse(await shownResult(page))).toEqual(one);
    expect(await page.locator('.variables-editor .cm-content').textContent()).toBe('{ "id": "7" }');

    expect(visit).toEqual({ foreign: [], errors: [] });
  });

  it('shows the schema and completes a field', async () => {
    await openExplorer(page, server);
    await page.locator('[track-id="show_docs"]').click();
    await page.locator('app-doc-viewer').getByText('Query', { exact: true }).click();
    await page.locator('app-doc-viewer').getByText('patient', { exact: true }).waitFor();

    await page.getByText('+ Add new').click();
    await page.locator('.query-editor__input .cm-content').click();
    await page.keyboard.type('{ pat');
    await page.locator('.cm-tooltip-autocomplete').getByText('patient', { exact: true }).waitFor();
  });

  it('hides what needs other hosts', async () => {
    await openExplorer(page, server);
    for (const text of ['Pre-request', 'No environment', 'Altair AI', 'Ezio']) {
      expect([text, await page.getByText(text).filter({ visible: true }).count()]).toEqual([text, 0]);
    }
  });

  it('is refused by its own policy when it reaches for another host', async () => {
    const visit = await openExplorer(page, server);
    await page.evaluate(() => fetch('https://example.com/').catch(() => {}));
    expect(visit.errors.join()).toContain('Content Security Policy');
  });
});
