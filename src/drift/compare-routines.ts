import type { RoutineModel } from '../information-schema/model.ts';
import { anew, comparing, existence, yesNo } from './compared.ts';
import { quoted } from './ddl.ts';
import { createRoutine } from './ddl-programs.ts';
import type { Finding } from './finding.ts';
import { pairsOf } from './pairs.ts';
import { sameBody } from './same-body.ts';

/** Procedures and functions. */
export function compareRoutines(left: readonly RoutineModel[], right: readonly RoutineModel[]): Finding[] {
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
      const differs = comparing('ROUTINE', other.name, {
        statements: anew(drop(other), createRoutine(one)),
      });
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
