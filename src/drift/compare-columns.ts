import type { ColumnModel, TableModel } from '../information-schema/model.ts';
import { type Compared, comparing, existence, finding, yesNo } from './compared.ts';
import { columnSql, defaultOf, quoted } from './ddl.ts';
import { sameExpression } from './expression.ts';
import type { Finding } from './finding.ts';
import { pairsOf } from './pairs.ts';

export function compareColumns(left: TableModel, right: TableModel, compared: Compared): Finding[] {
  const { both, leftOnly, rightOnly } = pairsOf(left.columns, right.columns, ({ name }) => name);
  const alter = (what: string) => `alter table ${quoted(right.name)} ${what}`;
  const before = (column: ColumnModel) => left.columns[left.columns.indexOf(column) - 1];
  return [
    ...leftOnly.map((column) =>
      existence('COLUMN', `${right.name}.${column.name}`, 'left', column.type, {
        statements: [alter(`add column ${columnSql(column)}${place(before(column))}`)],
      }),
    ),
    ...rightOnly.map((column) =>
      existence('COLUMN', `${right.name}.${column.name}`, 'right', column.type, {
        breaking: !compared.mayHaveMore || mustBeGiven(column),
        statements: [alter(`drop column ${quoted(column.name)}`)],
        losesData: column.generated?.kind !== 'VIRTUAL',
      }),
    ),
    ...both.flatMap(([one, other]) => compareColumn(right.name, one, other, place(before(one)))),
    ...compareOrder(right, both),
  ];
}

/** An INSERT that does not know of it fails. */
function mustBeGiven({ nullable, default: initial, autoIncrement, generated }: ColumnModel): boolean {
  return !nullable && initial === null && !autoIncrement && generated === null;
}

function place(before: ColumnModel | undefined): string {
  return before === undefined ? ' first' : ` after ${quoted(before.name)}`;
}

function compareColumn(table: string, left: ColumnModel, right: ColumnModel, where: string): Finding[] {
  const sameGenerated =
    left.generated === null || right.generated === null
      ? left.generated === right.generated
      : left.generated.kind === right.generated.kind &&
        sameExpression(left.generated.expression, right.generated.expression);
  // MySQL computes a virtual column when it is read, and turns it into no other kind.
  const anew =
    left.generated?.kind !== right.generated?.kind &&
    [left, right].some(({ generated }) => generated?.kind === 'VIRTUAL');
  const change =
    left.name === right.name
      ? `modify column ${columnSql(left)}`
      : `change column ${quoted(right.name)} ${columnSql(left)}`;
  const statements = [
    anew
      ? `alter table ${quoted(table)} drop column ${quoted(right.name)}, add column ${columnSql(left)}${where}`
      : `alter table ${quoted(table)} ${change}`,
  ];
  const differs = comparing('COLUMN', `${table}.${right.name}`, {
    statements,
    losesData: anew && right.generated === null,
  });
  const looks = { breaking: false };
  const sameCharset = left.charset === right.charset || left.charset === null || right.charset === null;
  return [
    ...differs('name', [left.name, right.name], looks),
    ...differs('type', [left.type, right.type]),
    ...differs('nullable', [yesNo(left.nullable), yesNo(right.nullable)]),
    ...differs('default', [shownDefault(left), shownDefault(right)], { same: sameDefault(left, right) }),
    ...differs('auto increment', [yesNo(left.autoIncrement), yesNo(right.autoIncrement)]),
    ...differs('on update', [left.onUpdate, right.onUpdate]),
    ...differs('generated', [shownGenerated(left), shownGenerated(right)], { same: sameGenerated }),
    ...differs('character set', [left.charset, right.charset], { same: sameCharset }),
    // Another character set has other collations, and another type may have none.
    ...differs('collation', [left.collation, right.collation], {
      same: left.charset !== right.charset || left.collation === right.collation,
    }),
    ...differs('invisible', [yesNo(left.invisible), yesNo(right.invisible)]),
    ...differs('comment', [left.comment, right.comment], looks),
  ];
}

function sameDefault({ default: left }: ColumnModel, { default: right }: ColumnModel): boolean {
  if (left === null || right === null) return left === right;
  if (left.expression !== right.expression) return false;
  return left.expression ? sameExpression(left.value, right.value) : left.value === right.value;
}

function shownDefault({ default: initial, type }: ColumnModel): string | null {
  return initial === null ? null : defaultOf(initial, type);
}

function shownGenerated({ generated }: ColumnModel): string | null {
  return generated === null ? null : `${generated.expression} ${generated.kind}`;
}

/** Only columns of both sides count: one that is missing has a finding of its own. */
function compareOrder(
  { name: table, columns }: TableModel,
  both: readonly (readonly [ColumnModel, ColumnModel])[],
): Finding[] {
  const wanted = both.map(([left]) => left);
  const found = new Map(both.map(([, right], at) => [right, at]));
  const order = columns.filter((column) => found.has(column));
  if (order.every((column, at) => found.get(column) === at)) return [];
  const stay = longestRun(order.map((column) => found.get(column) ?? 0));
  const moves = wanted.flatMap((column, at) =>
    stay.has(at) ? [] : [`modify column ${columnSql(column)}${place(wanted[at - 1])}`],
  );
  const names = (columns: readonly ColumnModel[]) => columns.map(({ name }) => name).join(', ');
  return [
    finding('TABLE', table, 'column order', [names(wanted), names(order)], {
      breaking: false,
      statements: [`alter table ${quoted(table)} ${moves.join(', ')}`],
    }),
  ];
}

/** The most members that are in order already: the others are moved. */
function longestRun(numbers: readonly number[]): Set<number> {
  const best: number[][] = [];
  for (const [at, number] of numbers.entries()) {
    const before = best.slice(0, at).filter((run) => (run.at(-1) ?? 0) < number);
    best[at] = [...(before.toSorted((a, b) => b.length - a.length)[0] ?? []), number];
  }
  return new Set(best.toSorted((a, b) => b.length - a.length)[0]);
}
