import type { TableModel } from '../information-schema/model.ts';
import type { Use } from './imports.ts';
import type { EntityNames } from './names.ts';
import { propertyOfMysqlType } from './property-of-mysql-type.ts';
import type { Inverse, ToOne } from './relations.ts';
import { suppliedOptions } from './render-column.ts';
import { decorator, decoratorsModule, descriptionOf, fieldText, literal } from './source-text.ts';

/** The property of a foreign key, with its decorators. */
export function toOneText(relation: ToOne, table: TableModel, names: EntityNames, use: Use): string {
  const { property, target, foreignKey, nullable, isUnique, isPrimary, inverse } = relation;
  importEntity(target, names, use);
  const { columns } = foreignKey;
  const [column] = table.columns.filter(({ name }) => name === columns[0]);
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
    // MikroORM would give one default to each column of a longer key.
    ...(columns.length === 1 &&
      column !== undefined &&
      suppliedOptions(
        column,
        propertyOfMysqlType(column, table.checks, () => ''),
      )),
    ...(isPrimary && { primary: 'true' }),
  };
  use('Field', 'type-graphql');
  const description = literal(
    descriptionOf(column?.comment ?? '', `Its ${target.one}, by ${columns.join(', ')}.`),
  );
  return [
    decorator(use(isUnique ? 'OneToOne' : 'ManyToOne', decoratorsModule), options),
    fieldText(target.entity, { ...(nullable && { nullable: 'true' }), description }),
    nullable ? `  ${property}?: ${target.entity} | null;` : `  ${property}!: ${target.entity};`,
  ].join('\n');
}

/** The property of the other side of a foreign key. */
export function inverseText(
  { property, owner, mappedBy, isUnique }: Inverse,
  names: EntityNames,
  use: Use,
): string {
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
