import type { SourceName } from '../source-name.ts';
import type { Channel } from './channels.ts';
import { type CutoverCheck, type CutoverFinding, checkOf } from './check.ts';
import type { Sides } from './judge-servers.ts';
import type { TransactionGap } from './transaction-gap.ts';

const remedy = 'show replica status, on the server';

/** @param gap null: nothing replicates, or no GTIDs tell */
export function judgeReplication(sides: Sides, gap: TransactionGap | null = null): CutoverCheck {
  const { from, to, facts } = sides;
  const [into, back] = [facts.to.replication, facts.from.replication];
  return checkOf('replication', [
    ...(into === null ? [denied(to)] : []),
    ...(into?.length === 0 ? [nothingReplicates(sides)] : []),
    ...(into ?? []).flatMap((channel) => channelFindings(to, channel)),
    ...(into?.length ? originFindings(sides, into, gap) : []),
    ...(back === null ? [denied(from)] : []),
    ...(back ?? []).map(() => ({
      verdict: 'ATTENTION' as const,
      cause: `${from} is a replica itself: what comes from its own source must go to ${to} after the switch.`,
      remedy,
    })),
  ]);
}

function denied(source: SourceName): CutoverFinding {
  return {
    verdict: 'UNKNOWN',
    cause: `The migrator’s account may not ask ${source} about replication.`,
    remedy: `on ${source}: GRANT REPLICATION CLIENT ON *.* TO the migrator’s account`,
  };
}

function nothingReplicates({ from, to, facts }: Sides): CutoverFinding {
  if (facts.from.isReadOnly)
    return { verdict: 'OK', cause: `Nothing replicates into ${to}, and ${from} takes no writes.` };
  return {
    verdict: 'ATTENTION',
    cause: `Nothing replicates into ${to}: what ${from} takes after the last parity is missing there.`,
    remedy: `stop the writes to ${from}, then tandem parity --repair ${from.toLowerCase()}-to-${to.toLowerCase()}`,
  };
}

function channelFindings(
  to: SourceName,
  { name, receives, applies, lagSeconds, delaySeconds, filters }: Channel,
): CutoverFinding[] {
  const channel = `The channel${name === '' ? '' : ` ${name}`} into ${to}`;
  if (!receives || !applies || lagSeconds === null)
    return [{ verdict: 'BLOCKED', cause: `${channel} does not run.`, remedy }];
  const found: CutoverFinding[] = [
    {
      verdict: lagSeconds > 0 ? 'ATTENTION' : 'OK',
      cause: `${channel} is ${lagSeconds} s behind.`,
      ...(lagSeconds > 0 && { remedy }),
    },
  ];
  if (delaySeconds > 0)
    found.push({
      verdict: 'ATTENTION',
      cause: `${channel} applies each change ${delaySeconds} s late, as it is set to (SQL_Delay).`,
      remedy: `on ${to}: CHANGE REPLICATION SOURCE TO SOURCE_DELAY = 0`,
    });
  if (filters.length > 0)
    found.push({
      verdict: 'ATTENTION',
      cause: `${channel} has filters, so that not all arrives: ${filters.join('; ')}.`,
      remedy: 'tandem parity --throttle 100',
    });
  return found;
}

/** The state of a channel shows neither where its rows come from nor which are missing. */
function originFindings(
  { from, to, facts }: Sides,
  channels: readonly Channel[],
  gap: TransactionGap | null,
): CutoverFinding[] {
  if (gap === null) {
    if (channels.some(({ sourceServer }) => sourceServer === facts.from.server)) return [];
    return [
      {
        verdict: 'ATTENTION',
        cause: `No channel into ${to} reads from the server of ${from} itself, and no GTIDs tell whether all of it arrives.`,
        remedy,
      },
    ];
  }
  const found: CutoverFinding[] = [];
  if (gap.missing > 0)
    found.push({
      verdict: 'ATTENTION',
      cause: `${to} lacks ${gap.missing} of the transactions that ${from} has executed, by their GTIDs.`,
      remedy,
    });
  if (gap.own > 0)
    found.push({
      verdict: 'ATTENTION',
      cause: `${to} has executed ${gap.own} transaction${gap.own === 1 ? '' : 's'} that ${from} has not: rows may have been written there alone.`,
      remedy: 'tandem parity --throttle 100',
    });
  return found;
}
