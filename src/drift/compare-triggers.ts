import type { TriggerModel } from '../information-schema/model.ts';
import { parsingModes, sameBody } from '../sql/same-body.ts';
import type { Difference, SchemaObject } from './finding.ts';
import { type Compared, comparing, difference, existence } from './finding-builder.ts';
import { pairsOf } from './match-by-name.ts';

export function compareTriggers(
  left: readonly TriggerModel[],
  right: readonly TriggerModel[],
  { fold }: Compared,
): Difference[] {
  const { both, leftOnly, rightOnly } = pairsOf(left, right, ({ name }) => name);
  const of = ({ table, name }: TriggerModel): SchemaObject => ({ kind: 'TRIGGER', table, name });
  const alike = both.filter(([one, other]) => momentOf(one, fold) === momentOf(other, fold));
  return [
    ...leftOnly.map((trigger) => existence(of(trigger), 'left', when(trigger))),
    ...rightOnly.map((trigger) => existence(of(trigger), 'right', when(trigger))),
    ...both.flatMap(([one, other]) => {
      const differs = comparing(of(other));
      return [
        ...differs('table', [one.table, other.table], { same: fold(one.table) === fold(other.table) }),
        ...differs('timing', [one.timing, other.timing]),
        ...differs('event', [one.event, other.event]),
        ...differs('statement', [one.body, other.body], { same: sameBody(one.body, other.body) }),
        ...differs('sql mode', [parsingModes(one), parsingModes(other)]),
      ];
    }),
    ...[...Map.groupBy(alike, ([one]) => momentOf(one, fold)).values()].flatMap((group) => {
      const wanted = inOrder(group.map(([one]) => one));
      const names = (triggers: readonly TriggerModel[]) => triggers.map(({ name }) => name).join(', ');
      const found = names(inOrder(group.map(([, other]) => other)));
      const [first] = wanted;
      if (first === undefined || found.toLowerCase() === names(wanted).toLowerCase()) return [];
      return [difference(orderOf(first), 'order', [names(wanted), found])];
    }),
  ];
}

/** The object that has the order of the triggers of one moment as its property. */
export function orderOf(trigger: TriggerModel): SchemaObject {
  return { kind: 'TRIGGER', table: null, name: `${trigger.table} ${when(trigger)}` };
}

/** The table, timing and event, as one text. */
export function momentOf(trigger: TriggerModel, fold: Compared['fold']): string {
  return `${fold(trigger.table)} ${when(trigger)}`;
}

export function inOrder(triggers: readonly TriggerModel[]): TriggerModel[] {
  return triggers.toSorted((a, b) => a.order - b.order);
}

function when({ timing, event }: TriggerModel): string {
  return `${timing} ${event}`;
}
