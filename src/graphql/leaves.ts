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

/** Whether a field has the resolver of all leaves: its value is a property, and nothing else is done about it. */
export function isLeafResolver(resolve: Resolver): boolean {
  return guards.has(resolve);
}

/**
 * Gives the leaves of a schema, as far as they have none, a resolver that tells of which row a value is that its type does not
 * have: a table can hold more than the schema says, such as an enum's item that was added to it, a date of zeros, or null.
 */
export function guardLeaves(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      const leaf = getNullableType(field.type);
      if (isLeafType(leaf)) field.resolve ??= guardOf(leaf, isNonNullType(field.type));
    }
  }
}

function guardOf(leaf: GraphQLLeafType, isRequired: boolean): Resolver {
  const guard: Resolver = (parent, given, context, info) => {
    const value: unknown = defaultFieldResolver(parent, given, context, info);
    if (value instanceof Error) return value;
    const isThere = value !== null && value !== undefined;
    if (isThere ? !canHold(leaf, value) : isRequired) throw unreadable(parent, leaf, isThere, info);
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
  leaf: GraphQLLeafType,
  isThere: boolean,
  { parentType: { name }, fieldName }: GraphQLResolveInfo,
): TandemError {
  const { key, source } = parent as Place;
  const isRow = typeof key === 'number' && source !== undefined;
  const row = isRow ? `${name} ${key} (id ${globalId(source, name, key)})` : `a ${name}`;
  const message = `The ${fieldName} of ${row} is ${isThere ? `not a ${leaf.name}` : 'null, which it cannot be'}.`;
  return new TandemError('UNREADABLE_VALUE', { ...(source && { source }), message });
}
