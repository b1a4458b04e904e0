import type { GraphQLScalarType } from 'graphql';
import { getMetadataStorage } from 'type-graphql';
import type { MysqlType } from '../sql/mysql-type.ts';
import { declaredProperties } from './declared-property.ts';
import { declaredTypeOf } from './mysql-type.ts';
import { scalarOf } from './scalar-of.ts';

/** A field of an entity's GraphQL type, as its `@Field` says it. */
export interface EntityField {
  readonly name: string;
  readonly description: string;
  readonly nullable: boolean;
  /** The thunk that `@Field` was given. */
  readonly type: () => object;
  /** `enums` is a list of an enum; `one` and `many` are relations. */
  readonly kind: 'scalar' | 'enum' | 'enums' | 'one' | 'many';
  /** The type of its column, as far as the decorators name it. */
  readonly declared?: MysqlType | undefined;
}

type Class = abstract new (...args: never[]) => object;

/** Fields that the read path adds to a row: neither can be filtered or ordered by. */
const notColumns: ReadonlySet<string> = new Set(['id', 'source']);

/** By class, as long as no decorator has declared another field. */
const known = new WeakMap<Class, { readonly declared: number; readonly fields: readonly EntityField[] }>();

/**
 * The fields of an entity that have a column, and its relations: what filters, orders and aggregates are made
 * from, so that a new entity brings its own. They are asked for again and again, column by column.
 */
export function fieldsOf(entity: Class): readonly EntityField[] {
  const declared = getMetadataStorage().fields.length;
  const last = known.get(entity);
  if (last?.declared === declared) return last.fields;
  const fields = readFields(entity);
  known.set(entity, { declared, fields });
  return fields;
}

/**
 * The names of the fields of an entity's type whose values are made of columns: by a getter of the class, or by a `@FieldResolver`.
 * https://typegraphql.com/docs/resolvers.html#field-resolvers
 */
export function computedNamesOf(entity: Class): {
  readonly getters: readonly string[];
  readonly resolvers: readonly string[];
} {
  const { fieldResolvers, resolverClasses } = getMetadataStorage();
  const properties = declaredProperties(entity as never);
  const isOf = (target: unknown) =>
    target === entity || Object.prototype.isPrototypeOf.call(target as object, entity);
  const getters: string[] = [];
  const resolvers: string[] = [];
  for (const { kind, target, schemaName } of fieldResolvers) {
    if (kind === 'internal') {
      if (isOf(target) && !Object.hasOwn(properties, schemaName)) getters.push(schemaName);
    } else {
      const type = resolverClasses.find((each) => each.target === target)?.getObjectType?.();
      if (type === entity) resolvers.push(schemaName);
    }
  }
  return { getters, resolvers };
}

function readFields(entity: Class): readonly EntityField[] {
  const properties = declaredProperties(entity as never);
  const propertyOf = (name: string) => (Object.hasOwn(properties, name) ? properties[name] : undefined);
  const { getters, resolvers } = computedNamesOf(entity);
  const computed = new Set([...getters, ...resolvers]);
  return getMetadataStorage()
    .fields.filter(({ target }) => target === entity || Object.prototype.isPrototypeOf.call(target, entity))
    .filter(({ name }) => !notColumns.has(name) && (name !== 'key' || propertyOf(name)))
    .filter(({ name }) => !computed.has(name) || propertyOf(name))
    .map(({ name, description = '', getType, typeOptions }) => ({
      name,
      description,
      nullable: typeOptions.nullable === true,
      type: getType as () => object,
      kind: kindOf(getType() as object, typeOptions.array === true),
      declared: declaredTypeOf(propertyOf(name) ?? {}),
    }));
}

/** Those of a column, without the relations. */
export function columnFieldsOf(entity: Class): readonly EntityField[] {
  return fieldsOf(entity).filter(({ kind }) => kind !== 'one' && kind !== 'many');
}

/** The type of a column's field, as the table of column types has it. */
export function fieldTypeOf({ kind, type }: EntityField): GraphQLScalarType | 'enum' | 'enums' | undefined {
  if (kind === 'enum' || kind === 'enums') return kind;
  return kind === 'scalar' ? scalarOf(type()) : undefined;
}

/** The thunk for `@Field` of the column's own values: SET has a list of items. */
export function valueTypeOf({ kind, type }: EntityField): () => unknown {
  return kind === 'enums' ? () => [type()] : type;
}

function kindOf(type: object, list: boolean): EntityField['kind'] {
  if (scalarOf(type) !== undefined) return 'scalar';
  if (typeof type !== 'function') return list ? 'enums' : 'enum';
  return list ? 'many' : 'one';
}
