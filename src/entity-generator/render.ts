import type { ColumnModel, ForeignKeyModel, IndexModel, TableModel } from '../information-schema/model.ts';
import { quoteName } from '../sql/quote.ts';
import { type ColumnField, fieldOfColumn } from './column-field.ts';
import type { EntityNames } from './names.ts';
import { type Inverse, keyColumnsOf, type TableProperties, type ToOne } from './relations.ts';
import { decorator, literal } from './source-text.ts';

/** A file of entities, and what a reader has to look at. */
export interface EntityFile {
  readonly table: string;
  readonly entity: string;
  /** Without its directory. */
  readonly file: string;
  readonly content: string;
  /** What the entity does not say as the table does, each as a sentence. */
  readonly notes: readonly string[];
}

type Imports = Map<string, Set<string>>;

/** @param definition the SELECT of a view; null of a table */
export function renderEntity(
  table: TableModel,
  names: EntityNames,
  properties: TableProperties,
  definition: string | null,
): EntityFile {
  const imports: Imports = new Map();
  const notes: string[] = [];
  const use = (name: string, from: string) => {
    imports.set(from, (imports.get(from) ?? new Set()).add(name));
    return name;
  };
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
    const field = fieldOfColumn(column, property, names.entity);
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
  const checks = table.checks.filter(({ enforced }) => enforced);
  for (const { name, enforced } of table.checks) {
    if (!enforced) notes.push(`The check ${name} of ${table.name} is left out: it is not enforced.`);
  }
  const inverses = properties.inverses.map((inverse) => inverseText(inverse, names, use));
  const isReadOnly =
    key.length === 0 || table.columns.some(({ name, generated }) => generated !== null && key.includes(name));
  const decorators = [
    above(use('Entity', decoratorsModule), {
      tableName: literal(table.name),
      ...(definition !== null && { view: 'true', expression: literal(definition) }),
      ...(table.comment !== '' && { comment: literal(table.comment) }),
    }),
    ...table.indexes.flatMap((index) => indexText(index, table, properties, use)),
    ...checks.map(({ name, expression }) =>
      above(use('Check', decoratorsModule), { name: literal(name), expression: literal(expression) }),
    ),
    above(use('Table', './table.ts'), {
      many: literal(names.many),
      ...(isReadOnly && { readOnly: 'true' }),
    }),
    above(use('ObjectType', 'type-graphql'), {
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
    importText(imports, names.file),
    ...(enums.length > 0 ? ['', enums.join('\n\n')] : []),
    '',
    ...decorators,
    `export class ${names.entity} extends ${base} {\n${body}\n}`,
    '',
  ].join('\n');
  return { table: table.name, entity: names.entity, file: `${names.file}.ts`, content, notes };
}

const above = (name: string, members: Readonly<Record<string, string>>) =>
  decorator(name, members, { indent: '' });

const decoratorsModule = '@mikro-orm/decorators/legacy';

/** The key that SourceRow declares. */
function isInheritedKey({ name, type, autoIncrement, comment }: ColumnModel): boolean {
  return name === 'id' && type === 'int' && autoIncrement && comment === '';
}

type Use = (name: string, from: string) => string;

function columnText(
  column: ColumnModel,
  property: string,
  field: ColumnField,
  { isKey, isKeyAlone }: { readonly isKey: boolean; readonly isKeyAlone: boolean },
  use: Use,
): string {
  for (const [name, from] of field.imports) use(name, from);
  const options = {
    ...field.options,
    fieldName: literal(column.name),
    ...(column.nullable && { nullable: 'true' }),
    ...defaultOf(column),
    ...(column.generated && {
      generated: literal(`(${column.generated.expression}) ${column.generated.kind.toLowerCase()}`),
    }),
    ...extraOf(column),
    ...(column.comment !== '' && { comment: literal(column.comment) }),
    ...(isKey && !isKeyAlone && { primary: 'true' }),
    ...(isKey && { autoincrement: String(column.autoIncrement) }),
  };
  const lines = [decorator(use(isKeyAlone ? 'PrimaryKey' : 'Property', decoratorsModule), options)];
  if (field.graphql !== null) {
    use('Field', 'type-graphql');
    const description = literal(descriptionOf(column.comment, `The column ${column.name}.`));
    lines.push(fieldText(field.graphql, { ...(column.nullable && { nullable: 'true' }), description }));
  }
  lines.push(
    column.nullable ? `  ${property}?: ${field.typescript} | null;` : `  ${property}!: ${field.typescript};`,
  );
  return lines.join('\n');
}

function defaultOf({ default: value, type, nullable }: ColumnModel): Record<string, string> {
  if (value === null) return {};
  if (value.expression) {
    const isPlain = /^current_timestamp/i.test(value.value);
    return { defaultRaw: literal(isPlain ? value.value.toLowerCase() : `(${value.value})`) };
  }
  if (nullable && value.value.toLowerCase() === 'null') return {};
  if (/^(tinyint\(1\)|bool)/.test(type)) return { default: value.value === '0' ? 'false' : 'true' };
  if (
    /^(tiny|small|medium)?int|^float|^double|^year/.test(type) &&
    String(Number(value.value)) === value.value
  ) {
    return { default: value.value };
  }
  if (/^(decimal|bigint|bit)/.test(type)) return { defaultRaw: literal(value.value) };
  return { default: literal(value.value) };
}

function extraOf({ invisible, onUpdate }: ColumnModel): Record<string, string> {
  const extra = [
    ...(invisible ? ['invisible'] : []),
    ...(onUpdate === null ? [] : [`on update ${onUpdate.toLowerCase()}`]),
  ];
  return extra.length === 0 ? {} : { extra: literal(extra.join(' ')) };
}

function toOneText(relation: ToOne, table: TableModel, names: EntityNames, use: Use): string {
  const { property, target, foreignKey, nullable, isUnique, isPrimary, inverse } = relation;
  importEntity(target, names, use);
  const { columns } = foreignKey;
  const options = {
    entity: `() => ${target.entity}`,
    ...(isUnique && { inversedBy: literal(inverse) }),
    ...(columns.length === 1
      ? { fieldName: literal(columns[0] as string) }
      : {
          joinColumns: `[${columns.map(literal).join(', ')}]`,
          referencedColumnNames: `[${foreignKey.references.columns.map(literal).join(', ')}]`,
        }),
    foreignKeyName: literal(foreignKey.name),
    index: 'false',
    ...(isUnique && { unique: 'false' }),
    deleteRule: literal(foreignKey.onDelete.toLowerCase()),
    updateRule: literal(foreignKey.onUpdate.toLowerCase()),
    ...(nullable && { nullable: 'true' }),
    ...(isPrimary && { primary: 'true' }),
  };
  use('Field', 'type-graphql');
  const comment = table.columns.find(({ name }) => name === columns[0])?.comment ?? '';
  const description = literal(descriptionOf(comment, `Its ${target.one}, by ${columns.join(', ')}.`));
  return [
    decorator(use(isUnique ? 'OneToOne' : 'ManyToOne', decoratorsModule), options),
    fieldText(target.entity, { ...(nullable && { nullable: 'true' }), description }),
    nullable ? `  ${property}?: ${target.entity} | null;` : `  ${property}!: ${target.entity};`,
  ].join('\n');
}

function inverseText({ property, owner, mappedBy, isUnique }: Inverse, names: EntityNames, use: Use): string {
  importEntity(owner, names, use);
  use('Field', 'type-graphql');
  const options = { entity: `() => ${owner.entity}`, mappedBy: literal(mappedBy) };
  if (isUnique) {
    return [
      decorator(use('OneToOne', decoratorsModule), options),
      fieldText(owner.entity, {
        nullable: 'true',
        description: literal(`The ${owner.one} whose ${mappedBy} it is.`),
      }),
      `  ${property}?: ${owner.entity} | null;`,
    ].join('\n');
  }
  use('Collection', '@mikro-orm/core');
  return [
    decorator(use('OneToMany', decoratorsModule), options),
    fieldText(`[${owner.entity}]`, { description: literal(`The ${owner.many} whose ${mappedBy} it is.`) }),
    `  ${property} = new Collection<${owner.entity}>(this);`,
  ].join('\n');
}

function importEntity(entity: EntityNames, { entity: own }: EntityNames, use: Use): void {
  if (entity.entity !== own) use(entity.entity, `./${entity.file}.ts`);
}

function indexText(index: IndexModel, table: TableModel, properties: TableProperties, use: Use): string[] {
  if (index.name === 'PRIMARY') return [];
  const kind = index.kind === 'FULLTEXT' || index.kind === 'SPATIAL' ? index.kind.toLowerCase() : undefined;
  const options = {
    name: literal(index.name),
    ...partsOf(index, table, properties),
    ...(kind !== undefined && { type: literal(kind) }),
    ...(!index.visible && { invisible: 'true' }),
  };
  return [above(use(index.unique ? 'Unique' : 'Index', decoratorsModule), options)];
}

/** What the index is over: properties where that says it all, columns, or a statement. */
function partsOf(index: IndexModel, table: TableModel, properties: TableProperties): Record<string, string> {
  const { parts } = index;
  if (parts.some(({ column }) => column === null)) {
    const list = parts.map(
      ({ column, expression, length, descending }) =>
        `${column === null ? `(${expression})` : quoteName(column)}${length === null ? '' : `(${length})`}${descending ? ' desc' : ''}`,
    );
    const kind = index.unique ? 'unique index' : 'index';
    return {
      expression: literal(
        `create ${kind} ${quoteName(index.name)} on ${quoteName(table.name)} (${list.join(', ')})`,
      ),
    };
  }
  const names = parts.map(({ column }) => propertyOf(column as string, table, properties));
  if (
    parts.every(({ length, descending }, at) => length === null && !descending && names[at] !== undefined)
  ) {
    return { properties: `[${names.map((name) => literal(name as string)).join(', ')}]` };
  }
  const columns = parts.map(
    ({ column, length, descending }) =>
      `{ name: ${literal(column as string)}${length === null ? '' : `, length: ${length}`}${descending ? ", sort: 'DESC'" : ''} }`,
  );
  return { columns: `[${columns.join(', ')}]` };
}

/** The column at whose place a relation stands: the first that it stands for. */
function placeOf({ columns }: ForeignKeyModel, properties: TableProperties): string | undefined {
  return columns.find((column) => !properties.columns.has(column)) ?? columns[0];
}

/** The property that holds the column alone. */
function propertyOf(
  column: string,
  table: TableModel,
  { columns, toOnes }: TableProperties,
): string | undefined {
  const own = columns.get(column);
  if (own !== undefined) return own;
  const relations = toOnes.filter(({ foreignKey }) => foreignKey.columns.includes(column));
  if (relations.length > 0)
    return relations.find(({ foreignKey }) => foreignKey.columns.length === 1)?.property;
  const key = keyColumnsOf(table);
  return key.length === 1 && key[0] === column ? 'key' : undefined;
}

function enumText({ name, items }: { name: string; items: readonly string[] }, column: ColumnModel): string {
  const description = literal(descriptionOf(column.comment, `What ${column.name} can be.`));
  return `const ${name} = enumOf(${literal(name)}, [${items.map(literal).join(', ')}], ${description});`;
}

const descriptionOf = (comment: string, otherwise: string) => comment.trim() || otherwise;

const fieldText = (graphql: string, options: Readonly<Record<string, string>>) =>
  decorator('Field', options, { before: `() => ${graphql}, ` });

function importText(imports: Imports, own: string): string {
  return [...imports]
    .filter(([from]) => from !== `./${own}.ts`)
    .toSorted(([one], [other]) => rank(one) - rank(other) || (one < other ? -1 : 1))
    .map(([from, names]) => `import { ${[...names].toSorted().join(', ')} } from '${from}';`)
    .join('\n');
}

const rank = (from: string) => (from.startsWith('..') ? 1 : from.startsWith('.') ? 2 : 0);
