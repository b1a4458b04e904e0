import {
  defaultFieldResolver,
  GraphQLBoolean,
  type GraphQLFieldResolver,
  type GraphQLLeafType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getNullableType,
  isLeafType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { TandemError } from '../errors/tandem-error.ts';
import { globalId } from '../reads/global-id.ts';
import type { SourceName } from '../source-name.ts';

type Resolver = GraphQLFieldResolver<unknown, unknown>;

const guards = new WeakSet<Resolver>();

/** Whether a field has the resolver of all properties: its value is one of its object, and nothing else is done about it. */
export function isPropertyResolver(resolve: Resolver): boolean {
  return guards.has(resolve);
}

/**
 * Gives the fields of a schema, as far as they have none, a resolver that tells of which row a value is that its type does not
 * have: a table can hold more than the schema says, such as an enum's item that was added to it, a date of zeros, null, or the
 * key of a row that is not there.
 */
export function guardProperties(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      const named = getNullableType(field.type);
      field.resolve ??= guardOf(isLeafType(named) ? named : null, isNonNullType(field.type));
    }
  }
}

function guardOf(leaf: GraphQLLeafType | null, isRequired: boolean): Resolver {
  const guard: Resolver = (parent, given, context, info) => {
    const value: unknown = defaultFieldResolver(parent, given, context, info);
    if (value === null || value === undefined) {
      if (isRequired) throw unreadable(parent, info, 'null, which it cannot be');
    } else if (leaf !== null && !(value instanceof Error) && !canHold(leaf, value)) {
      throw unreadable(parent, info, `not a ${leaf.name}`);
    }
    return value;
  };
  guards.add(guard);
  return guard;
}

function canHold(leaf: GraphQLLeafType, value: unknown): boolean {
  // graphql-js takes any number but 0 for true, which no filter finds.
  if (leaf === GraphQLBoolean) return typeof value === 'boolean';
  try {
    return leaf.serialize(value) !== undefined;
  } catch {
    return false;
  }
}

/** What a row that was read says of itself, whatever is asked for. */
interface Place {
  readonly key?: unknown;
  readonly source?: SourceName;
}

function unreadable(
  parent: unknown,
  { parentType: { name }, fieldName }: GraphQLResolveInfo,
  is: string,
): TandemError {
  const { key, source } = parent as Place;
  const isRow = typeof key === 'number' && source !== undefined;
  const row = isRow ? `${name} ${key} (id ${globalId(source, name, key)})` : `a ${name}`;
  const message = `The ${fieldName} of ${row} is ${is}.`;
  return new TandemError('UNREADABLE_VALUE', { ...(source && { source }), message });
}
