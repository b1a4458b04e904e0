import type { RoutineModel, SchemaModel, TriggerModel, ViewModel } from '../information-schema/model.ts';
import { compareEvents } from './compare-events.ts';
import { anew, type Compared, existence, finding, yesNo } from './compared.ts';
import { createRoutine, createTrigger, createView, quoted } from './ddl.ts';
import { tokens } from './expression.ts';
import type { Finding } from './finding.ts';
import { pairsOf } from './pairs.ts';
import { sameBody } from './same-body.ts';

/** Views, triggers, routines and events, as far as they were visible. */
export function comparePrograms(left: SchemaModel, right: SchemaModel, compared: Compared): Finding[] {
  // Entities say nothing of them.
  if (compared.mayHaveMore) return [];
  const { notVisible } = compared;
  return [
    ...(notVisible.has('VIEW') ? [] : compareViews(left.views, right.views, compared)),
    ...(notVisible.has('TRIGGER') ? [] : compareTriggers(left.triggers, right.triggers, compared)),
    ...(notVisible.has('ROUTINE') ? [] : compareRoutines(left.routines, right.routines)),
    ...(notVisible.has('EVENT') ? [] : compareEvents(left.events, right.events)),
  ];
}

function compareViews(
  left: readonly ViewModel[],
  right: readonly ViewModel[],
  { fold }: Compared,
): Finding[] {
  const { both, leftOnly, rightOnly } = pairsOf(left, right, ({ name }) => name, fold);
  return [
    ...leftOnly.map((view) =>
      existence('VIEW', view.name, 'left', 'a view', { statements: createView(view) }),
    ),
    ...rightOnly.map((view) =>
      existence('VIEW', view.name, 'right', 'a view', { statements: [`drop view ${quoted(view.name)}`] }),
    ),
    ...both.flatMap(([one, other]) => {
      const statements = createView(
        { ...one, name: other.name },
        { materialized: !one.updatable && other.updatable },
      );
      const text = (definition: string | null) => fold(tokens(definition ?? '').join(' '));
      const same =
        one.definition === null ||
        other.definition === null ||
        text(one.definition) === text(other.definition);
      const differs = (property: string, same: boolean, values: readonly [string | null, string | null]) =>
        same ? [] : [finding('VIEW', other.name, property, values, { statements })];
      return [
        ...differs('definition', same, [one.definition, other.definition]),
        ...differs('security', one.security === other.security, [one.security, other.security]),
        ...differs('check option', one.checkOption === other.checkOption, [
          one.checkOption,
          other.checkOption,
        ]),
        // It follows from the definition.
        ...differs('updatable', !same || one.updatable === other.updatable, [
          yesNo(one.updatable),
          yesNo(other.updatable),
        ]),
      ];
    }),
  ];
}

function compareTriggers(
  left: readonly TriggerModel[],
  right: readonly TriggerModel[],
  { fold }: Compared,
): Finding[] {
  const { both, leftOnly, rightOnly } = pairsOf(left, right, ({ name }) => name);
  const drop = ({ name }: TriggerModel) => `drop trigger ${quoted(name)}`;
  const object = ({ table, name }: TriggerModel) => `${table}.${name}`;
  const when = ({ timing, event }: TriggerModel) => `${timing} ${event}`;
  const moment = (trigger: TriggerModel) => `${fold(trigger.table)} ${when(trigger)}`;
  const alike = both.filter(([one, other]) => moment(one) === moment(other));
  return [
    ...leftOnly.map((trigger) =>
      existence('TRIGGER', object(trigger), 'left', when(trigger), { statements: createTrigger(trigger) }),
    ),
    ...rightOnly.map((trigger) =>
      existence('TRIGGER', object(trigger), 'right', when(trigger), { statements: [drop(trigger)] }),
    ),
    ...both.flatMap(([one, other]) => {
      const statements = anew(drop(other), createTrigger(one));
      const differs = (
        property: string,
        values: readonly [string | null, string | null],
        same = values[0] === values[1],
      ) => (same ? [] : [finding('TRIGGER', object(other), property, values, { statements })]);
      return [
        ...differs('table', [one.table, other.table], fold(one.table) === fold(other.table)),
        ...differs('timing', [one.timing, other.timing]),
        ...differs('event', [one.event, other.event]),
        ...differs('statement', [one.body, other.body], sameBody(one.body, other.body)),
      ];
    }),
    ...[...Map.groupBy(alike, ([one]) => moment(one)).values()].flatMap((group) => {
      const inOrder = (triggers: readonly TriggerModel[]) => triggers.toSorted((a, b) => a.order - b.order);
      const wanted = inOrder(group.map(([one]) => one));
      const names = (triggers: readonly TriggerModel[]) => triggers.map(({ name }) => name).join(', ');
      const found = names(inOrder(group.map(([, other]) => other)));
      if (found.toLowerCase() === names(wanted).toLowerCase()) return [];
      const [first] = wanted;
      if (first === undefined) return [];
      const statements = wanted.flatMap((trigger) => anew(drop(trigger), createTrigger(trigger)));
      return [
        finding('TRIGGER', `${first.table} ${when(first)}`, 'order', [names(wanted), found], { statements }),
      ];
    }),
  ];
}

function compareRoutines(left: readonly RoutineModel[], right: readonly RoutineModel[]): Finding[] {
  const name = ({ kind, name }: RoutineModel) => `${kind} ${name}`;
  const { both, leftOnly, rightOnly } = pairsOf(left, right, name);
  const drop = (routine: RoutineModel) => `drop ${routine.kind.toLowerCase()} ${quoted(routine.name)}`;
  return [
    ...leftOnly.map((routine) =>
      existence('ROUTINE', routine.name, 'left', routine.kind.toLowerCase(), {
        statements: createRoutine(routine),
      }),
    ),
    ...rightOnly.map((routine) =>
      existence('ROUTINE', routine.name, 'right', routine.kind.toLowerCase(), {
        statements: [drop(routine)],
      }),
    ),
    ...both.flatMap(([one, other]) => {
      const statements = anew(drop(other), createRoutine(one));
      const differs = (
        property: string,
        values: readonly [string | null, string | null],
        { same = values[0] === values[1], breaking = true } = {},
      ) => (same ? [] : [finding('ROUTINE', other.name, property, values, { breaking, statements })]);
      return [
        ...differs('parameters', [shownParameters(one), shownParameters(other)]),
        ...differs('returns', [one.returns, other.returns]),
        ...differs('body', [one.body, other.body], { same: sameBody(one.body, other.body) }),
        ...differs('deterministic', [yesNo(one.deterministic), yesNo(other.deterministic)]),
        ...differs('data access', [one.dataAccess, other.dataAccess]),
        ...differs('security', [one.security, other.security]),
        ...differs('comment', [one.comment, other.comment], { breaking: false }),
      ];
    }),
  ];
}

function shownParameters({ parameters }: RoutineModel): string {
  return parameters.map(({ mode, name, type }) => [mode, name, type].filter(Boolean).join(' ')).join(', ');
}
