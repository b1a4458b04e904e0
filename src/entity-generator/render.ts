import type { ColumnModel, ForeignKeyModel, TableModel } from '../information-schema/model.ts';
import { capitalized } from '../util/capitalized.ts';
import { itemName } from '../util/item-names.ts';
import { collectImports } from './imports.ts';
import { type EntityNames, unique } from './names.ts';
import { propertyOfMysqlType } from './property-of-mysql-type.ts';
import { keyColumnsOf, type TableProperties, type ToOne } from './relations.ts';
import { columnText } from './render-column.ts';
import { indexText } from './render-index.ts';
import { inverseText, toOneText } from './render-relation.ts';
import { classDecorator, decoratorsModule, descriptionOf, literal } from './source-text.ts';

/** A file of entities, and what a reader has to look at. */
export interface EntityFile {
  readonly table: string;
  readonly entity: string;
  /** Without its directory. */
  readonly file: string;
  readonly content: string;
  /** Differences of the entity from the table, each as a sentence. */
  readonly notes: readonly string[];
}

/** @param definition the SELECT of a view; null of a table */
export function renderEntity(
  table: TableModel,
  names: EntityNames,
  properties: TableProperties,
  definition: string | null,
  uniqueEnum: (name: string) => string,
): EntityFile {
  const { use, text: importText } = collectImports();
  const notes: string[] = [];
  const key = keyColumnsOf(table);
  const enums: string[] = [];
  // The order of the key's properties is that of the key.
  const ofKey = key.flatMap((name) => table.columns.filter((column) => column.name === name));
  const inOrder = [...ofKey, ...table.columns.filter(({ name }) => !key.includes(name))];
  const members = inOrder.flatMap((column) => {
    const own = properties.columns.has(column.name) || (key.length === 1 && key[0] === column.name);
    const relations = properties.toOnes.filter(
      ({ foreignKey }) => placeOf(foreignKey, properties) === column.name,
    );
    const texts = relations.map((relation) => toOneText(relation, table, names, use));
    return own &&
      !properties.toOnes.some((one) => one.isPrimary && one.foreignKey.columns.includes(column.name))
      ? [...columnMember(column), ...texts]
      : texts;
  });
  function columnMember(column: ColumnModel): string[] {
    const isKeyAlone = key.length === 1 && key[0] === column.name;
    if (isKeyAlone && isInheritedKey(column)) return [];
    const property = isKeyAlone ? 'key' : (properties.columns.get(column.name) as string);
    const field = propertyOfMysqlType(column, table.checks, () =>
      uniqueEnum(`${names.entity}${capitalized(property)}`),
    );
    if (field.enumOf !== undefined) enums.push(enumText(field.enumOf, column));
    if (field.graphql === null)
      notes.push(`${names.entity}.${property} is hidden: the API does not serve ${column.type}.`);
    return [columnText(column, property, field, { isKey: key.includes(column.name), isKeyAlone }, use)];
  }
  for (const { name: left } of table.foreignKeys.filter(
    ({ name }) => !properties.toOnes.some(({ foreignKey }) => foreignKey.name === name),
  )) {
    notes.push(
      `The foreign key ${left} of ${table.name} is no relation: it leads to no primary key of these tables.`,
    );
  }
  notes.push(...properties.toOnes.flatMap((relation) => notSaidOf(relation, table, properties)));
  const checks = table.checks.filter(({ enforced }) => enforced);
  for (const { name, enforced } of table.checks) {
    if (!enforced) notes.push(`The check ${name} of ${table.name} is left out: it is not enforced.`);
  }
  const inverses = properties.inverses.map((inverse) => inverseText(inverse, names, use));
  const isReadOnly =
    key.length === 0 || table.columns.some(({ name, generated }) => generated !== null && key.includes(name));
  const decorators = [
    classDecorator(use('Entity', decoratorsModule), {
      tableName: literal(table.name),
      ...(definition !== null && { view: 'true', expression: literal(definition) }),
      ...(table.comment !== '' && { comment: literal(table.comment) }),
    }),
    ...table.indexes.flatMap((index) => indexText(index, table, properties, use)),
    ...checks.map(({ name, expression }) =>
      classDecorator(use('Check', decoratorsModule), {
        name: literal(name),
        expression: literal(expression),
      }),
    ),
    classDecorator(use('Table', './table.ts'), {
      many: literal(names.many),
      ...(isReadOnly && { readOnly: 'true' }),
    }),
    classDecorator(use('ObjectType', 'type-graphql'), {
      simpleResolvers: 'true',
      description: literal(descriptionOf(table.comment, `A row of ${table.name}.`)),
    }),
  ];
  const keyColumn = table.columns.find(({ name }) => key.length === 1 && key[0] === name);
  const isInherited = keyColumn !== undefined && isInheritedKey(keyColumn);
  const base = key.length === 0 ? 'KeylessRow' : isInherited ? 'SourceRow' : 'KeyedRow';
  use(base, './source-row.ts');
  const body = [...members, ...inverses].join('\n\n');
  const content = [
    importText(names.file),
    ...(enums.length > 0 ? ['', enums.join('\n\n')] : []),
    '',
    ...decorators,
    `export class ${names.entity} extends ${base} {\n${body}\n}`,
    '',
  ].join('\n');
  return { table: table.name, entity: names.entity, file: `${names.file}.ts`, content, notes };
}

/** Defaults that a relation of several columns cannot declare: MikroORM has all its columns without one. */
function notSaidOf({ foreignKey }: ToOne, table: TableModel, { columns, toOnes }: TableProperties): string[] {
  if (foreignKey.columns.length === 1) return [];
  const isSaid = (name: string) =>
    columns.has(name) || toOnes.some((one) => one.foreignKey.columns.join() === name);
  return table.columns
    .filter(
      ({ name, default: value }) => foreignKey.columns.includes(name) && value !== null && !isSaid(name),
    )
    .map(
      ({ name }) =>
        `The default of ${table.name}.${name} is left out: a foreign key of several columns has none.`,
    );
}

/** The key that SourceRow declares. */
function isInheritedKey({ name, type, autoIncrement, comment }: ColumnModel): boolean {
  return name === 'id' && type === 'int' && autoIncrement && comment === '';
}

/** The column at whose place a relation stands: the first that it stands for. */
function placeOf({ columns }: ForeignKeyModel, properties: TableProperties): string | undefined {
  return columns.find((column) => !properties.columns.has(column)) ?? columns[0];
}

function enumText({ name, items }: { name: string; items: readonly string[] }, column: ColumnModel): string {
  const description = literal(descriptionOf(column.comment, `What ${column.name} can be.`));
  const used = new Set<string>();
  const others = items.flatMap((item) => {
    const own = itemName(item);
    const free = unique(own, used);
    return free === own ? [] : [`${literal(item)}: ${literal(free)}`];
  });
  const names = others.length === 0 ? '' : `, { ${others.join(', ')} }`;
  return `const ${name} = enumOf(${literal(name)}, [${items.map(literal).join(', ')}], ${description}${names});`;
}
