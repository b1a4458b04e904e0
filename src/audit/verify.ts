import type { SourceName } from '../source-name.ts';
import type { AuditClient } from './client.ts';
import type { AuditFinding } from './finding.ts';
import { IdSet } from './id-set.ts';
import { readIds, readRows, readSeals } from './read-trail.ts';
import { beginning, digestOf, type ExportedSeal, type Seal, sealHash, type TrailRow } from './seal.ts';
import { readSettledSeal } from './settled-seal.ts';

/** The result of a verification of one source's trail. */
export interface AuditReport {
  readonly source: SourceName;
  readonly verdict: 'INTACT' | 'BROKEN';
  readonly seals: number;
  /** Rows that seals cover. */
  readonly rows: number;
  /** Rows that no seal covers yet. */
  readonly unsealed: number;
  /** Number and hash of the last seal; null where there is none. */
  readonly head: Pick<Seal, 'number' | 'hash'> | null;
  /** The first of them, at most 100. */
  readonly findings: readonly AuditFinding[];
}

const sealsAtOnce = 20;
const idsAtOnce = 50_000;
const mostFindings = 100;

/**
 * Works out all hashes anew, from the first seal on.
 *
 * @param exported seals that were exported: each must still be there
 */
export async function verifyTrail(
  client: AuditClient,
  exported: readonly ExportedSeal[],
): Promise<AuditReport> {
  const { source } = client;
  const findings: AuditFinding[] = [];
  // A spoiled trail must not choose how much memory its findings take.
  const found = (finding: AuditFinding) => findings.length < mostFindings && findings.push(finding) > 0;
  const promised = new Map(
    exported.filter((seal) => seal.source === source).map((seal) => [seal.number, seal.hash]),
  );
  const sealed = new IdSet();
  let last: Pick<Seal, 'number' | 'hash'> | null = null;
  let rows = 0;
  let seals = 0;
  for (;;) {
    const some = await readSeals(client, last?.number ?? 0, sealsAtOnce);
    if (some.length === 0) break;
    for (const seal of some) {
      checkSeal(seal, { source, last, promised }, found);
      checkRows(
        seal,
        await readRows(
          client,
          seal.entries.map(([id]) => id),
        ),
        found,
      );
      for (const [id] of seal.entries) sealed.add(id);
      rows += seal.entries.length;
      seals += 1;
      last = { number: seal.number, hash: seal.hash };
    }
  }
  // The last ones, which no seal behind them misses.
  for (const number of promised.keys()) {
    if (number > (last?.number ?? 0)) found({ kind: 'SEAL_REMOVED', seal: number });
  }
  const settled = BigInt((await readSettledSeal(client))?.highest ?? 0);
  const unsealed = await unsealedRows(client, sealed, (row) => {
    if (BigInt(row) <= settled) found({ kind: 'ROW_INSERTED', row });
  });
  return {
    source,
    verdict: findings.length === 0 ? 'INTACT' : 'BROKEN',
    seals,
    rows,
    unsealed,
    head: last,
    findings,
  };
}

/** @returns whether the report had room for it */
type Found = (finding: AuditFinding) => boolean;

/** How a seal stands in the chain. */
function checkSeal(
  seal: Seal,
  {
    source,
    last,
    promised,
  }: {
    readonly source: SourceName;
    readonly last: Pick<Seal, 'number' | 'hash'> | null;
    readonly promised: ReadonlyMap<number, string>;
  },
  found: Found,
): void {
  const { number, previous, hash } = seal;
  for (let missing = (last?.number ?? 0) + 1; missing < number; missing += 1) {
    if (!found({ kind: 'SEAL_REMOVED', seal: missing })) break;
  }
  if (sealHash(source, seal) !== hash) found({ kind: 'SEAL_CHANGED', seal: number });
  else if (previous !== (last?.hash ?? beginning)) found({ kind: 'SEAL_REORDERED', seal: number });
  const promise = promised.get(number);
  if (promise !== undefined && promise !== hash) found({ kind: 'SEAL_REPLACED', seal: number });
}

/** Whether the rows of a seal are as they were. */
function checkRows({ number, entries }: Seal, rows: readonly TrailRow[], found: Found): void {
  const byId = new Map(rows.map((row) => [row[0], row]));
  for (const [id, digest] of entries) {
    const row = byId.get(id);
    if (row === undefined) found({ kind: 'ROW_REMOVED', seal: number, row: id });
    else if (digestOf(row) !== digest) found({ kind: 'ROW_CHANGED', seal: number, row: id });
  }
}

async function unsealedRows(client: AuditClient, sealed: IdSet, each: (id: string) => void): Promise<number> {
  let count = 0;
  for (let beyond = '0'; ; ) {
    const ids = await readIds(client, beyond, idsAtOnce);
    for (const id of ids) {
      if (sealed.has(id)) continue;
      count += 1;
      each(id);
    }
    if (ids.length < idsAtOnce) return count;
    beyond = ids.at(-1) as string;
  }
}
