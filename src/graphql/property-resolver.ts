import {
  GraphQLBoolean,
  type GraphQLEnumType,
  GraphQLError,
  type GraphQLFieldResolver,
  type GraphQLLeafType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getNullableType,
  isEnumType,
  isLeafType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import type { TandemError } from '../errors/tandem-error.ts';
import { unreadableValue } from '../errors/unreadable-value.ts';
import { rowText } from '../reads/complete-row.ts';
import { anyKeyOf, type Row } from '../reads/row.ts';
import type { SourceName } from '../source-name.ts';
import { memoizeWeak } from '../util/memoize-weak.ts';
import { storageKeyOf } from '../util/storage-key.ts';

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
  const guard: Resolver = (parent, _given, context, info) => {
    if (hasTooManyUnreadable(context)) return isRequired ? thrown() : null;
    const value: unknown = propertyValue(parent, info);
    if (value === null || value === undefined) {
      if (isRequired) throw counted(context, unreadable(parent, info, 'null, which it cannot be'));
    } else if (value instanceof Error) {
      throw counted(context, value);
    } else if (leaf !== null && !canHold(leaf, value)) {
      throw counted(context, unreadable(parent, info, notOf(leaf)));
    }
    return value;
  };
  guards.add(guard);
  return guard;
}

/** A TINYINT(1) holds any number up to 127, and some programs use it so. */
function notOf(leaf: GraphQLLeafType): string {
  return leaf === GraphQLBoolean
    ? 'not a Boolean: its column has a number other than 0 and 1, which @Field(() => Int) serves'
    : `not a ${leaf.name}`;
}

/** A field with arguments has a value for each set of them. */
function propertyValue(parent: unknown, { fieldName, fieldNodes: [node] }: GraphQLResolveInfo): unknown {
  const name = node?.arguments?.length ? storageKeyOf(node) : fieldName;
  return (parent as Readonly<Record<string, unknown>>)[name];
}

/** Values of one operation that are each an error of its own; where there are more, the answer is no other than that. */
export const mostUnreadable = 1000;

/** How many there have been, by the operation's context. */
const unreadableOf = new WeakMap<object, number>();

function counted(context: unknown, error: Error): Error {
  if (isObject(context)) unreadableOf.set(context, (unreadableOf.get(context) ?? 0) + 1);
  return error;
}

/** Of such an operation nothing more is looked at: each error takes as much as some hundred values. */
export function hasTooManyUnreadable(context: unknown): boolean {
  return isObject(context) && (unreadableOf.get(context) ?? 0) > mostUnreadable;
}

function isObject(context: unknown): context is object {
  return typeof context === 'object' && context !== null;
}

/** With a path, graphql-js makes no further error of it. */
const givenUp = new GraphQLError('The answer has too many values that cannot be read.', { path: [] });

function thrown(): never {
  throw givenUp;
}

function canHold(leaf: GraphQLLeafType, value: unknown): boolean {
  // graphql-js takes any number but 0 for true, which no filter finds.
  if (leaf === GraphQLBoolean) return typeof value === 'boolean';
  // Asked like a scalar it would throw, and its error takes as much as ten rows.
  if (isEnumType(leaf)) return valuesOf(leaf).has(value);
  try {
    return leaf.serialize(value) !== undefined;
  } catch {
    return false;
  }
}

const valuesOf = memoizeWeak((type: GraphQLEnumType) => new Set(type.getValues().map(({ value }) => value)));

/** The fields that every row has, whatever is selected. */
interface Place {
  readonly source?: SourceName;
}

function unreadable(
  parent: unknown,
  { parentType: { name }, fieldName }: GraphQLResolveInfo,
  is: string,
): TandemError {
  const { source } = parent as Place;
  const key = anyKeyOf(parent as Row);
  const row = key !== undefined && source !== undefined ? rowText(source, name, key) : `a ${name}`;
  return unreadableValue(`The ${fieldName} of ${row} is ${is}.`, source);
}
