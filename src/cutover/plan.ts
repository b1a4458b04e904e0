import { isUnanswered } from '../errors/unanswered.ts';
import { type UnreachableSource, unreachableSource } from '../errors/unreachable-source.ts';
import { lastWholeRun } from '../parity/read-record.ts';
import type { SourceName } from '../source-name.ts';
import { type CutoverReport, cutoverReport } from './check.ts';
import { readSide, type SideClients, type SideFacts } from './facts.ts';
import { judgeAccounts, judgeParity } from './judge-rows.ts';
import { judgeCounters, judgeDrift, judgePrograms } from './judge-schema.ts';
import { judgeReplication, judgeSettings, judgeVersions, judgeWrites, type Sides } from './judge-servers.ts';

/** Looks at what stands between one writable cloud and the other. It changes nothing on either. */
export async function planCutover(
  { from, to }: { readonly from: SourceName; readonly to: SourceName },
  clients: Readonly<Record<SourceName, SideClients>>,
): Promise<CutoverReport> {
  const read = await Promise.all([from, to].map((source) => readOrNot(source, clients[source])));
  const unreachable = read.flatMap((side) => ('code' in side ? [side] : []));
  const [left, right] = read;
  if (left === undefined || right === undefined || 'code' in left || 'code' in right)
    return cutoverReport({ from, to }, [], unreachable);
  const sides: Sides = { from, to, facts: { from: left, to: right } };
  const run = await lastWholeRun([clients.AZURE.migrator, clients.GCP.migrator]);
  return cutoverReport({ from, to }, [
    judgeVersions(sides),
    judgeSettings(sides),
    judgeDrift(sides),
    judgeParity(sides, run),
    judgeCounters(sides),
    judgePrograms(sides),
    judgeAccounts(sides),
    judgeReplication(sides),
    judgeWrites(sides),
  ]);
}

async function readOrNot(source: SourceName, clients: SideClients): Promise<SideFacts | UnreachableSource> {
  try {
    return await readSide(clients);
  } catch (error) {
    if (!isUnanswered(error)) throw error;
    return unreachableSource(source, error);
  }
}
