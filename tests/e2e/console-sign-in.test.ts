import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AccessRules } from '../../src/access/permission.ts';
import { launchBrowser } from '../helpers/browser.ts';
import { faultsOfLooks, type Watched, watch } from '../helpers/console-page.ts';
import { createDatabases, type TestDatabases } from '../helpers/databases.ts';
import { type IdentityProvider, makeKey, startIdentityProvider } from '../helpers/identity-provider.ts';
import { rawRequest } from '../helpers/raw-request.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import { startProxy, type TcpProxy } from '../helpers/tcp-proxy.ts';

const browser: Browser | null = await launchBrowser();

const rules: AccessRules = {
  roles: {
    operator: { description: 'A test.', features: ['sources', 'introspection'] },
    reader: { description: 'A test.', features: ['introspection'] },
  },
  tables: { Patient: { reader: { read: { columns: ['lastName'] } } } },
};

/** The same after a release: readers may see first names, too. */
const laterRules: AccessRules = {
  ...rules,
  tables: { Patient: { reader: { read: { columns: ['lastName', 'firstName'] } } } },
};

let databases: TestDatabases;
let provider: IdentityProvider;
let server: TestServer;
/** The server of the next release, on the same databases. */
let later: TestServer;
/** Its port is known before the server listens, as the provider has to know where to lead back to. */
let front: TcpProxy;
let address: string;

beforeAll(async () => {
  front = await startProxy(0);
  address = `http://127.0.0.1:${front.port}`;
  provider = await startIdentityProvider({
    keys: [await makeKey('first')],
    consoleAt: `${address}/`,
    claims: (subject) => ({ roles: subject.split('+') }),
  });
  databases = await createDatabases();
  const issuer = {
    issuer: provider.issuer,
    audience: ['tandem'],
    algorithms: ['RS256'],
    rolesClaim: 'roles',
    console: { clientId: 'console', scope: 'openid' },
  } as const;
  const auth = { mode: 'required', issuers: [issuer], leewayMs: 0 } as const;
  server = await startServer({ ...databases.config, auth }, { rules });
  later = await startServer({ ...databases.config, auth }, { rules: laterRules });
  front.to = Number(new URL(server.url).port);
});
afterAll(async () => {
  await browser?.close();
  await front?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
  await later?.[Symbol.asyncDispose]();
  await provider?.[Symbol.asyncDispose]();
  await databases?.[Symbol.asyncDispose]();
});

it('names the issuer in the policy of the page, and no other host', async () => {
  const { headers } = await rawRequest(server.url, { path: '/' });
  expect(headers['content-security-policy']).toContain(`connect-src 'self' ${provider.issuer};`);
});

describe.skipIf(browser === null)('signing in', () => {
  let page: Page;
  let watched: Watched;

  beforeAll(async () => {
    page = await (browser as Browser).newPage();
    watched = watch(page, new URL(address).host);
  });

  /** Through the forms of the provider. */
  async function signInAs(person: string): Promise<void> {
    await page.getByRole('button', { name: /^Sign in at/ }).click();
    await page.locator('[name=login]').fill(person);
    await page.locator('[name=password]').fill('any');
    await page.locator('[type=submit]').click();
    await page
      .locator('[type=submit]')
      .filter({ hasText: /continue/i })
      .click();
    await page.waitForURL(`${address}/**`);
  }

  it('asks for nothing but a sign-in, leads to the issuer and back to the view', async () => {
    await page.goto(`${address}/#/data?table=patients&size=25`);
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(await faultsOfLooks(page)).toEqual([]);
    await signInAs('reader');
    await page.getByText('no row in either cloud').waitFor();
    expect(page.url()).toBe(`${address}/#/data?table=patients&size=25`);
    await page.locator('.role').getByText('reader').waitFor();
  });

  it('shows a role its own columns alone, and says which feature a view needs', async () => {
    await page.getByRole('button', { name: 'Add filter' }).click();
    expect(await page.getByLabel('Column').locator('option').allTextContents()).toEqual(['key', 'lastName']);
    await page.getByRole('link', { name: 'Overview' }).click();
    await page.getByText('Your role may not see the state of the clouds').waitFor();
    expect(await faultsOfLooks(page)).toEqual([]);
    for (const view of ['schema', 'migrations', 'parity'])
      await page.goto(`${address}/#/${view}`).then(() =>
        page
          .getByText(/^Your role may not see /)
          .first()
          .waitFor(),
      );
    expect(await faultsOfLooks(page)).toEqual([]);
  });

  it('learns the types of a server that has started with another schema, and keeps its view and the caller', async () => {
    const view = `${address}/#/data?table=patients&search=x&only=differences`;
    const columns = async () => {
      const names = await page.getByLabel('Column').locator('option').allTextContents();
      return names.toSorted();
    };
    const restartedAs = (next: TestServer) => {
      front.to = Number(new URL(next.url).port);
      front.reset();
    };
    await page.goto(view);
    await page.getByRole('button', { name: 'Add filter' }).click();
    await expect.poll(columns).toEqual(['key', 'lastName']);
    const asked = page.url();
    restartedAs(later);
    // By itself, within ten seconds.
    await expect.poll(columns, { timeout: 30_000 }).toEqual(['firstName', 'key', 'lastName']);
    expect(page.url()).toBe(asked);
    expect(await page.getByLabel('Search in all texts').inputValue()).toBe('x');
    await page.locator('.role').getByText('reader').waitFor();
    // A column that is gone is refused, and the page does not wait for its time to ask.
    restartedAs(server);
    await page.getByLabel('Search in all texts').fill('y');
    await page.getByRole('button', { name: 'Search', exact: true }).click();
    await expect.poll(columns).toEqual(['key', 'lastName']);
    await page.getByText('No row matches').waitFor();
    await expect.poll(() => page.getByRole('alert').count()).toBe(0);
  });

  it('keeps the token out of every store', async () => {
    const stored = 'JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])';
    expect(await page.evaluate(stored)).toBe('[{},{},""]');
  });

  it('is asked for again when the token is refused, at the same view', async () => {
    await page.route('**/graphql', (route) =>
      route.continue({ headers: { ...route.request().headers(), authorization: 'Bearer a.b.c' } }),
    );
    await page.getByRole('link', { name: 'Explore' }).click();
    await page.getByRole('link', { name: 'Data' }).click();
    await page.getByRole('heading', { name: 'Your sign-in has ended' }).waitFor();
    expect(await faultsOfLooks(page)).toEqual([]);
    await page.unroute('**/graphql');
  });

  it('asks for the role where the token has several', async () => {
    await page.context().clearCookies();
    await signInAs('reader+operator');
    await page.getByRole('textbox', { name: 'Role' }).waitFor();
    expect(await faultsOfLooks(page)).toEqual([]);
    await page.getByRole('textbox', { name: 'Role' }).fill('operator');
    await page.getByRole('button', { name: 'Act in it' }).click();
    await page.locator('.role').getByText('operator').waitFor();
  });

  it('has asked no host but the issuer, and made no console error', () => {
    expect(watched.errors).toEqual([]);
    expect(watched.foreign.filter((url) => !url.startsWith(provider.issuer))).toEqual([]);
  });
});
