import type { WholeRun } from '../parity/read-record.ts';
import { type CutoverCheck, checkOf } from './check.ts';
import type { Sides } from './judge-servers.ts';

/** Minutes for which a comparison counts as one of now. */
const freshMinutes = 24 * 60;

/** @param run the last run that compared all tables as a whole */
export function judgeParity({ from, to }: Sides, run: WholeRun | null): CutoverCheck {
  const again = 'tandem parity --throttle 100';
  if (run === null) {
    return checkOf('parity', [
      { verdict: 'UNKNOWN', finding: 'No run on record has compared all tables.', next: again },
    ]);
  }
  const finding = `The last run, ${agoOf(run.minutesAgo)}, ended with ${run.verdict}.`;
  if (run.verdict === 'DIFFERENT') {
    return checkOf('parity', [
      {
        verdict: 'BLOCKED',
        finding,
        next: `tandem parity --repair ${from.toLowerCase()}-to-${to.toLowerCase()}`,
      },
    ]);
  }
  const isFresh = run.minutesAgo <= freshMinutes;
  if (run.verdict === 'SAME' && isFresh) return checkOf('parity', [{ verdict: 'OK', finding }]);
  return checkOf('parity', [{ verdict: 'ATTENTION', finding, next: again }]);
}

function agoOf(minutes: number): string {
  if (minutes < 120) return `${minutes} minutes ago`;
  return minutes < 2880 ? `${Math.floor(minutes / 60)} hours ago` : `${Math.floor(minutes / 1440)} days ago`;
}

export function judgeAccounts({ to, facts }: Sides): CutoverCheck {
  const { accounts } = facts.to;
  if (accounts.length === 0)
    return checkOf('accounts', [{ verdict: 'OK', finding: `Both accounts of ${to} may do what they need.` }]);
  return checkOf(
    'accounts',
    accounts.map(({ severity, detail }) => ({
      verdict: severity === 'failure' ? 'BLOCKED' : 'ATTENTION',
      finding: detail,
      next: `tandem preflight --source ${to.toLowerCase()}`,
    })),
  );
}
