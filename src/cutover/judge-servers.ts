import { differences } from '../preflight/settings.ts';
import type { SourceName } from '../source-name.ts';
import { type CutoverCheck, type CutoverVerdict, checkOf } from './check.ts';
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
  const finding = `${left} on ${from}, ${right} on ${to}.`;
  if (!isOlder) return checkOf('versions', [{ verdict: 'OK', finding }]);
  return checkOf('versions', [
    {
      verdict: 'ATTENTION',
      finding: `${finding} ${to} is older: statements can mean something else there, and MySQL does not replicate to an older version.`,
      next: `upgrade the server of ${to}`,
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
    return checkOf('settings', [{ verdict: 'OK', finding: 'No setting differs that matters.' }]);
  return checkOf(
    'settings',
    found.map((finding) => ({ verdict: 'ATTENTION', finding, next: 'tandem preflight' })),
  );
}

export function judgeReplication({ from, to, facts }: Sides): CutoverCheck {
  const [into, back] = [facts.to.replication, facts.from.replication];
  const next = 'show replica status, on the server';
  const denied = (source: SourceName) => ({
    verdict: 'UNKNOWN' as const,
    finding: `The migrator’s account may not ask ${source} about replication.`,
    next: `on ${source}: GRANT REPLICATION CLIENT ON *.* TO the migrator’s account`,
  });
  return checkOf('replication', [
    ...(into === null ? [denied(to)] : []),
    ...(into?.length === 0 && facts.from.isReadOnly
      ? [{ verdict: 'OK' as const, finding: `Nothing replicates into ${to}, and ${from} takes no writes.` }]
      : []),
    ...(into?.length === 0 && !facts.from.isReadOnly
      ? [
          {
            verdict: 'ATTENTION' as const,
            finding: `Nothing replicates into ${to}: what ${from} takes after the last parity is missing there.`,
            next: `stop the writes to ${from}, then tandem parity --repair ${from.toLowerCase()}-to-${to.toLowerCase()}`,
          },
        ]
      : []),
    ...(into ?? []).map(({ name, receives, applies, lagSeconds }) => {
      const channel = `The channel${name === '' ? '' : ` ${name}`} into ${to}`;
      if (!receives || !applies || lagSeconds === null) {
        return { verdict: 'BLOCKED' as const, finding: `${channel} does not run.`, next };
      }
      const verdict: CutoverVerdict = lagSeconds > 0 ? 'ATTENTION' : 'OK';
      return { verdict, finding: `${channel} is ${lagSeconds} s behind.`, ...(lagSeconds > 0 && { next }) };
    }),
    ...(back === null ? [denied(from)] : []),
    ...(back ?? []).map(() => ({
      verdict: 'ATTENTION' as const,
      finding: `${from} is a replica itself: what comes from its own source must go to ${to} after the switch.`,
      next,
    })),
  ]);
}

export function judgeWrites({ from, to, facts }: Sides): CutoverCheck {
  const isReplica = (facts.to.replication ?? []).length > 0;
  return checkOf('writes', [
    facts.to.isReadOnly
      ? isReplica
        ? {
            verdict: 'ATTENTION',
            finding: `${to} is read-only, as a replica is: promote it at the switch.`,
            next: `promote ${to} at the vendor`,
          }
        : {
            verdict: 'BLOCKED',
            finding: `${to} is read-only and no replica.`,
            next: `on ${to}: SET PERSIST read_only = OFF`,
          }
      : { verdict: 'OK', finding: `${to} takes writes.` },
    facts.from.isReadOnly
      ? { verdict: 'OK', finding: `${from} is read-only: nothing new arrives.` }
      : {
          verdict: 'OK',
          finding: `${from} takes writes: stop them at the switch, and compare once more.`,
        },
  ]);
}
