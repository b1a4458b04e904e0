import type { EventModel } from '../information-schema/model.ts';
import { parsingModes, sameBody } from '../sql/same-body.ts';
import { scheduleSql } from './ddl-programs.ts';
import type { Difference } from './finding.ts';
import { alone, comparing, existence } from './finding-builder.ts';
import { pairsOf } from './match-by-name.ts';

/** Compares the events, which the servers run by themselves. */
export function compareEvents(left: readonly EventModel[], right: readonly EventModel[]): Difference[] {
  const { both, leftOnly, rightOnly } = pairsOf(left, right, ({ name }) => name);
  const of = ({ name }: EventModel) => alone('EVENT', name);
  return [
    ...leftOnly.map((event) => existence(of(event), 'left', scheduleSql(event))),
    ...rightOnly.map((event) => existence(of(event), 'right', scheduleSql(event))),
    ...both.flatMap(([one, other]) => {
      const differs = comparing(of(other));
      return [
        ...differs('schedule', [scheduleSql(one), scheduleSql(other)]),
        ...differs('time zone', [one.timeZone, other.timeZone]),
        ...differs('status', [one.status, other.status]),
        ...differs('on completion', [one.onCompletion, other.onCompletion]),
        ...differs('body', [one.body, other.body], { same: sameBody(one.body, other.body) }),
        ...differs('sql mode', [parsingModes(one), parsingModes(other)]),
        ...differs('comment', [one.comment, other.comment], { breaking: false }),
      ];
    }),
  ];
}
