import { GraphQLScalarType } from 'graphql';
import { getMetadataStorage } from 'type-graphql';

/** A field of an entity's GraphQL type, as its `@Field` says it. */
export interface EntityField {
  readonly name: string;
  readonly description: string;
  readonly nullable: boolean;
  /** The thunk that `@Field` was given. */
  readonly type: () => object;
  readonly kind: 'number' | 'text' | 'boolean' | 'scalar' | 'enum' | 'one' | 'many';
}

type Class = abstract new (...args: never[]) => object;

/** What the read path adds to a row: neither can be filtered or ordered by. */
const notColumns: ReadonlySet<string> = new Set(['id', 'source']);

/**
 * The fields of an entity that have a column, and its relations: what filters, orders and aggregates are made
 * from, so that a new entity brings its own.
 */
export function fieldsOf(entity: Class): readonly EntityField[] {
  return getMetadataStorage()
    .fields.filter(({ target }) => target === entity || Object.prototype.isPrototypeOf.call(target, entity))
    .filter(({ name }) => !notColumns.has(name))
    .map(({ name, description = '', getType, typeOptions }) => ({
      name,
      description,
      nullable: typeOptions.nullable === true,
      type: getType as () => object,
      kind: kindOf(getType() as object, typeOptions.array === true),
    }));
}

/** Those of one value, without the relations. */
export function scalarFieldsOf(entity: Class): readonly EntityField[] {
  return fieldsOf(entity).filter(({ kind }) => kind !== 'one' && kind !== 'many');
}

function kindOf(type: object, list: boolean): EntityField['kind'] {
  if (type === String) return 'text';
  if (type === Boolean) return 'boolean';
  if (type instanceof GraphQLScalarType)
    return type.name === 'Int' || type.name === 'Float' ? 'number' : 'scalar';
  if (typeof type !== 'function') return 'enum';
  return list ? 'many' : 'one';
}
