import { compareSources } from '../drift/drift.ts';
import type { Kind } from '../drift/finding.ts';
import { hiddenDefinitions } from '../drift/visibility.ts';
import type { SourceName } from '../source-name.ts';
import { quoteName } from '../sql/quote.ts';
import { type CutoverCheck, type CutoverFinding, checkOf } from './check.ts';
import type { SideFacts } from './facts.ts';
import type { Sides } from './judge-servers.ts';

export function judgeDrift({ from, to, facts }: Sides): CutoverCheck {
  const { findings, notVisible } = compareSources(facts.from.snapshot, facts.to.snapshot);
  const remedy = 'tandem drift --only azure-gcp';
  const hidden = [
    ...notShown(from, facts.from),
    ...notShown(to, facts.to),
    ...[facts.from, facts.to].flatMap(({ snapshot: { source, schema, ignores } }) =>
      hiddenDefinitions(source, schema, { tables: (name) => !ignores(name) }, new Set(notVisible)).map(
        (cause) => ({ verdict: 'UNKNOWN' as const, cause, remedy }),
      ),
    ),
  ];
  if (findings.length === 0) {
    const cause = hidden.length === 0 ? 'Both schemas are the same.' : 'What the accounts see is the same.';
    return checkOf('drift', [{ verdict: 'OK', cause }, ...hidden]);
  }
  return checkOf('drift', [
    ...findings.map(({ kind, object, property, breaking }) => ({
      verdict: breaking ? ('BLOCKED' as const) : ('ATTENTION' as const),
      cause: `${kind.toLowerCase().replace('_', ' ')} ${object}: ${property} differs between ${from} and ${to}${breaking ? '' : ', which breaks nothing'}.`,
      remedy,
    })),
    ...hidden,
  ]);
}

/** The right that shows all there is of a kind: drift/visibility.ts. */
const shownWith: Readonly<Partial<Record<Kind, string>>> = {
  FOREIGN_KEY: 'REFERENCES',
  CHECK: 'REFERENCES',
  VIEW: 'SHOW VIEW',
  TRIGGER: 'TRIGGER',
  ROUTINE: 'EXECUTE',
  EVENT: 'EVENT',
};

function notShown(
  source: SourceName,
  { snapshot: { notVisible } }: SideFacts,
  only: readonly Kind[] = notVisible,
): CutoverFinding[] {
  const kinds = notVisible.filter((kind) => only.includes(kind));
  if (kinds.length === 0) return [];
  const names = kinds.map((kind) => `${kind.toLowerCase().replace('_', ' ')}s`);
  const rights = [...new Set(kinds.map((kind) => shownWith[kind]))];
  return [
    {
      verdict: 'UNKNOWN',
      cause: `The migrator’s account may not see all ${names.join(', ')} of ${source}.`,
      remedy: `on ${source}: GRANT ${rights.join(', ')} ON its database TO the migrator’s account`,
    },
  ];
}

export function judgeCounters({ from, to, facts }: Sides): CutoverCheck {
  const behind = [...facts.from.counters].flatMap(([table, next]) => {
    const there = facts.to.counters.get(table);
    return there !== undefined && BigInt(there) < BigInt(next) ? [{ table, next, there }] : [];
  });
  if (behind.length === 0)
    return checkOf('auto-increment', [
      { verdict: 'OK', cause: `No counter of ${to} is behind that of ${from}.` },
    ]);
  return checkOf(
    'auto-increment',
    behind.map(({ table, next, there }) => ({
      verdict: 'ATTENTION',
      cause: `${table}: the next key is ${next} on ${from} and ${there} on ${to}, which would give keys that ${from} has given before.`,
      remedy: `on ${to}: ALTER TABLE ${quoteName(table)} AUTO_INCREMENT = ${next}`,
    })),
  );
}

const isEnabled = (status: string) => status === 'ENABLED';

export function judgePrograms({ from, to, facts }: Sides): CutoverCheck {
  const { triggers, events } = facts.to.snapshot.schema;
  const fromEvents = new Map(eventsOf(facts.from).map((event) => [event.name, event]));
  const ofEvents = events.flatMap(({ name, status }) => {
    const source = fromEvents.get(name);
    if (source === undefined || !isEnabled(source.status)) return [];
    return isEnabled(status)
      ? [
          {
            verdict: 'ATTENTION' as const,
            cause: `The event ${name} runs on both: its writes to ${to} are no copies of those to ${from}.`,
            remedy: `on ${to}: ALTER EVENT ${quoteName(name)} DISABLE, until the switch`,
          },
        ]
      : [
          {
            verdict: 'ATTENTION' as const,
            cause: `The event ${name} runs on ${from} and not on ${to}.`,
            remedy: `at the switch, on ${to}: ALTER EVENT ${quoteName(name)} ENABLE`,
          },
        ];
  });
  const scheduler =
    events.length > 0 && !facts.to.runsEvents
      ? [
          {
            verdict: 'ATTENTION' as const,
            cause: `${to} has events, and its event_scheduler is off.`,
            remedy: `at the switch, on ${to}: SET PERSIST event_scheduler = ON`,
          },
        ]
      : [];
  const definers = facts.to.definers.map((definer) => ({
    verdict: 'ATTENTION' as const,
    cause: `Programs of ${to} run in the name of ${definer}: without that account they fail.`,
    remedy: `on ${to}, as its administrator: SHOW GRANTS FOR ${definer}`,
  }));
  const hidden = [
    ...notShown(from, facts.from, ['EVENT']),
    ...notShown(to, facts.to, ['TRIGGER', 'EVENT', 'ROUTINE']),
  ];
  const shown = hidden.length === 0 ? 'has' : 'shows';
  return checkOf('triggers and events', [
    {
      verdict: 'OK',
      cause: `${to} ${shown} ${counted(triggers.length, 'trigger')} and ${counted(events.length, 'event')}.`,
    },
    ...hidden,
    ...ofEvents,
    ...scheduler,
    ...definers,
  ]);
}

const eventsOf = ({ snapshot }: SideFacts) => snapshot.schema.events;
const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;
