import type { ColumnModel, TableModel } from '../information-schema/model.ts';
import { sameExpression } from '../sql/expression.ts';
import { defaultOf } from './ddl.ts';
import type { Difference, SchemaObject } from './finding.ts';
import { type Compared, comparing, difference, existence, yesNo } from './finding-builder.ts';
import { pairsOf } from './match-by-name.ts';

export function compareColumns(left: TableModel, right: TableModel, { mayHaveMore }: Compared): Difference[] {
  const { both, leftOnly, rightOnly } = pairsOf(left.columns, right.columns, ({ name }) => name);
  const of = ({ name }: ColumnModel): SchemaObject => ({ kind: 'COLUMN', table: right.name, name });
  return [
    ...leftOnly.map((column) => existence(of(column), 'left', column.type)),
    ...rightOnly.map((column) =>
      existence(of(column), 'right', column.type, {
        breaking: !mayHaveMore || mustBeGiven(column),
        losesData: column.generated?.kind !== 'VIRTUAL',
      }),
    ),
    ...both.flatMap(([one, other]) => compareColumn(one, other, of(other))),
    ...compareOrder(right, both),
  ];
}

/** An INSERT that does not know of it fails. */
function mustBeGiven({ nullable, default: initial, autoIncrement, generated }: ColumnModel): boolean {
  return !nullable && initial === null && !autoIncrement && generated === null;
}

/** MySQL computes a virtual column at each read, and turns it into no other kind: a plan drops and adds it. */
export function madeAnew(left: ColumnModel, right: ColumnModel): boolean {
  return (
    left.generated?.kind !== right.generated?.kind &&
    [left, right].some(({ generated }) => generated?.kind === 'VIRTUAL')
  );
}

function compareColumn(left: ColumnModel, right: ColumnModel, of: SchemaObject): Difference[] {
  const sameGenerated =
    left.generated === null || right.generated === null
      ? left.generated === right.generated
      : left.generated.kind === right.generated.kind &&
        sameExpression(left.generated.expression, right.generated.expression);
  const differs = comparing(of, { losesData: madeAnew(left, right) && right.generated === null });
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
    ...differs('srid', [shownSrid(left), shownSrid(right)]),
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

function shownSrid({ srid }: ColumnModel): string | null {
  return srid === null ? null : String(srid);
}

/** Only columns of both sides count: one that is missing has a finding of its own. */
function compareOrder(
  { name, columns }: TableModel,
  both: readonly (readonly [ColumnModel, ColumnModel])[],
): Difference[] {
  const wanted = both.map(([left]) => left);
  const found = new Map(both.map(([, right], at) => [right, at]));
  const order = columns.filter((column) => found.has(column));
  if (order.every((column, at) => found.get(column) === at)) return [];
  const names = (columns: readonly ColumnModel[]) => columns.map(({ name }) => name).join(', ');
  const of: SchemaObject = { kind: 'TABLE', table: null, name };
  return [difference(of, 'column order', [names(wanted), names(order)], { breaking: false })];
}
