import type { EntityClass } from '@mikro-orm/core';
import type { GraphQLResolveInfo } from 'graphql';
import { primaryKeyOf } from '../column-types/column-types.ts';
import { keyForApi, type RowKey, type TableKey } from '../column-types/table-key.ts';
import type { Context } from '../context.ts';
import { type ComparedSide, digestName } from '../reads/compared-side.ts';
import type { PageRequest } from '../reads/page.ts';
import { pageSize } from '../reads/page.ts';
import type { Row } from '../reads/row.ts';
import { perSource, type SourceName, sourceNames } from '../source-name.ts';
import { decodePlace, encodePlace, firstPlace } from './cursor.ts';
import { comparedFields, type Digests, digestsOf } from './digests.ts';
import { ownColumnsOf } from './own-columns.ts';
import { type PickedPage, pickKeys } from './pick-keys.ts';
import { SidesAnswering } from './sides-answering.ts';

export type ComparedRequest = Pick<PageRequest, 'where' | 'orderBy' | 'first' | 'after'>;

/** Whether both sources hold the same row. */
export type ComparedStatus = 'SAME' | 'DIFFERENT' | 'ONLY_AZURE' | 'ONLY_GCP' | 'UNKNOWN';

/** One key, and its row in each source as it was read at about the same moment. */
export interface ComparedRow {
  /** As the API has it. */
  readonly key: unknown;
  readonly status: ComparedStatus;
  readonly azure: Row | null;
  readonly gcp: Row | null;
  /** Fields whose values differ. */
  readonly differing: readonly string[];
}

export interface ComparedPage {
  readonly nodes: readonly ComparedRow[];
  readonly edges: readonly { readonly cursor: string; readonly node: ComparedRow }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
  /** Sources that did not answer. */
  readonly unavailable: readonly SourceName[];
}

/** Values of a compared row beside those of the two rows. */
const ownValues = 5;

/**
 * Compares the rows of both sources, page by page. Keys are picked first (pick-keys.ts); then both sources are asked for their rows
 * at once, with one digest a row in the same statement, so that the status and the values that it is about are of one moment.
 *
 * @throws TandemError BAD_USER_INPUT, OPERATION_TOO_COMPLEX, FORBIDDEN; SOURCE_UNAVAILABLE and TIMEOUT where no source answers
 */
export async function comparedPage(
  context: Context,
  entity: EntityClass<object>,
  request: ComparedRequest,
  info: GraphQLResolveInfo,
): Promise<ComparedPage> {
  const { readers, budget } = context;
  const sides = {
    AZURE: readers.AZURE.side(entity, info, pathsOf('azure')),
    GCP: readers.GCP.side(entity, info, pathsOf('gcp')),
  };
  const start = request.after == null ? firstPlace : decodePlace(request.after);
  const { size } = pageSize(request, budget.pageRows);
  for (const source of sourceNames) {
    const begun = sides[source].begin();
    if (begun instanceof Promise) await begun;
  }
  const answering = new SidesAnswering();
  const picked = await pickKeys(sides, answering, { ...request, size, start });
  budget.takeValues(picked.keys.length * ownValues);
  const digests = await digestsFor(context, sides, answering, info);
  if (digests !== null) budget.needBytes(sourceNames.length * digests.bytes, picked.keys.length);
  const keys = picked.keys.map(({ key }) => key);
  const rows = await answering.both((source) => sides[source].rows(keys, digests?.sql[source] ?? null));
  return toPage(primaryKeyOf(sides.AZURE.meta), picked, rows, digests, {
    unavailable: answering.unavailable,
    hasPreviousPage: request.after != null,
  });
}

const pathsOf = (field: 'azure' | 'gcp') => [
  ['nodes', field],
  ['edges', 'node', field],
];

/** Null where one of the sources does not answer. */
async function digestsFor(
  context: Context,
  sides: Readonly<Record<SourceName, ComparedSide>>,
  answering: SidesAnswering,
  info: GraphQLResolveInfo,
): Promise<Digests | null> {
  const { meta } = sides.AZURE;
  const own = await answering.both((source) => ownColumnsOf(context, source, meta));
  if (own.AZURE === null || own.GCP === null) return null;
  return digestsOf(meta, comparedFields(meta, info), {
    own: { AZURE: own.AZURE, GCP: own.GCP },
    hidesRows: (of) => sourceNames.some((source) => sides[source].hidesRows(of)),
  });
}

type FoundRows = Readonly<Record<SourceName, ReadonlyMap<RowKey, Row> | null>>;

function toPage(
  table: TableKey,
  { keys, more, end }: PickedPage,
  rows: FoundRows,
  digests: Digests | null,
  { unavailable, hasPreviousPage }: { unavailable: readonly SourceName[]; hasPreviousPage: boolean },
): ComparedPage {
  const edges = keys.flatMap(({ key, place }) => {
    const node = compared(table, key, rows, digests);
    return node === null ? [] : [{ cursor: encodePlace(place), node }];
  });
  return {
    edges,
    nodes: edges.map(({ node }) => node),
    pageInfo: {
      hasNextPage: more,
      hasPreviousPage,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: end === null ? null : encodePlace(end),
    },
    unavailable,
  };
}

/** Null where the row is gone from both sources since its key was picked. */
function compared(
  table: TableKey,
  key: RowKey,
  rows: FoundRows,
  digests: Digests | null,
): ComparedRow | null {
  const row = perSource((source) => rows[source]?.get(key) ?? null);
  const { AZURE: azure, GCP: gcp } = row;
  if (azure === null && gcp === null) return null;
  const known = { key: keyForApi(table, key), azure, gcp };
  if (rows.AZURE === null || rows.GCP === null) return { ...known, status: 'UNKNOWN', differing: [] };
  if (azure === null) return { ...known, status: 'ONLY_GCP', differing: [] };
  if (gcp === null) return { ...known, status: 'ONLY_AZURE', differing: [] };
  if (digests === null) return { ...known, status: 'UNKNOWN', differing: [] };
  const differing = digests.differing(azure[digestName] as Buffer, gcp[digestName] as Buffer);
  return { ...known, status: differing.length === 0 ? 'SAME' : 'DIFFERENT', differing };
}
