import type { TriggerModel } from '../../information-schema/model.ts';
import { quoteName } from '../../sql/quote.ts';
import { inOrder, momentOf, orderOf } from '../compare-triggers.ts';
import { createTrigger } from '../ddl-programs.ts';
import type { Compared } from '../finding-builder.ts';
import { pairsOf } from '../match-by-name.ts';
import type { Differing } from './differing.ts';
import { longestRun } from './longest-run.ts';
import { keyOf, type PlanStep, steps } from './step.ts';

/**
 * Triggers that go, and those that come, each at its place among those of its moment: a trigger that is made without
 * FOLLOWS or PRECEDES runs last.
 */
export function triggerSteps(
  left: readonly TriggerModel[],
  right: readonly TriggerModel[],
  found: Differing,
  { fold }: Compared,
): { readonly drop: readonly PlanStep[]; readonly create: readonly PlanStep[] } {
  const { both, rightOnly } = pairsOf(left, right, ({ name }) => name);
  const partners = new Map(both);
  const of = ({ table, name }: TriggerModel) => ({ kind: 'TRIGGER', table, name }) as const;
  const changed = (other: TriggerModel) => found.changed('TRIGGER', other.table, other.name);
  const gone: TriggerModel[] = rightOnly.filter(({ table, name }) => found.extra('TRIGGER', table, name));
  const create: PlanStep[] = [];
  for (const moment of Map.groupBy(left, (trigger) => momentOf(trigger, fold)).values()) {
    const wanted = inOrder(moment);
    const [first] = wanted;
    if (first === undefined) continue;
    const places = wanted.map((trigger) => {
      const other = partners.get(trigger);
      return other === undefined || changed(other) ? null : other.order;
    });
    const ordered = found.of('TRIGGER', null, orderOf(first).name).length > 0;
    const run = longestRun(places.filter((place) => place !== null));
    // A trigger whose body the account may not read cannot be made again.
    const stays = wanted.map((trigger, at) => {
      const place = places[at] ?? null;
      return trigger.body === null || (place !== null && (!ordered || run.has(place)));
    });
    for (const [at, trigger] of wanted.entries()) {
      if (stays[at]) continue;
      const other = partners.get(trigger);
      if (other !== undefined) gone.push(other);
      const next = wanted.find((_, later) => later > at && stays[later]);
      const before = wanted[at - 1];
      const place =
        next === undefined
          ? null
          : before === undefined
            ? `precedes ${quoteName(next.name)}`
            : `follows ${quoteName(before.name)}`;
      const mends = [keyOf(of(other ?? trigger)), ...(ordered ? [keyOf(orderOf(first))] : [])];
      create.push(...steps(createTrigger(trigger, place), mends));
    }
  }
  const order = new Map(create.flatMap(({ mends }) => mends).map((key) => [key, true]));
  return {
    drop: gone.flatMap((trigger) => {
      const own = keyOf(of(trigger));
      const moment = keyOf(orderOf(trigger));
      return steps([`drop trigger ${quoteName(trigger.name)}`], order.has(moment) ? [own, moment] : [own]);
    }),
    create,
  };
}
