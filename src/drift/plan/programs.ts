import type { SchemaModel, ViewModel } from '../../information-schema/model.ts';
import { quoteName } from '../../sql/quote.ts';
import { tableNamesIn } from '../../sql/view-names.ts';
import { subjectOf } from '../compare-routines.ts';
import { createEvent, createRoutine, createView } from '../ddl-programs.ts';
import { alone, type Compared } from '../finding-builder.ts';
import { pairsOf } from '../match-by-name.ts';
import type { Differing } from './differing.ts';
import { keyOf, type PlanStep, steps } from './step.ts';
import { triggerSteps } from './triggers.ts';

/**
 * Events, triggers, views and routines: those that go, and those that come. A changed program goes and comes; a view
 * is replaced. MySQL looks into views alone when it makes them: they come behind the functions and views they use.
 */
export function programSteps(left: SchemaModel, right: SchemaModel, found: Differing, compared: Compared) {
  const routines = pairsOf(left.routines, right.routines, ({ kind, name }) => `${kind} ${name}`);
  const events = pairsOf(left.events, right.events, ({ name }) => name);
  const views = pairsOf(left.views, right.views, ({ name }) => name, compared.fold);
  const triggers = triggerSteps(left.triggers, right.triggers, found, compared);

  const dropRoutine = (routine: SchemaModel['routines'][number]) =>
    steps([`drop ${routine.kind.toLowerCase()} ${quoteName(routine.name)}`], [keyOf(subjectOf(routine))]);
  const dropEvent = ({ name }: SchemaModel['events'][number]) =>
    steps([`drop event ${quoteName(name)}`], [keyOf(alone('EVENT', name))]);

  const changedRoutines = routines.both.filter(
    ([one, other]) => one.body !== null && found.changed('ROUTINE', other.kind, other.name),
  );
  const changedEvents = events.both.filter(
    ([one, other]) => one.body !== null && found.changed('EVENT', null, other.name),
  );
  const missingViews = views.leftOnly.filter(({ name }) => found.missing('VIEW', null, name));
  const changedViews = views.both.filter(([, other]) => found.changed('VIEW', null, other.name));
  const replaced = new Map(changedViews);
  const { ordered, lacking } = byDependency([...missingViews, ...replaced.keys()], left);

  return {
    notes: [...lacking].map(
      ([view, names]) =>
        `The view ${view} cannot be made: it refers to ${names.join(', ')}, which is not there.`,
    ),
    drop: [
      ...events.rightOnly.filter(({ name }) => found.extra('EVENT', null, name)).flatMap(dropEvent),
      ...changedEvents.flatMap(([, other]) => dropEvent(other)),
      ...triggers.drop,
      ...views.rightOnly
        .filter(({ name }) => found.extra('VIEW', null, name))
        .flatMap(({ name }) => steps([`drop view ${quoteName(name)}`], [keyOf(alone('VIEW', name))])),
      ...routines.rightOnly
        .filter(({ kind, name }) => found.extra('ROUTINE', kind, name))
        .flatMap(dropRoutine),
      ...changedRoutines.flatMap(([, other]) => dropRoutine(other)),
    ],
    create: [
      ...routines.leftOnly
        .filter(({ kind, name }) => found.missing('ROUTINE', kind, name))
        .flatMap((routine) => steps(createRoutine(routine), [keyOf(subjectOf(routine))])),
      ...changedRoutines.flatMap(([one, other]) => steps(createRoutine(one), [keyOf(subjectOf(other))])),
      ...ordered.flatMap((view) => {
        const other = replaced.get(view);
        const sql = createView(
          { ...view, name: other?.name ?? view.name },
          { materialized: !view.updatable && (other?.updatable ?? false) },
        );
        return steps(sql, [keyOf(alone('VIEW', other?.name ?? view.name))]);
      }),
      ...triggers.create,
      ...events.leftOnly
        .filter(({ name }) => found.missing('EVENT', null, name))
        .flatMap((event) => steps(createEvent(event), [keyOf(alone('EVENT', event.name))])),
      ...changedEvents.flatMap(([one, other]) =>
        steps(createEvent(one), [keyOf(alone('EVENT', other.name))]),
      ),
    ] satisfies PlanStep[],
  };
}

/** Each view behind those that it is made of; apart from them those that refer to what is not there, and to what. */
function byDependency(views: readonly ViewModel[], { tables, views: all }: SchemaModel) {
  const known = new Set([...tables, ...all].map(({ name }) => name));
  const byName = new Map(views.map((view) => [view.name, view]));
  const ordered = new Set<ViewModel>();
  const lacking = new Map<string, string[]>();
  const visit = (view: ViewModel, above: ReadonlySet<ViewModel>) => {
    if (ordered.has(view) || above.has(view)) return;
    const names = tableNamesIn(view.definition ?? '');
    for (const name of names) {
      const used = byName.get(name);
      if (used !== undefined) visit(used, new Set([...above, view]));
    }
    const missing = names.filter((name) => !known.has(name));
    if (missing.length > 0) lacking.set(view.name, missing);
    else ordered.add(view);
  };
  for (const view of views) visit(view, new Set());
  return { ordered: [...ordered], lacking };
}
