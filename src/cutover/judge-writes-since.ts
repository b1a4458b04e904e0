import type { WholeRun } from '../parity/read-run-record.ts';
import type { SourceName } from '../source-name.ts';
import type { ChangesSince } from './changes-since.ts';
import { type CutoverCheck, type CutoverFinding, checkOf } from './check.ts';
import type { Sides } from './judge-servers.ts';

/** Seconds for which a comparison counts as one of now. */
const freshSeconds = 24 * 60 * 60;

/** The last run that compared all rows of all tables, and what each side shows of changes since. */
export interface RunFacts {
  readonly run: Pick<WholeRun, 'verdict' | 'secondsAgo'>;
  readonly since: Readonly<Record<'from' | 'to', SideSince>>;
}

export interface SideSince extends ChangesSince {
  /** How many transactions it has executed, but for those of the run itself; null: GTIDs do not tell. */
  readonly transactions: number | null;
}

/** @param last null: there was no such run */
export function judgeParity({ from, to }: Pick<Sides, 'from' | 'to'>, last: RunFacts | null): CutoverCheck {
  const again = 'tandem parity --throttle 100';
  if (last === null) {
    return checkOf('parity', [
      { verdict: 'UNKNOWN', cause: 'No run on record has compared all tables.', remedy: again },
    ]);
  }
  const { run, since } = last;
  const cause = `The last run, ${agoOf(run.secondsAgo)}, ended with ${run.verdict}.`;
  if (run.verdict === 'DIFFERENT') {
    return checkOf('parity', [
      {
        verdict: 'BLOCKED',
        cause,
        remedy: `tandem parity --repair ${from.toLowerCase()}-to-${to.toLowerCase()}`,
      },
    ]);
  }
  const isFresh = run.secondsAgo <= freshSeconds;
  if (run.verdict !== 'SAME' || !isFresh)
    return checkOf('parity', [{ verdict: 'ATTENTION', cause, remedy: again }]);
  const stopped = `stop the writes to ${from}, then ${again}`;
  const changed = [
    [from, since.from],
    [to, since.to],
  ] as const;
  return checkOf('parity', [
    { verdict: 'OK', cause },
    ...changed.flatMap(([source, changes]) => changesOf(source, changes, stopped)),
  ]);
}

/** Changes behind a comparison are no part of it. */
function changesOf(
  source: SourceName,
  { written, made, transactions, isRestarted, smallCache }: SideSince,
  remedy: string,
): CutoverFinding[] {
  if (written.length > 0) {
    const cause = `${source} has taken writes since it began, to ${listed(written)}.`;
    return [{ verdict: 'ATTENTION', cause, remedy }];
  }
  if (made.length > 0) {
    const cause = `${source} has made ${listed(made)} since it began, and knows of no write to what was there before.`;
    return [{ verdict: 'ATTENTION', cause, remedy }];
  }
  if (transactions === 0) return [];
  if (isRestarted) {
    const cause = `${source} was restarted since it began, and does not know of writes before.`;
    return [{ verdict: 'UNKNOWN', cause, remedy }];
  }
  if (smallCache !== null) {
    const cause = `${source} may have forgotten a write since it began: it has more tables, or opened more, than its table_definition_cache of ${smallCache} holds.`;
    const larger = `on ${source}: SET PERSIST table_definition_cache = ${2 * smallCache}`;
    return [{ verdict: 'UNKNOWN', cause, remedy: `${larger}; ${remedy}` }];
  }
  return [];
}

/** The first ones. */
function listed(tables: readonly string[]): string {
  const shown = tables.slice(0, 3).join(', ');
  return tables.length > 3 ? `${shown} and ${tables.length - 3} more tables` : shown;
}

function agoOf(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  if (minutes < 120) return `${minutes} minutes ago`;
  return minutes < 2880 ? `${Math.floor(minutes / 60)} hours ago` : `${Math.floor(minutes / 1440)} days ago`;
}
