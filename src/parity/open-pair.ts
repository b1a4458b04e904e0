import { NothingToCompare } from '../drift/comparison-scope.ts';
import { type SchemaSnapshot, takeSnapshot } from '../drift/snapshot.ts';
import { TandemError } from '../errors/tandem-error.ts';
import { type UnreachableSource, unreachableSource } from '../errors/unreachable-source.ts';
import { fitting, noneCalled } from '../information-schema/name-pattern.ts';
import { type SourceName, sourceNames } from '../source-name.ts';
import type { ParityClients } from './on-both.ts';
import { type PairedTables, pairTables } from './table-pair.ts';

/** Both catalogues as they are now, and the tables that are compared. */
export interface OpenedPair extends PairedTables {
  readonly snapshots: Readonly<Record<SourceName, SchemaSnapshot>>;
}

/**
 * Reads both catalogues.
 *
 * @param patterns of names of tables, in which `*` stands for any characters; none: all tables
 * @returns the sources that do not answer, where one does not
 * @throws NothingToCompare where a pattern fits no table
 */
export async function openPair(
  clients: ParityClients,
  patterns: readonly string[],
): Promise<OpenedPair | readonly UnreachableSource[]> {
  const answers = await Promise.all(
    sourceNames.map(async (source) => {
      const client = clients[source];
      try {
        const [snapshot, [server]] = await Promise.all([
          takeSnapshot(source, client, client.ignoredTables),
          client.rows<{ packet: string }>('select cast(@@max_allowed_packet as char) as packet'),
        ]);
        return { snapshot, packet: Number(server?.packet) };
      } catch (error) {
        return unreachableBy(error, source);
      }
    }),
  );
  const unreachable = answers.flatMap((answer) => ('snapshot' in answer ? [] : [answer]));
  const [azure, gcp] = answers.flatMap((answer) => ('snapshot' in answer ? [answer] : []));
  if (azure === undefined || gcp === undefined) return unreachable;
  const snapshots = { AZURE: azure.snapshot, GCP: gcp.snapshot };
  checkPatterns(patterns, snapshots);
  const wanted = patterns.length === 0 ? () => true : fitting(patterns);
  return { ...pairTables(snapshots, { wanted, packet: Math.min(azure.packet, gcp.packet) }), snapshots };
}

/** Whether a source is away, as `unreachableBy` then names it. */
export function isUnavailable(error: unknown): error is TandemError {
  return (
    error instanceof TandemError && (error.code === 'SOURCE_UNAVAILABLE' || error.code === 'POOL_TIMEOUT')
  );
}

/** @throws the error where it is none of a source that does not answer */
export function unreachableBy(error: unknown, asked?: SourceName): UnreachableSource {
  if (!(error instanceof TandemError)) throw error;
  const source = error.extensions.source ?? asked;
  if (source === undefined) throw error;
  return unreachableSource(source, error);
}

function checkPatterns(
  patterns: readonly string[],
  { AZURE, GCP }: Readonly<Record<SourceName, SchemaSnapshot>>,
): void {
  const names = [...new Set([...AZURE.schema.tables, ...GCP.schema.tables].map(({ name }) => name))];
  const missing = patterns.filter((pattern) => !names.some(fitting([pattern])));
  if (missing.length > 0) throw new NothingToCompare(noneCalled('table', missing, names));
}
