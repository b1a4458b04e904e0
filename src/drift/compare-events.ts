import type { EventModel } from '../information-schema/model.ts';
import { anew, comparing, existence } from './compared.ts';
import { quoted } from './ddl.ts';
import { createEvent, scheduleSql } from './ddl-programs.ts';
import type { Finding } from './finding.ts';
import { pairsOf } from './pairs.ts';
import { sameBody } from './same-body.ts';

/** What the servers do by themselves, and when. */
export function compareEvents(left: readonly EventModel[], right: readonly EventModel[]): Finding[] {
  const { both, leftOnly, rightOnly } = pairsOf(left, right, ({ name }) => name);
  const drop = ({ name }: EventModel) => `drop event ${quoted(name)}`;
  return [
    ...leftOnly.map((event) =>
      existence('EVENT', event.name, 'left', scheduleSql(event), { statements: createEvent(event) }),
    ),
    ...rightOnly.map((event) =>
      existence('EVENT', event.name, 'right', scheduleSql(event), { statements: [drop(event)] }),
    ),
    ...both.flatMap(([one, other]) => {
      const differs = comparing('EVENT', other.name, {
        statements: anew(drop(other), createEvent(one)),
      });
      return [
        ...differs('schedule', [scheduleSql(one), scheduleSql(other)]),
        ...differs('time zone', [one.timeZone, other.timeZone]),
        ...differs('status', [one.status, other.status]),
        ...differs('on completion', [one.onCompletion, other.onCompletion]),
        ...differs('body', [one.body, other.body], { same: sameBody(one.body, other.body) }),
        ...differs('comment', [one.comment, other.comment], { breaking: false }),
      ];
    }),
  ];
}
