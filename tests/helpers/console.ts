import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';

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

/** What Tab can reach, in the order of the document. */
const reachable = `[...document.querySelectorAll('a[href], button:not(:disabled), input, select, textarea, summary, [tabindex="0"]')]
  .filter((element) => element.checkVisibility({ visibilityProperty: true }))`;

/**
 * Walks through a page by Tab, and tells what cannot be reached, what holds the focus for ever, and where the focus is not seen.
 * The focus has to be outside of the page's content, as after loading it.
 */
export async function keyboardFaults(page: Page): Promise<string[]> {
  const faults = new Set<string>();
  const seen = new Set<number>();
  const count = Number(await page.evaluate(`(window.walked = ${reachable}).length`));
  for (let step = 0; step <= count + 20; step += 1) {
    await page.keyboard.press('Tab');
    const [at, name, isSeen] = (await page.evaluate(`(() => {
      const element = document.activeElement;
      const framed = (one) => {
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one);
        return (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none';
      };
      const { width, height, top, left } = element.getBoundingClientRect();
      const isInside = top < innerHeight && left < innerWidth && top + height > 0 && left + width > 0;
      const name = element.tagName + ' ' + (element.getAttribute('aria-label') ?? element.textContent.trim()).slice(0, 40);
      return [element === document.body ? -2 : walked.indexOf(element), name, isInside && (framed(element) || framed(element.parentElement))];
    })()`)) as [number, string, boolean];
    // Back at the start of the page, or of the browser.
    if (at === -2 || seen.has(at)) break;
    // What scrolls takes the focus, too: https://developer.chrome.com/blog/keyboard-focusable-scrollers
    if (at === -1) continue;
    seen.add(at);
    if (!isSeen) faults.add(`the focus is not seen at ${name}`);
  }
  const missed = (await page.evaluate(
    `walked.map((element) => element.tagName + ' ' + (element.getAttribute('aria-label') ?? element.textContent.trim()).slice(0, 40))`,
  )) as string[];
  for (const [at, name] of missed.entries()) if (!seen.has(at)) faults.add(`Tab does not reach ${name}`);
  return [...faults];
}
