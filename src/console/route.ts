import { signal } from '@preact/signals';

export const views = ['overview', 'data', 'schema', 'migrations', 'parity', 'explore'] as const;
export type View = (typeof views)[number];

/** Where the page stands: all of it is in the address, behind `#`, which browsers send to no server. */
export interface Route {
  readonly view: View;
  readonly params: Readonly<Record<string, string>>;
}

function parse(hash: string): Route {
  const [path = '', search = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  const view = views.find((name) => name === path) ?? 'overview';
  return { view, params: Object.fromEntries(new URLSearchParams(search)) };
}

/** The address of a view. Parameters that are empty are left out. */
export function hrefOf(view: View, params: Route['params'] = {}): string {
  const search = new URLSearchParams(Object.entries(params).filter(([, value]) => value !== ''));
  return search.size === 0 ? `#/${view}` : `#/${view}?${search}`;
}

export const route = signal<Route>(parse(location.hash));

addEventListener('hashchange', () => {
  route.value = parse(location.hash);
});

/** Changes parameters of the view that is shown: a step in the browser's history, unless `replace` is set. */
export function setParams(changes: Route['params'], { replace = false } = {}): void {
  // The event that tells `route` comes later: two changes in one turn are both to stay.
  const { view, params } = parse(location.hash);
  const href = hrefOf(view, { ...params, ...changes });
  if (!replace) {
    location.hash = href;
    return;
  }
  history.replaceState(null, '', href);
  route.value = parse(href);
}

/** Goes to a view in the place of the address that is shown, whose query is of no use any more. */
export function restore(hash: string): void {
  history.replaceState(null, '', `/${hash}`);
  route.value = parse(hash);
}
