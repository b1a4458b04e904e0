import type { TableModel } from '../information-schema/model.ts';
import { comparing, existence, yesNo } from './compared.ts';
import { checkSql, quoted } from './ddl.ts';
import { sameExpression, tokens } from './expression.ts';
import type { Finding } from './finding.ts';
import { pairsOf } from './pairs.ts';

export function compareChecks(left: TableModel, right: TableModel): Finding[] {
  const table = quoted(right.name);
  const { both, leftOnly, rightOnly } = pairsOf(left.checks, right.checks, ({ name }) => name);
  return [
    ...leftOnly.map((check) =>
      existence('CHECK', `${right.name}.${check.name}`, 'left', plain(check.expression), {
        statements: [`alter table ${table} add ${checkSql(check)}`],
      }),
    ),
    ...rightOnly.map((check) =>
      existence('CHECK', `${right.name}.${check.name}`, 'right', plain(check.expression), {
        statements: [`alter table ${table} drop constraint ${quoted(check.name)}`],
      }),
    ),
    ...both.flatMap(([one, other]) => {
      const name = quoted(other.name);
      const differs = comparing('CHECK', `${right.name}.${other.name}`, {
        statements: [`alter table ${table} drop constraint ${name}, add ${checkSql(one)}`],
      });
      const enforce = `alter table ${table} alter check ${name} ${one.enforced ? '' : 'not '}enforced`;
      return [
        ...differs('expression', [plain(one.expression), plain(other.expression)], {
          same: sameExpression(one.expression, other.expression),
        }),
        ...differs('enforced', [yesNo(one.enforced), yesNo(other.enforced)], { statements: [enforce] }),
      ];
    }),
  ];
}

/** As it reads without the quotes that MySQL adds. */
function plain(expression: string): string {
  return tokens(expression).join(' ').replaceAll('( ', '(').replaceAll(' )', ')');
}
