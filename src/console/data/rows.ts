import { keyOfText } from '../api/keys.ts';
import { type ApiAnswer, request } from '../api/request.ts';
import { type ApiTable, keyFieldOf, selectionOf } from '../api/tables.ts';
import type { Cloud } from '../ui/cloud.tsx';
import { useResource } from '../use-resource.ts';
import { pageVariables, type RowsState } from './filters.ts';

export type CloudRow = Readonly<Record<string, unknown>>;

/** A row of both clouds. */
export interface RowPair {
  readonly key: unknown;
  readonly status: 'SAME' | 'DIFFERENT' | 'ONLY_AZURE' | 'ONLY_GCP' | 'UNKNOWN';
  readonly differing: readonly string[];
  readonly azure: CloudRow | null;
  readonly gcp: CloudRow | null;
}

interface PageInfo {
  readonly hasNextPage: boolean;
  readonly endCursor: string | null;
}

export interface RowsPage {
  readonly rows: {
    readonly nodes: readonly RowPair[];
    readonly pageInfo: PageInfo;
    readonly unavailable: readonly Cloud[];
    /** Rows that were looked at, where `nodes` has but those that differ. */
    readonly looked?: number;
  } | null;
}

/** A page of each cloud's rows. */
export type KeylessPage = Readonly<
  Record<Lowercase<Cloud>, { readonly nodes: readonly CloudRow[]; readonly pageInfo: PageInfo } | null>
>;

export const pageSizes = ['25', '50', '100', '200'] as const;

export type RowLayout = 'side' | 'stacked';

/** The rows that a view shows. */
export interface RowsProps {
  readonly table: ApiTable;
  readonly state: RowsState;
  readonly size: string;
  readonly layout: RowLayout;
}

/** Which page: behind which cursor, and of how many rows. */
export interface PagePlace {
  readonly after: string;
  readonly first: number;
}

/**
 * A page of both clouds' rows, aligned by key.
 *
 * @param only whether it goes on from page to page until it has found rows that differ
 */
export function useRows(table: ApiTable, state: RowsState, { after, first }: PagePlace, only: boolean) {
  const variables = { ...pageVariables(table, state), first };
  const operation = `query Rows($where: ${table.whereType}, $orderBy: [${table.orderType}!], $first: Int, $after: String) {
  rows: ${table.compared}(where: $where, orderBy: $orderBy, first: $first, after: $after) {
    nodes { ${keyFieldOf(table.type)} status differing azure { ${selectionOf(table)} } gcp { ${selectionOf(table)} } }
    pageInfo { hasNextPage endCursor }
    unavailable
  }
}`;
  return useResource(
    JSON.stringify([operation, variables, after, only]),
    (signal) => {
      const ask = (from: string) =>
        request<RowsPage, object>(operation, { ...variables, after: from || null }, signal);
      return only ? differingRows(ask, after, first) : ask(after);
    },
    { keeps: true },
  );
}

/** How far one look for rows that differ goes. */
const mostPages = 40;
const longestMs = 2000;

/** The first rows that differ, from a place on, until there are `most` or the look has gone far enough. */
async function differingRows(
  ask: (after: string) => Promise<ApiAnswer<RowsPage>>,
  after: string,
  most: number,
): Promise<ApiAnswer<RowsPage>> {
  const until = performance.now() + longestMs;
  const found: RowPair[] = [];
  let looked = 0;
  let from = after;
  for (let pages = 1; ; pages += 1) {
    const { data, errors } = await ask(from);
    const rows = data?.rows;
    if (!rows) return { data, errors };
    looked += rows.nodes.length;
    found.push(...rows.nodes.filter(({ status }) => status !== 'SAME'));
    const { hasNextPage, endCursor } = rows.pageInfo;
    const isFar = found.length >= most || pages === mostPages || performance.now() > until;
    if (isFar || !hasNextPage || endCursor === null || rows.unavailable.length > 0) {
      return { data: { rows: { ...rows, nodes: found, looked } }, errors };
    }
    from = endCursor;
  }
}

/** A page of each cloud's rows that have no key. `after` has a cursor for each cloud. */
export function useKeylessRows(table: ApiTable, state: RowsState, { after, first }: PagePlace) {
  const [azure = null, gcp = null] = cursorsIn(after);
  const variables = { ...pageVariables(table, state), first, azure, gcp };
  const page = (cloud: Cloud) => `${cloud.toLowerCase()}: ${table.many}(
    source: ${cloud}, where: $where, orderBy: $orderBy, first: $first, after: $${cloud.toLowerCase()}
  ) { nodes { ${selectionOf(table)} } pageInfo { hasNextPage endCursor } }`;
  const operation = `query Rows($where: ${table.whereType}, $orderBy: [${table.orderType}!], $first: Int, $azure: String, $gcp: String) {
  ${page('AZURE')}
  ${page('GCP')}
}`;
  return useResource(
    JSON.stringify([operation, variables]),
    (signal) => request<KeylessPage, object>(operation, variables, signal),
    { keeps: true },
  );
}

/** The cursors of AZURE and GCP, as an address has them; none of what is no list of them. */
export function cursorsIn(after: string): readonly (string | null)[] {
  try {
    const cursors: unknown = JSON.parse(after || '[]');
    return Array.isArray(cursors) ? cursors : [];
  } catch {
    return [];
  }
}

/** One row as each cloud has it, with the first of its related rows. */
export type OneRow = Readonly<Record<Lowercase<Cloud>, CloudRow | null>>;

/** Related rows that are shown of each list. */
const mostRelated = 20;

export function useRow(table: ApiTable, tables: readonly ApiTable[], key: string) {
  const lists = table.lists.map(({ name, type }) => {
    const related = tables.find((one) => type.name === `${one.type}Connection`);
    return `${name}(first: ${mostRelated}) { totalCount nodes { ${related ? selectionOf(related) : keyFieldOf(type.name.replace(/Connection$/, '')) || 'source'} } }`;
  });
  const selection = [selectionOf(table), ...lists].join(' ');
  const operation = `query Row($key: ${table.keyType}!) {
  azure: ${table.one}(source: AZURE, key: $key) { ${selection} }
  gcp: ${table.one}(source: GCP, key: $key) { ${selection} }
}`;
  const variables = { key: keyOfText(table.keyParts, key) };
  return useResource(
    `${operation} ${key}`,
    (signal) => request<OneRow, object>(operation, variables, signal) as Promise<ApiAnswer<OneRow>>,
    { enabled: table.one !== undefined },
  );
}
