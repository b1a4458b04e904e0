import type { ForeignKeyModel, TableModel } from '../information-schema/model.ts';
import type { Difference, SchemaObject } from './finding.ts';
import { type Compared, comparing, existence } from './finding-builder.ts';
import { pairsOf } from './match-by-name.ts';

export function compareForeignKeys(left: TableModel, right: TableModel, { fold }: Compared): Difference[] {
  const { both, leftOnly, rightOnly } = pairsOf(left.foreignKeys, right.foreignKeys, ({ name }) => name);
  const of = ({ name }: ForeignKeyModel): SchemaObject => ({ kind: 'FOREIGN_KEY', table: right.name, name });
  const target = ({ references: { schema, table, columns } }: ForeignKeyModel) =>
    `${schema === null ? '' : `${schema}.`}${table} (${columns.join(', ')})`;
  const shown = (key: ForeignKeyModel) => `${key.columns.join(', ')} → ${target(key)}`;
  return [
    ...leftOnly.map((key) => existence(of(key), 'left', shown(key))),
    ...rightOnly.map((key) => existence(of(key), 'right', shown(key))),
    ...both.flatMap(([one, other]) => {
      const differs = comparing(of(other));
      return [
        ...differs('columns', [one.columns.join(', '), other.columns.join(', ')], {
          same: sameNames(one.columns, other.columns),
        }),
        ...differs('references', [target(one), target(other)], {
          same:
            one.references.schema === other.references.schema &&
            fold(one.references.table) === fold(other.references.table) &&
            sameNames(one.references.columns, other.references.columns),
        }),
        ...differs('on delete', [one.onDelete, other.onDelete], {
          same: rule(one.onDelete) === rule(other.onDelete),
        }),
        ...differs('on update', [one.onUpdate, other.onUpdate], {
          same: rule(one.onUpdate) === rule(other.onUpdate),
        }),
      ];
    }),
  ];
}

/** Columns have no case. */
function sameNames(left: readonly string[], right: readonly string[]): boolean {
  return (
    left.length === right.length && left.every((name, at) => name.toLowerCase() === right[at]?.toLowerCase())
  );
}

/** InnoDB has no deferred check: NO ACTION is RESTRICT. */
function rule(name: string): string {
  return name === 'NO ACTION' ? 'RESTRICT' : name;
}
