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
  const { violations } = (await page.evaluate(
    // Evaluated by the debugger, which the page's policy does not bind.
    `${axe}; axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })`,
  )) as { violations: readonly Violation[] };
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(
      ({ target, failureSummary = '' }) =>
        `${id}: ${target.join(' ')}: ${failureSummary.split('\n')[1]?.trim()}`,
    ),
  );
}
