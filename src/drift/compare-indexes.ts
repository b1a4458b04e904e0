import type { IndexModel, TableModel } from '../information-schema/model.ts';
import { sameExpression } from '../sql/expression.ts';
import type { Difference, SchemaObject } from './finding.ts';
import { type Compared, comparing, existence, yesNo } from './finding-builder.ts';
import { pairsOf } from './match-by-name.ts';
import { withoutImplied } from './normalize.ts';

/** Primary, unique and other indexes of one table. */
export function compareIndexes(left: TableModel, right: TableModel, { mayHaveMore }: Compared): Difference[] {
  const { both, ...rest } = pairsOf(left.indexes, right.indexes, ({ name }) => name);
  const { leftOnly, rightOnly } = withoutImplied(rest, left, right);
  const of = ({ name }: IndexModel): SchemaObject => ({ kind: 'INDEX', table: right.name, name });
  return [
    ...leftOnly.map((index) => existence(of(index), 'left', shown(index), { breaking: decides(index) })),
    ...rightOnly.map((index) =>
      existence(of(index), 'right', shown(index), { breaking: mayHaveMore ? index.unique : decides(index) }),
    ),
    ...both.flatMap(([one, other]) => {
      const parts = [shownParts(one), shownParts(other)] as const;
      const differs = comparing(of(other));
      return [
        ...differs('kind', [shownKind(one), shownKind(other)]),
        ...differs('parts', parts, {
          same: parts[0] === parts[1] || sameParts(one, other),
          breaking: decides(one),
        }),
        ...differs('parser', [one.parser, other.parser]),
        ...differs('visible', [yesNo(one.visible), yesNo(other.visible)], { breaking: false }),
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
