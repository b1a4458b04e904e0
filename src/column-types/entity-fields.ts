import type { GraphQLScalarType } from 'graphql';
import { getMetadataStorage } from 'type-graphql';
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

/** Those of a column, without the relations. */
export function columnFieldsOf(entity: Class): readonly EntityField[] {
  return fieldsOf(entity).filter(({ kind }) => kind !== 'one' && kind !== 'many');
}

/** The type of a column's field, as the table of column types has it. */
export function fieldTypeOf({ kind, type }: EntityField): GraphQLScalarType | 'enum' | 'enums' | undefined {
  if (kind === 'enum' || kind === 'enums') return kind;
  return kind === 'scalar' ? scalarOf(type()) : undefined;
}

function kindOf(type: object, list: boolean): EntityField['kind'] {
  if (scalarOf(type) !== undefined) return 'scalar';
  if (typeof type !== 'function') return list ? 'enums' : 'enum';
  return list ? 'many' : 'one';
}
