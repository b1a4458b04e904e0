import type { IndexModel, TableModel } from '../information-schema/model.ts';
import { type Compared, comparing, existence, yesNo } from './compared.ts';
import { indexSql, quoted } from './ddl.ts';
import { sameExpression } from './expression.ts';
import type { Finding } from './finding.ts';
import { pairsOf } from './pairs.ts';
import { isImplied, isImpliedUnder } from './provider-habits.ts';

/** Primary, unique and other indexes of one table. `replaces` is a generated primary key. */
export function compareIndexes(
  left: TableModel,
  right: TableModel,
  { replaces, mayHaveMore }: Compared & { readonly replaces: string | null },
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
      const parts = [shownParts(one), shownParts(other)] as const;
      const show = `alter table ${table} alter index ${quoted(other.name)} ${one.visible ? 'visible' : 'invisible'}`;
      const differs = comparing('INDEX', object(other), {
        statements: [`alter table ${table} ${drop(other)}, add ${indexSql(one)}`],
      });
      return [
        ...differs('kind', [shownKind(one), shownKind(other)]),
        ...differs('parts', parts, {
          same: parts[0] === parts[1] || sameParts(one, other),
          breaking: decides(one),
        }),
        ...differs('visible', [yesNo(one.visible), yesNo(other.visible)], {
          breaking: false,
          statements: [show],
        }),
        ...differs('comment', [one.comment, other.comment], { breaking: false }),
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
