import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { examples } from '../../src/graphql/examples.ts';
import { inventPatient } from '../../src/seeders/people.ts';
import { launchBrowser, openExplorer, runTab, shownResult, tabNames } from '../helpers/browser.ts';
import { type Answer, startSeededServer, type TestServer } from '../helpers/server.ts';

const browser: Browser | null = await launchBrowser();

// Without a browser this says so loudly; with TANDEM_REQUIRE_BROWSER=1, which CI sets, it fails instead.
describe.skipIf(browser === null)('the explorer in a real browser', () => {
  let server: TestServer;
  let page: Page;

  beforeAll(async () => {
    server = await startSeededServer(20);
    page = await (browser as Browser).newPage({ viewport: { width: 1440, height: 900 } });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
  });

  it('runs every example against the real databases, and asks no other host', async () => {
    const { foreign, errors } = await openExplorer(page, server.url);
    expect(await tabNames(page)).toEqual(examples.map(({ name }) => name));
    const answers: Record<string, Pick<Answer, 'data' | 'errors'>> = {};
    for (const { name } of examples) answers[name] = (await runTab(page, name)) as never;

    for (const answer of Object.values(answers)) expect(answer.errors).toBeUndefined();
    const { patient, records } = inventPatient(1);
    const first = {
      key: 1,
      firstName: patient.firstName,
      lastName: patient.lastName,
      records: { nodes: expect.toSatisfy((list: unknown[]) => list.length === records.length) },
    };
    expect(answers['Both clouds']?.data.azure.nodes[0]).toEqual({ ...first, source: 'AZURE' });
    expect(answers['Both clouds']?.data.gcp.nodes[0]).toEqual({ ...first, source: 'GCP' });
    expect(answers['Create a patient']?.data.createPatient.patient.key).toBe(21);
    expect(answers.Sources?.data.sources).toHaveLength(2);
    expect(await shownResult(page)).toContain('"TLSv1.3"');
    expect(foreign).toEqual([]);
    expect(errors).toEqual([]);
  });
});

it('offers Apollo Sandbox to a browser, and the explorer beside it', async () => {
  await using other = await startSeededServer(1);
  const sandbox = await fetch(`${other.url}/graphql`, { headers: { accept: 'text/html' } });
  expect([sandbox.status, sandbox.headers.get('content-type')]).toEqual([200, 'text/html']);
  expect(await sandbox.text()).toContain('embeddable-sandbox');
});
