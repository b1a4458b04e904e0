import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import type { Config } from '../../src/config/config.ts';
import { perSource, type SourceName, sourceNames } from '../../src/source-name.ts';
import { startProxy, type TcpProxy } from './tcp-proxy.ts';

/** What a page did since it was opened. */
export interface Watched {
  /** Addresses asked for on another host. */
  readonly foreign: string[];
  /** Console errors, refusals by the content security policy among them, and uncaught exceptions. */
  readonly errors: string[];
}

/** Notes what a page does that it should not do. Errors of the network, as while a server is away, are none. */
export function watch(page: Page, host: string): Watched {
  const watched: Watched = { foreign: [], errors: [] };
  page.on('request', (request) => {
    const url = new URL(request.url());
    // Pages of an identity provider load what they like.
    const isOurs = request.frame().url().includes(`//${host}/`);
    if (isOurs && /^(http|ws)/.test(url.protocol) && url.host !== host) watched.foreign.push(url.href);
  });
  page.on('console', (message) => {
    const isNetwork = message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !isNetwork) watched.errors.push(message.text());
  });
  page.on('pageerror', (error) => watched.errors.push(String(error)));
  return watched;
}

const axe = readFileSync(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary?: string }[];
}

/** What axe finds in a page as it is, each in one line: https://github.com/dequelabs/axe-core */
export async function axeViolations(page: Page): Promise<string[]> {
  // Evaluated by the debugger, which the page's policy does not bind. Once a document: it takes longer than many a look.
  if (!(await page.evaluate('"axe" in window'))) await page.evaluate(axe);
  const { violations } = (await page.evaluate(
    `axe.run({
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
      resultTypes: ['violations'],
    })`,
  )) as { violations: readonly Violation[] };
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(
      ({ target, failureSummary = '' }) =>
        `${id}: ${target.join(' ')}: ${failureSummary.split('\n')[1]?.trim()}`,
    ),
  );
}

type Look = readonly [width: number, theme: 'light' | 'dark'];

/** A telephone in one theme and a laptop in the other; all of both, and a large screen, in the long run. */
const looks: readonly Look[] =
  process.env.TANDEM_LONG === '1'
    ? [390, 1280, 2560].flatMap((width): Look[] => [
        [width, 'light'],
        [width, 'dark'],
      ])
    : [
        [390, 'light'],
        [1280, 'dark'],
      ];

/** What axe finds in a page, and how much wider than its window it is, at each look. */
export async function faultsOfLooks(page: Page): Promise<string[]> {
  const faults: string[] = [];
  for (const [width, colorScheme] of looks) {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme });
    for (const one of await axeViolations(page)) faults.push(`${width} ${colorScheme} ${one}`);
    const overflow = await widerThanWindow(page);
    if (overflow > 0) faults.push(`${width} ${colorScheme}: ${overflow} px too wide`);
  }
  return faults;
}

/** Before each cloud and before the server, to be stopped and slowed down while a page is open. */
export interface Between extends AsyncDisposable {
  readonly clouds: Readonly<Record<SourceName, TcpProxy>>;
  /** Leads to no server until its `to` is set. */
  readonly front: TcpProxy;
  /** Where the page is. */
  readonly address: string;
  /** With both clouds behind their proxies. */
  readonly config: Config;
}

export async function standBetween(config: Config): Promise<Between> {
  const { AZURE, GCP } = config.databases;
  const clouds = { AZURE: await startProxy(AZURE.port), GCP: await startProxy(GCP.port) };
  const front = await startProxy(0);
  return {
    clouds,
    front,
    address: `http://127.0.0.1:${front.port}`,
    config: {
      ...config,
      databases: perSource((name) => ({ ...config.databases[name], port: clouds[name].port })),
    },
    async [Symbol.asyncDispose]() {
      for (const proxy of [clouds.AZURE, clouds.GCP, front]) await proxy[Symbol.asyncDispose]();
    },
  };
}

/** What is wrong with views at each look while answers are late, one cloud or both are down, and the server is away. */
export async function faultsOfStates(
  page: Page,
  { clouds, address }: Between,
  views: readonly string[],
): Promise<string[]> {
  const faults: string[] = [];
  const state = async (name: string, isShown: string) => {
    for (const view of views) {
      await page.goto('about:blank');
      await page.goto(`${address}/#/${view}`);
      await page.locator(isShown).first().waitFor();
      // What comes later is there.
      await page.waitForTimeout(1000);
      for (const one of await faultsOfLooks(page)) faults.push(`${name}, ${view}: ${one}`);
    }
  };
  const answers = '**/graphql';
  await page.route(answers, async (route) => {
    const isData = !/viewer|__schema/.test(route.request().postData() ?? '');
    if (!isData) await route.continue();
  });
  await state('loading', '.skeleton .late, .editor-place');
  await page.unroute(answers);
  await clouds.AZURE.refuse();
  await state('AZURE down', '.card, .notice');
  await clouds.GCP.refuse();
  await state('both down', '.card, .notice');
  for (const name of sourceNames) await clouds[name].listen();
  await page.route(answers, (route) => route.abort());
  await state('away', '.notice, .skeleton');
  await page.unroute(answers);
  return faults;
}

/** Pixels by which a page is wider than its window. */
export const widerThanWindow = async (page: Page) =>
  Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth'));

/** What Tab can reach, in the order of the document. */
const reachable = `[...document.querySelectorAll('a[href], button:not(:disabled), input, select, textarea, summary, [tabindex="0"]')]
  .filter((element) => element.checkVisibility({ visibilityProperty: true }))`;

const nameOf = `(element.tagName + ' ' + (element.getAttribute('aria-label') ?? element.textContent.trim()).slice(0, 40))`;

/** Notes, before each step of Tab, where the focus stands and whether it is seen there. */
const noteSteps = `(() => {
  window.walked = ${reachable};
  window.steps = [];
  const framed = (one) => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one);
    return (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none';
  };
  window.noteStep = () => {
    const element = document.activeElement;
    const { width, height, top, left } = element.getBoundingClientRect();
    const isInside = top < innerHeight && left < innerWidth && top + height > 0 && left + width > 0;
    const isSeen = isInside && (framed(element) || framed(element.parentElement));
    const at = element === document.body ? -2 : walked.indexOf(element);
    steps.push([at, ${nameOf}, isSeen]);
    // Back at the start of the page, or of the browser.
    const first = steps.findIndex(([before]) => before === at);
    if (at === -2 || (at !== -1 && first < steps.length - 1)) window.hasEnded = true;
  };
  window.hasEnded = false;
  let isFirst = true;
  addEventListener('keydown', ({ key }) => {
    if (key !== 'Tab') return;
    if (!isFirst) noteStep();
    isFirst = false;
  }, true);
  return walked.length;
})()`;

/**
 * Walks through a page by Tab, and tells what cannot be reached, what holds the focus for ever, and where the focus is not seen.
 * The focus has to be outside of the page's content, as after loading it.
 */
export async function keyboardFaults(page: Page): Promise<string[]> {
  const count = Number(await page.evaluate(noteSteps));
  // The page itself notes the steps: to be asked after each of them takes most of the time.
  const stepsAtOnce = 20;
  for (let step = 0; step <= count + 20; step += stepsAtOnce) {
    for (let more = 0; more < stepsAtOnce; more += 1) await page.keyboard.press('Tab');
    if (await page.evaluate('hasEnded')) break;
  }
  const steps = (await page.evaluate('(noteStep(), steps)')) as [number, string, boolean][];
  const names = (await page.evaluate(`walked.map((element) => ${nameOf})`)) as string[];
  const faults = new Set<string>();
  const seen = new Set<number>();
  for (const [at, name, isSeen] of steps) {
    if (at === -2 || seen.has(at)) break;
    // What scrolls takes the focus, too: https://developer.chrome.com/blog/keyboard-focusable-scrollers
    if (at === -1) continue;
    seen.add(at);
    if (!isSeen) faults.add(`the focus is not seen at ${name}`);
  }
  for (const [at, name] of names.entries()) if (!seen.has(at)) faults.add(`Tab does not reach ${name}`);
  return [...faults];
}
