import type { CheckModel, TableModel } from '../information-schema/model.ts';
import { sameExpression, tokens } from '../sql/expression.ts';
import type { Difference, SchemaObject } from './finding.ts';
import { comparing, existence, yesNo } from './finding-builder.ts';
import { pairsOf } from './match-by-name.ts';

export function compareChecks(left: TableModel, right: TableModel): Difference[] {
  const { both, leftOnly, rightOnly } = pairsOf(left.checks, right.checks, ({ name }) => name);
  const of = ({ name }: CheckModel): SchemaObject => ({ kind: 'CHECK', table: right.name, name });
  return [
    ...leftOnly.map((check) => existence(of(check), 'left', plain(check.expression))),
    ...rightOnly.map((check) => existence(of(check), 'right', plain(check.expression))),
    ...both.flatMap(([one, other]) => {
      const differs = comparing(of(other));
      return [
        ...differs('expression', [plain(one.expression), plain(other.expression)], {
          same: sameExpression(one.expression, other.expression),
        }),
        ...differs('enforced', [yesNo(one.enforced), yesNo(other.enforced)]),
      ];
    }),
  ];
}

/** As it reads without the quotes that MySQL adds. */
function plain(expression: string): string {
  return tokens(expression).join(' ').replaceAll('( ', '(').replaceAll(' )', ')');
}
