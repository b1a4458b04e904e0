import { isUnanswered } from '../errors/unanswered.ts';
import { type UnreachableSource, unreachableSource } from '../errors/unreachable-source.ts';
import { lastWholeRun, tablesOfRun } from '../parity/read-run-record.ts';
import type { SourceName } from '../source-name.ts';
import { changesSince } from './changes-since.ts';
import { type CutoverReport, cutoverReport } from './check.ts';
import { readSide, type SideClients, type SideFacts } from './facts.ts';
import { judgeAccounts } from './judge-accounts.ts';
import { judgeReplication } from './judge-replication.ts';
import { judgeCounters, judgeDrift, judgePrograms } from './judge-schema.ts';
import { judgeSettings, judgeVersions, judgeWrites, type Sides } from './judge-servers.ts';
import { judgeParity, type RunFacts } from './judge-writes-since.ts';
import { gapBetween, type TransactionGap } from './transaction-gap.ts';
import { transactionsSince } from './transactions-since.ts';

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
  const run = await runFacts(sides, clients);
  return cutoverReport({ from, to }, [
    judgeVersions(sides),
    judgeSettings(sides),
    judgeDrift(sides),
    judgeParity(sides, run),
    judgeCounters(sides),
    judgePrograms(sides),
    judgeAccounts(sides),
    judgeReplication(sides, await gapOf(sides, clients)),
    judgeWrites(sides),
  ]);
}

/** The last run that compared all, and what has changed since; null where there is none. */
async function runFacts(
  { from, to, facts }: Sides,
  { AZURE, GCP }: Readonly<Record<SourceName, SideClients>>,
): Promise<RunFacts | null> {
  const migrators = { AZURE: AZURE.migrator, GCP: GCP.migrator };
  const run = await lastWholeRun(migrators);
  if (run === null) return null;
  const compared = await tablesOfRun(migrators[run.recordedOn], run.id);
  const transactions = await transactionsSince(migrators, run);
  const [left, right] = await Promise.all([
    changesSince(migrators[from], facts.from.snapshot, { run, compared }),
    changesSince(migrators[to], facts.to.snapshot, { run, compared }),
  ]);
  return {
    run,
    since: {
      from: { ...left, transactions: transactions[from] },
      to: { ...right, transactions: transactions[to] },
    },
  };
}

/** Null where nothing replicates, or no GTIDs tell. */
async function gapOf(
  { from, to, facts }: Sides,
  clients: Readonly<Record<SourceName, SideClients>>,
): Promise<TransactionGap | null> {
  const gtids = { from: facts.from.gtids, to: facts.to.gtids };
  if (!facts.to.replication?.length || gtids.from === null || gtids.to === null) return null;
  const asked = { from: clients[from].migrator, to: clients[to].migrator };
  return gapBetween(asked, { from: gtids.from, to: gtids.to });
}

async function readOrNot(source: SourceName, clients: SideClients): Promise<SideFacts | UnreachableSource> {
  try {
    return await readSide(clients);
  } catch (error) {
    if (!isUnanswered(error)) throw error;
    return unreachableSource(source, error);
  }
}
