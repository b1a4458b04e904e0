import { differences } from '../preflight/server-settings.ts';
import type { SourceName } from '../source-name.ts';
import { type CutoverCheck, checkOf } from './check.ts';
import type { SideFacts } from './facts.ts';

/** Both clouds in the direction of the cutover. */
export interface Sides {
  readonly from: SourceName;
  readonly to: SourceName;
  readonly facts: Readonly<Record<'from' | 'to', SideFacts>>;
}

export function judgeVersions({ from, to, facts }: Sides): CutoverCheck {
  const [left, right] = [facts.from.snapshot.facts.version, facts.to.snapshot.facts.version];
  const [old, next] = [releaseOf(left), releaseOf(right)];
  const isOlder = next < old;
  const cause = `${left} on ${from}, ${right} on ${to}.`;
  if (!isOlder) return checkOf('versions', [{ verdict: 'OK', cause }]);
  return checkOf('versions', [
    {
      verdict: 'ATTENTION',
      cause: `${cause} ${to} is older: statements can mean something else there, and MySQL does not replicate to an older version.`,
      remedy: `upgrade the server of ${to}`,
    },
  ]);
}

/** 8.0 and 8.4 as numbers that compare; patches do not count. */
function releaseOf(version: string): number {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major * 1000 + minor;
}

export function judgeSettings({ from, to, facts }: Sides): CutoverCheck {
  const found = differences([from, facts.from.settings], [to, facts.to.settings]);
  if (found.length === 0)
    return checkOf('settings', [{ verdict: 'OK', cause: 'No setting differs that matters.' }]);
  return checkOf(
    'settings',
    found.map((cause) => ({ verdict: 'ATTENTION', cause, remedy: 'tandem preflight' })),
  );
}

export function judgeWrites({ from, to, facts }: Sides): CutoverCheck {
  const isReplica = (facts.to.replication ?? []).length > 0;
  return checkOf('writes', [
    facts.to.isReadOnly
      ? isReplica
        ? {
            verdict: 'ATTENTION',
            cause: `${to} is read-only, as a replica is: promote it at the switch.`,
            remedy: `promote ${to} at the vendor`,
          }
        : {
            verdict: 'BLOCKED',
            cause: `${to} is read-only and no replica.`,
            remedy: `on ${to}: SET PERSIST read_only = OFF`,
          }
      : { verdict: 'OK', cause: `${to} takes writes.` },
    facts.from.isReadOnly
      ? { verdict: 'OK', cause: `${from} is read-only: nothing new arrives.` }
      : {
          verdict: 'OK',
          cause: `${from} takes writes: stop them at the switch, and compare once more.`,
        },
  ]);
}
