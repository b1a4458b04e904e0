import type { TriggerModel } from '../information-schema/model.ts';
import { anew, type Compared, comparing, existence, finding } from './compared.ts';
import { quoted } from './ddl.ts';
import { createTrigger } from './ddl-programs.ts';
import type { Finding } from './finding.ts';
import { pairsOf } from './pairs.ts';
import { sameBody } from './same-body.ts';

export function compareTriggers(
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
      const differs = comparing('TRIGGER', object(other), {
        statements: anew(drop(other), createTrigger(one)),
      });
      return [
        ...differs('table', [one.table, other.table], { same: fold(one.table) === fold(other.table) }),
        ...differs('timing', [one.timing, other.timing]),
        ...differs('event', [one.event, other.event]),
        ...differs('statement', [one.body, other.body], { same: sameBody(one.body, other.body) }),
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
