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
    return fields === null ? unknown : coerceFields(fields, value as Record<string, unknown>);
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

function coerceFields(fields: readonly Field[], given: Record<string, unknown>): unknown {
  const coerced: Record<string, unknown> = {};
  let found = 0;
  for (const field of fields) {
    const value = given[field.name];
    if (value === undefined) {
      if (!field.mayBeAbsent) return unknown;
      if (field.default !== undefined) coerced[field.name] = field.default;
      continue;
    }
    found += 1;
    const part = field.coerce(value);
    if (part === unknown) return unknown;
    coerced[field.name] = part;
  }
  // Or else there is one that the type does not have. Of what comes as JSON, no name is a prototype's.
  for (const _name in given) found -= 1;
  return found === 0 ? coerced : unknown;
}
