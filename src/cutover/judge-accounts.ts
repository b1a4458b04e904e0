import { type CutoverCheck, checkOf } from './check.ts';
import type { Sides } from './judge-servers.ts';

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
