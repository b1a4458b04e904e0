import {
  type GraphQLInputObjectType,
  type GraphQLInputType,
  isInputObjectType,
  isListType,
  isNonNullType,
} from 'graphql';
import { memoizeWeak } from '../../util/memoize-weak.ts';
import { unknown } from './coerce-literal.ts';

/** Coerces a value that is not undefined; `unknown` where something is wrong with it, of which graphql-js tells. */
export type CoerceInput = (value: unknown) => unknown;

/**
 * Input coercion (https://spec.graphql.org/October2021/#sec-Input-Object-Values) of values that come as JSON, made once a type. It makes what
 * graphql-js makes, which looks at the type again for each value, and keeps the path to it.
 */
export const coerceInputOf: (type: GraphQLInputType) => CoerceInput = memoizeWeak(
  (type: GraphQLInputType): CoerceInput => {
    if (isNonNullType(type)) {
      const coerce = coerceInputOf(type.ofType);
      return (value) => (value === null ? unknown : coerce(value));
    }
    if (isListType(type)) return listOf(coerceInputOf(type.ofType));
    if (isInputObjectType(type)) return objectOf(type);
    return (value) => {
      if (value === null) return null;
      try {
        const parsed: unknown = type.parseValue(value);
        return parsed === undefined ? unknown : parsed;
      } catch {
        return unknown;
      }
    };
  },
);

function listOf(coerce: CoerceInput): CoerceInput {
  return (value) => {
    if (value === null) return null;
    // One value is a list of one.
    const given: readonly unknown[] = Array.isArray(value) ? value : [value];
    const list = new Array<unknown>(given.length);
    for (let at = 0; at < given.length; at++) {
      const item = coerce(given[at]);
      if (item === unknown) return unknown;
      list[at] = item;
    }
    return list;
  };
}

type Given = Readonly<Record<string, unknown>>;

interface Field {
  readonly name: string;
  readonly coerce: CoerceInput;
  readonly default: unknown;
  readonly mayBeAbsent: boolean;
}

function objectOf(type: GraphQLInputObjectType): CoerceInput {
  // Input types refer to each other in circles, so their fields wait for the first value.
  let fields: readonly Field[] | null | undefined;
  return (value) => {
    if (value === null) return null;
    if (typeof value !== 'object' || Array.isArray(value)) return unknown;
    fields ??= fieldsOf(type);
    return fields === null ? unknown : coerceFields(fields, value as Given);
  };
}

/** Null where graphql-js alone knows: of a OneOf type, and of one with a field that every object seems to have, such as `constructor`. */
function fieldsOf(type: GraphQLInputObjectType): Field[] | null {
  const fields = Object.values(type.getFields());
  if (type.isOneOf || fields.some(({ name }) => name in Object.prototype)) return null;
  return fields.map(({ name, type: of, defaultValue }) => ({
    name,
    coerce: coerceInputOf(of),
    default: defaultValue,
    mayBeAbsent: defaultValue !== undefined || !isNonNullType(of),
  }));
}

/** The object itself where graphql-js would make the same of it, in the same order: a thousand copies outlive what they were made of. */
function coerceFields(fields: readonly Field[], given: Given): unknown {
  let made: Record<string, unknown> | null = null;
  let found = 0;
  for (const field of fields) {
    const { name } = field;
    const value = given[name];
    if (value === undefined) {
      if (!field.mayBeAbsent) return unknown;
      if (field.default === undefined) continue;
      made ??= copied(fields, given, field);
      made[name] = field.default;
      continue;
    }
    found += 1;
    const part = field.coerce(value);
    if (part === unknown) return unknown;
    if (made === null && part !== value) made = copied(fields, given, field);
    if (made !== null) made[name] = part;
  }
  let at = 0;
  for (const name in given) {
    found -= 1;
    while (at < fields.length && fields[at]?.name !== name) at += 1;
    at += 1;
  }
  // Or else there is one that the type does not have. Of what comes as JSON, no name is a prototype's.
  if (found !== 0) return unknown;
  if (made !== null) return made;
  return at <= fields.length ? given : copied(fields, given, null);
}

/** The fields before one; null: all of them. */
function copied(fields: readonly Field[], given: Given, end: Field | null): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const field of fields) {
    if (field === end) break;
    const value = given[field.name];
    if (value !== undefined) copy[field.name] = value;
  }
  return copy;
}
