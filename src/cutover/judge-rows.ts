import type { WholeRun } from '../parity/read-record.ts';
import { type CutoverCheck, type CutoverFinding, checkOf } from './check.ts';
import type { Sides } from './judge-servers.ts';

/** Seconds for which a comparison counts as one of now. */
const freshSeconds = 24 * 60 * 60;

/** @param run the last run that compared all rows of all tables */
export function judgeParity(sides: Sides, run: WholeRun | null): CutoverCheck {
  const { from, to } = sides;
  const again = 'tandem parity --throttle 100';
  if (run === null) {
    return checkOf('parity', [
      { verdict: 'UNKNOWN', cause: 'No run on record has compared all tables.', remedy: again },
    ]);
  }
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
  return checkOf('parity', [{ verdict: 'OK', cause }, ...writtenSince(sides, run)]);
}

/** What was written behind a comparison is no part of it. */
function writtenSince({ from, to, facts }: Sides, { secondsAgo }: WholeRun): CutoverFinding[] {
  const sides = [
    [from, facts.from],
    [to, facts.to],
  ] as const;
  return sides.flatMap(([source, { writtenSecondsAgo, uptimeSeconds }]): CutoverFinding[] => {
    const remedy = `stop the writes to ${from}, then tandem parity --throttle 100`;
    // Times are whole seconds.
    if (writtenSecondsAgo !== null && writtenSecondsAgo <= secondsAgo)
      return [{ verdict: 'ATTENTION', cause: `${source} has taken writes since it began.`, remedy }];
    if (writtenSecondsAgo === null && uptimeSeconds <= secondsAgo) {
      const cause = `${source} was restarted since it began, and does not know of writes before.`;
      return [{ verdict: 'UNKNOWN', cause, remedy }];
    }
    return [];
  });
}

function agoOf(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  if (minutes < 120) return `${minutes} minutes ago`;
  return minutes < 2880 ? `${Math.floor(minutes / 60)} hours ago` : `${Math.floor(minutes / 1440)} days ago`;
}

export function judgeAccounts({ to, facts }: Sides): CutoverCheck {
  const { accounts } = facts.to;
  if (accounts.length === 0)
    return checkOf('accounts', [{ verdict: 'OK', cause: `Both accounts of ${to} may do what they need.` }]);
  return checkOf(
    'accounts',
    accounts.map(({ severity, cause }) => ({
      verdict: severity === 'failure' ? 'BLOCKED' : 'ATTENTION',
      cause,
      remedy: `tandem preflight --source ${to.toLowerCase()}`,
    })),
  );
}
