import type { EventModel, RoutineModel, TriggerModel, ViewModel } from '../information-schema/model.ts';
import { modesOf } from '../sql/modes.ts';
import { quoteName, quoteText } from '../sql/quote.ts';
import { parsingModes } from '../sql/same-body.ts';
import { outputsOf } from '../sql/view-names.ts';

/**
 * None where the account that read it may not see the definition. The catalogue keeps quiet about a view's algorithm,
 * but one that is read into a temporary table cannot be written to.
 */
export function createView(
  { name, definition, columns, security, checkOption }: ViewModel,
  { materialized = false } = {},
): string[] {
  if (definition === null) return [];
  const algorithm = materialized ? 'algorithm = temptable ' : '';
  const given = columns.join('\n') === outputsOf(definition).join('\n');
  const list = given ? '' : ` (${columns.map(quoteName).join(', ')})`;
  const option = checkOption === 'NONE' ? '' : ` with ${checkOption.toLowerCase()} check option`;
  return [
    `create or replace ${algorithm}sql security ${security.toLowerCase()} view ${quoteName(name)}${list} as ${definition}${option}`,
  ];
}

/** None where the account may not read the body. `place` is FOLLOWS or PRECEDES another. */
export function createTrigger(trigger: TriggerModel, place: string | null): string[] {
  const { name, table, timing, event, body } = trigger;
  if (body === null) return [];
  const when = `${timing.toLowerCase()} ${event.toLowerCase()} on ${quoteName(table)} for each row`;
  return asItWasMade(trigger, [
    `create trigger ${quoteName(name)} ${when} ${place === null ? '' : `${place} `}${body}`,
  ]);
}

/** In the SQL mode of its text, if that mode reads texts otherwise than MySQL's default. */
function asItWasMade(program: { readonly sqlMode: string }, statements: readonly string[]): string[] {
  if (parsingModes(program) === '') return [...statements];
  return [`set sql_mode = ${quoteText(program.sqlMode)}`, ...statements, 'set sql_mode = default'];
}

/** None where the account that read it may not see the body. */
export function createRoutine(routine: RoutineModel): string[] {
  const { name, kind, parameters, returns, body, deterministic, dataAccess, security, comment } = routine;
  if (body === null) return [];
  const of = parameters.map((parameter) =>
    [parameter.mode?.toLowerCase(), quoteName(parameter.name), parameter.type].filter(Boolean).join(' '),
  );
  const parts = [
    `create ${kind.toLowerCase()} ${quoteName(name)}(${of.join(', ')})`,
    returns && `returns ${returns}`,
    deterministic ? 'deterministic' : 'not deterministic',
    dataAccess.toLowerCase(),
    `sql security ${security.toLowerCase()}`,
    comment && `comment ${quoteText(comment, modesOf(routine.sqlMode))}`,
    body,
  ];
  return asItWasMade(routine, [parts.filter(Boolean).join(' ')]);
}

export function scheduleSql({ schedule }: EventModel): string {
  if (schedule.kind === 'ONCE') return `at ${quoteText(schedule.at)}`;
  const { every, starts, ends } = schedule;
  return [`every ${every}`, starts && `starts ${quoteText(starts)}`, ends && `ends ${quoteText(ends)}`]
    .filter(Boolean)
    .join(' ');
}

/** None where the account may not read the body. Times in a schedule are those of the session that makes the event. */
export function createEvent(event: EventModel): string[] {
  const { name, timeZone, status, onCompletion, comment, body } = event;
  if (body === null) return [];
  const parts = [
    `create event ${quoteName(name)} on schedule ${scheduleSql(event)}`,
    `on completion ${onCompletion.toLowerCase()}`,
    states[status],
    comment && `comment ${quoteText(comment, modesOf(event.sqlMode))}`,
    `do ${body}`,
  ];
  return asItWasMade(event, [
    `set time_zone = ${quoteText(timeZone)}`,
    parts.filter(Boolean).join(' '),
    'set time_zone = default',
  ]);
}

const states: Readonly<Record<string, string>> = {
  ENABLED: 'enable',
  DISABLED: 'disable',
  // Until 8.4.
  SLAVESIDE_DISABLED: 'disable on slave',
  REPLICA_SIDE_DISABLED: 'disable on replica',
};
