import type { RoutineModel } from '../information-schema/model.ts';
import { parsingModes, sameBody } from '../sql/same-body.ts';
import type { Difference, SchemaObject } from './finding.ts';
import { comparing, existence, yesNo } from './finding-builder.ts';
import { pairsOf } from './match-by-name.ts';

/** Procedures and functions. */
export function compareRoutines(left: readonly RoutineModel[], right: readonly RoutineModel[]): Difference[] {
  const { both, leftOnly, rightOnly } = pairsOf(left, right, ({ kind, name }) => `${kind} ${name}`);
  return [
    ...leftOnly.map((routine) => existence(subjectOf(routine), 'left', routine.kind.toLowerCase())),
    ...rightOnly.map((routine) => existence(subjectOf(routine), 'right', routine.kind.toLowerCase())),
    ...both.flatMap(([one, other]) => {
      const differs = comparing(subjectOf(other));
      return [
        ...differs('parameters', [shownParameters(one), shownParameters(other)]),
        ...differs('returns', [one.returns, other.returns]),
        ...differs('body', [one.body, other.body], { same: sameBody(one.body, other.body) }),
        ...differs('sql mode', [parsingModes(one), parsingModes(other)]),
        ...differs('deterministic', [yesNo(one.deterministic), yesNo(other.deterministic)]),
        ...differs('data access', [one.dataAccess, other.dataAccess]),
        ...differs('security', [one.security, other.security]),
        ...differs('comment', [one.comment, other.comment], { breaking: false }),
      ];
    }),
  ];
}

/** A procedure and a function may have one name. */
export function subjectOf({ kind, name }: RoutineModel): SchemaObject {
  return { kind: 'ROUTINE', table: kind, name };
}

function shownParameters({ parameters }: RoutineModel): string {
  return parameters.map(({ mode, name, type }) => [mode, name, type].filter(Boolean).join(' ')).join(', ');
}
