import type { ForeignKeyModel, TableModel } from '../information-schema/model.ts';
import { type Compared, comparing, existence } from './compared.ts';
import { foreignKeySql, quoted } from './ddl.ts';
import type { Finding } from './finding.ts';
import { pairsOf } from './pairs.ts';
import { leftBehindBy } from './provider-habits.ts';

export function compareForeignKeys(left: TableModel, right: TableModel, { fold }: Compared): Finding[] {
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
      const differs = comparing('FOREIGN_KEY', object(other), { statements: [drop(other), add(one)] });
      return [
        ...differs('columns', [one.columns.join(', '), other.columns.join(', ')]),
        ...differs('references', [target(one), target(other)], {
          same: target(one, true) === target(other, true),
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

/** InnoDB knows no check that is put off: NO ACTION is RESTRICT. */
function rule(name: string): string {
  return name === 'NO ACTION' ? 'RESTRICT' : name;
}
