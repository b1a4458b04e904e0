import type { ForeignKeyModel, IndexModel, TableModel } from '../information-schema/model.ts';
import { type Compared, existence, finding, yesNo } from './compared.ts';
import { checkSql, foreignKeySql, indexSql, quoted } from './ddl.ts';
import { sameExpression, tokens } from './expression.ts';
import type { Finding } from './finding.ts';
import { pairsOf } from './pairs.ts';
import { isImplied, isImpliedUnder, leftBehindBy } from './provider-habits.ts';

/** Primary, unique and other indexes, foreign keys and checks of one table. `replaces` is a generated primary key. */
export function compareKeys(
  left: TableModel,
  right: TableModel,
  compared: Compared & { readonly replaces: string | null },
): Finding[] {
  return [
    ...compareIndexes(left, right, compared),
    ...(compared.notVisible.has('FOREIGN_KEY') ? [] : compareForeignKeys(left, right, compared)),
    ...(compared.notVisible.has('CHECK') ? [] : compareChecks(left, right)),
  ];
}

function compareIndexes(
  left: TableModel,
  right: TableModel,
  { replaces, mayHaveMore }: { readonly replaces: string | null; readonly mayHaveMore: boolean },
): Finding[] {
  const table = quoted(right.name);
  const { both, leftOnly, rightOnly } = pairsOf(left.indexes, right.indexes, ({ name }) => name);
  const object = ({ name }: IndexModel) => `${right.name}.${name}`;
  const drop = ({ name }: IndexModel) =>
    name === 'PRIMARY' ? 'drop primary key' : `drop index ${quoted(name)}`;
  const instead = (index: IndexModel) =>
    index.name === 'PRIMARY' && replaces !== null ? `drop column ${quoted(replaces)}, ` : '';
  return [
    ...leftOnly
      .filter((index) => !isImplied(index, left, right) && !isImpliedUnder(index, right, left))
      .map((index) =>
        existence('INDEX', object(index), 'left', shown(index), {
          breaking: decides(index),
          statements: [`alter table ${table} ${instead(index)}add ${indexSql(index)}`],
        }),
      ),
    ...rightOnly
      .filter((index) => !isImplied(index, right, left) && !isImpliedUnder(index, left, right))
      .map((index) =>
        existence('INDEX', object(index), 'right', shown(index), {
          breaking: mayHaveMore ? index.unique : decides(index),
          statements: [`alter table ${table} ${drop(index)}`],
        }),
      ),
    ...both.flatMap(([one, other]) => {
      const anew = [`alter table ${table} ${drop(other)}, add ${indexSql(one)}`];
      const parts = shownParts(one) === shownParts(other) || sameParts(one, other);
      const sort = one.kind === other.kind && one.unique === other.unique;
      const visibility = [
        `alter table ${table} alter index ${quoted(other.name)} ${one.visible ? 'visible' : 'invisible'}`,
      ];
      const differs = (
        property: string,
        same: boolean,
        values: readonly [string, string],
        breaking: boolean,
        statements = anew,
      ) => (same ? [] : [finding('INDEX', object(other), property, values, { breaking, statements })]);
      return [
        ...differs('kind', sort, [shownKind(one), shownKind(other)], true),
        ...differs('parts', parts, [shownParts(one), shownParts(other)], decides(one)),
        ...differs(
          'visible',
          one.visible === other.visible,
          [yesNo(one.visible), yesNo(other.visible)],
          false,
          visibility,
        ),
        ...differs('comment', one.comment === other.comment, [one.comment, other.comment], false),
      ];
    }),
  ];
}

/** Whether rows or statements depend on it, and not their speed alone. */
function decides({ unique, kind }: IndexModel): boolean {
  return unique || kind === 'FULLTEXT';
}

function sameParts(left: IndexModel, right: IndexModel): boolean {
  return (
    left.parts.length === right.parts.length &&
    left.parts.every((part, at) => {
      const other = right.parts[at];
      if (other === undefined || part.length !== other.length || part.descending !== other.descending)
        return false;
      if (part.expression === null || other.expression === null)
        return (
          part.column?.toLowerCase() === other.column?.toLowerCase() && part.expression === other.expression
        );
      return sameExpression(part.expression, other.expression);
    })
  );
}

function shownKind({ unique, kind, name }: IndexModel): string {
  return name === 'PRIMARY' ? 'primary key' : `${unique ? 'unique ' : ''}${kind}`;
}

function shownParts({ parts }: IndexModel): string {
  return parts
    .map(({ column, expression, length, descending }) => {
      return `${column ?? `(${expression})`}${length === null ? '' : `(${length})`}${descending ? ' desc' : ''}`;
    })
    .join(', ');
}

function shown(index: IndexModel): string {
  return `${shownKind(index)} (${shownParts(index)})`;
}

function compareForeignKeys(left: TableModel, right: TableModel, { fold }: Compared): Finding[] {
  const { both, leftOnly, rightOnly } = pairsOf(left.foreignKeys, right.foreignKeys, ({ name }) => name);
  const object = ({ name }: ForeignKeyModel) => `${right.name}.${name}`;
  const drop = ({ name }: ForeignKeyModel) =>
    `alter table ${quoted(right.name)} drop foreign key ${quoted(name)}`;
  const add = (key: ForeignKeyModel) => `alter table ${quoted(right.name)} add ${foreignKeySql(key)}`;
  const target = ({ references: { schema, table, columns } }: ForeignKeyModel, folded = false) =>
    `${schema === null ? '' : `${schema}.`}${folded ? fold(table) : table} (${columns.join(', ')})`;
  return [
    ...leftOnly.map((key) =>
      existence('FOREIGN_KEY', object(key), 'left', `${key.columns.join(', ')} → ${target(key)}`, {
        statements: [add(key)],
      }),
    ),
    ...rightOnly.map((key) => {
      const index = leftBehindBy(key, right, left);
      const also =
        index === undefined ? [] : [`alter table ${quoted(right.name)} drop index ${quoted(index.name)}`];
      return existence('FOREIGN_KEY', object(key), 'right', `${key.columns.join(', ')} → ${target(key)}`, {
        statements: [drop(key), ...also],
      });
    }),
    ...both.flatMap(([one, other]) => {
      const differs = (
        property: string,
        values: readonly [string, string],
        same = values[0] === values[1],
      ) =>
        same
          ? []
          : [
              finding('FOREIGN_KEY', object(other), property, values, {
                statements: [drop(other), add(one)],
              }),
            ];
      return [
        ...differs('columns', [one.columns.join(', '), other.columns.join(', ')]),
        ...differs('references', [target(one), target(other)], target(one, true) === target(other, true)),
        ...differs('on delete', [one.onDelete, other.onDelete], rule(one.onDelete) === rule(other.onDelete)),
        ...differs('on update', [one.onUpdate, other.onUpdate], rule(one.onUpdate) === rule(other.onUpdate)),
      ];
    }),
  ];
}

/** InnoDB knows no check that is put off: NO ACTION is RESTRICT. */
function rule(name: string): string {
  return name === 'NO ACTION' ? 'RESTRICT' : name;
}

function compareChecks(left: TableModel, right: TableModel): Finding[] {
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
      const object = `${right.name}.${other.name}`;
      const same = sameExpression(one.expression, other.expression);
      const anew = [`alter table ${table} drop constraint ${quoted(other.name)}, add ${checkSql(one)}`];
      const enforce = [
        `alter table ${table} alter check ${quoted(other.name)} ${one.enforced ? '' : 'not '}enforced`,
      ];
      return [
        ...(same
          ? []
          : [
              finding('CHECK', object, 'expression', [plain(one.expression), plain(other.expression)], {
                statements: anew,
              }),
            ]),
        ...(one.enforced === other.enforced
          ? []
          : [
              finding('CHECK', object, 'enforced', [yesNo(one.enforced), yesNo(other.enforced)], {
                statements: enforce,
              }),
            ]),
      ];
    }),
  ];
}

/** As it reads without the quotes that MySQL adds. */
function plain(expression: string): string {
  return tokens(expression).join(' ').replaceAll('( ', '(').replaceAll(' )', ')');
}
