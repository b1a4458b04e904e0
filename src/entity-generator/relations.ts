import type { ForeignKeyModel, SchemaModel, TableModel } from '../information-schema/model.ts';
import { capitalized } from '../util/capitalized.ts';
import { type EntityNames, pluralName, propertyName, unique } from './names.ts';

/** The end of a foreign key that has its columns. */
export interface ToOne {
  readonly property: string;
  readonly target: EntityNames;
  readonly foreignKey: ForeignKeyModel;
  readonly nullable: boolean;
  /** Whether a unique index makes it one to one. */
  readonly isUnique: boolean;
  /** Whether the primary key has all of its columns, and has them from it. */
  readonly isPrimary: boolean;
  /** The property of the other end. */
  readonly inverse: string;
}

/** The other end: rows, or one, that refer to this one. */
export interface Inverse {
  readonly property: string;
  readonly owner: EntityNames;
  readonly mappedBy: string;
  readonly isUnique: boolean;
}

export interface TableProperties {
  /** The property of each column that no relation stands for: one of the primary key can be in a foreign key, too. */
  readonly columns: ReadonlyMap<string, string>;
  readonly toOnes: readonly ToOne[];
  readonly inverses: readonly Inverse[];
}

/** Properties of SourceRow. */
const inherited = ['id', 'source', 'key'];

/** The properties of all entities, each name unique in its entity; columns come first, then what is named after others. */
export function propertiesOf(
  { tables }: SchemaModel,
  names: ReadonlyMap<string, EntityNames>,
): ReadonlyMap<string, TableProperties> {
  const used = new Map(tables.map(({ name }) => [name, new Set(inherited)]));
  const toOnes = new Map<string, ToOne[]>();
  const inverses = new Map<string, Inverse[]>(tables.map(({ name }) => [name, []]));
  const columns = new Map(
    tables.map((table) => {
      const key = keyColumnsOf(table);
      const relations = relationsOf(table, tables);
      const related = new Set(
        relations.flatMap(({ foreignKey, isPrimary }) =>
          foreignKey.columns.filter((column) => isPrimary || !key.includes(column)),
        ),
      );
      const foreignKeys = relations.map(({ foreignKey }) => foreignKey);
      const own = table.columns.filter(
        (column) =>
          (!related.has(column.name) || isOwnBeside(column, table, foreignKeys)) &&
          !isWholeKey(table, column.name),
      );
      const properties = own.map(({ name }): [string, string] => [
        name,
        unique(propertyName(name), used.get(table.name) as Set<string>),
      ]);
      return [table.name, new Map(properties)];
    }),
  );
  for (const table of tables) {
    const taken = used.get(table.name) as Set<string>;
    toOnes.set(
      table.name,
      relationsOf(table, tables).map(({ foreignKey, isPrimary }) => {
        const target = names.get(foreignKey.references.table) as EntityNames;
        const property = unique(toOneName(foreignKey, target), taken, ['Key']);
        const isOwn = ({ name }: { readonly name: string }) => foreignKey.columns.includes(name);
        return {
          property,
          target,
          foreignKey,
          nullable: table.columns.some((column) => isOwn(column) && column.nullable),
          // To one row without a key, no relation leads.
          isUnique: keyColumnsOf(table).length > 0 && isUniqueIn(table, foreignKey.columns),
          isPrimary,
          inverse: '',
        };
      }),
    );
  }
  for (const table of tables) {
    const owner = names.get(table.name) as EntityNames;
    const own = toOnes.get(table.name) as ToOne[];
    own.forEach((relation, at) => {
      const { target, property, isUnique, foreignKey } = relation;
      const among = own.filter((other) => other.target === target);
      const name = isUnique ? owner.one : pluralName(owner.entity);
      const taken = used.get(foreignKey.references.table) as Set<string>;
      const made = isUnique ? ['Key'] : ['Aggregate', 'Connect', 'Disconnect'];
      const isPlain = among.length === 1 && target !== owner && !taken.has(name);
      const inverse = unique(isPlain ? name : `${name}By${capitalized(property)}`, taken, made);
      own[at] = { ...relation, inverse };
      inverses
        .get(foreignKey.references.table)
        ?.push({ property: inverse, owner, mappedBy: property, isUnique });
    });
  }
  return new Map(
    tables.map(({ name }) => [
      name,
      {
        columns: columns.get(name) ?? new Map(),
        toOnes: toOnes.get(name) ?? [],
        inverses: inverses.get(name) ?? [],
      },
    ]),
  );
}

/**
 * The foreign keys that are relations: those to the primary key of another of the tables. Some share columns, such as that of a tenant;
 * those of which the primary key is made share none.
 */
function relationsOf(
  table: TableModel,
  tables: readonly TableModel[],
): Pick<ToOne, 'foreignKey' | 'isPrimary'>[] {
  const key = keyColumnsOf(table);
  const used = new Set<string>();
  const isPrimary = new Map<ForeignKeyModel, boolean>();
  // Those of one column first: a longer one can stand beside them.
  for (const foreignKey of table.foreignKeys.toSorted(
    (one, other) => Number(one.columns.length > 1) - Number(other.columns.length > 1),
  )) {
    const { columns, references } = foreignKey;
    const target = references.schema === null && tables.find(({ name }) => name === references.table);
    // MikroORM joins by the primary key alone: another one is columns like others.
    if (!target || references.columns.join() !== keyColumnsOf(target).join()) continue;
    const isOfKey = columns.every((column) => key.includes(column) && !used.has(column));
    // A column stands in one relation alone, or in one beside others.
    if (
      !isOfKey &&
      columns.length === 1 &&
      (key.includes(columns[0] as string) || used.has(columns[0] as string))
    )
      continue;
    if (!isOfKey && columns.every((column) => used.has(column))) continue;
    for (const column of columns) if (isOfKey || !key.includes(column)) used.add(column);
    isPrimary.set(foreignKey, isOfKey);
  }
  return table.foreignKeys.flatMap((foreignKey) => {
    const of = isPrimary.get(foreignKey);
    return of === undefined ? [] : [{ foreignKey, isPrimary: of }];
  });
}

/**
 * Whether a column of a foreign key has a property of its own: it cannot be null, where others of the foreign key can. A row is then
 * given it without a row that it would refer to.
 */
function isOwnBeside(
  { name, nullable }: TableModel['columns'][number],
  table: TableModel,
  foreignKeys: readonly ForeignKeyModel[],
): boolean {
  if (nullable) return false;
  const canBeNull = (foreignKey: ForeignKeyModel) =>
    table.columns.some((column) => column.nullable && foreignKey.columns.includes(column.name));
  const of = foreignKeys.filter(({ columns }) => columns.includes(name));
  return of.length > 0 && of.every(canBeNull);
}

/** Whether the column is the whole of the primary key: its property is `key`. */
function isWholeKey(table: TableModel, column: string): boolean {
  const key = keyColumnsOf(table);
  return key.length === 1 && key[0] === column;
}

export function keyColumnsOf({ indexes }: TableModel): readonly string[] {
  return indexes.find(({ name }) => name === 'PRIMARY')?.parts.map(({ column }) => column ?? '') ?? [];
}

function isUniqueIn({ indexes }: TableModel, columns: readonly string[]): boolean {
  return indexes.some(
    ({ unique: isUnique, parts }) =>
      isUnique &&
      parts.length === columns.length &&
      parts.every(({ column, length }) => column !== null && length === null && columns.includes(column)),
  );
}

/** `language_id` is `language`; a column that is called as the key that it holds is called as the table. */
function toOneName({ columns, references }: ForeignKeyModel, target: EntityNames): string {
  // Of a longer one, what it does not share with the key that it holds.
  const others = columns.filter((each, at) => each !== references.columns[at]);
  const [column = '', more] = columns.length > 1 && others.length === 1 ? others : columns;
  if (more !== undefined || column === references.columns[0]) {
    const name = propertyName(column.replace(/[ _]?(id|key|no|code)$/i, ''));
    return more === undefined && name.length > 1 && column !== name ? name : target.one;
  }
  return propertyName(column.replace(/[ _]?(id|key)$/i, '') || column);
}
