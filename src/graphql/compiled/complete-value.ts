import {
  type FieldNode,
  GraphQLBoolean,
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  type GraphQLInterfaceType,
  type GraphQLLeafType,
  type GraphQLNullableType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  GraphQLString,
  getNullableType,
  isEnumType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
// graphql-js's own CollectFields: fragments, type conditions, @skip and @include as its executor sees them.
// https://spec.graphql.org/October2021/#CollectFields()
import { collectSubfields } from 'graphql/execution/collectFields.js';
import { isOutputOf } from '../../scalars/define.ts';
import { storageKeyOf } from '../../util/storage-key.ts';
import type { Fragments } from '../fragments-of.ts';
import { isPropertyResolver } from '../property-resolver.ts';
import { typeNameOf } from '../type-name.ts';
import type { VariableValues } from './variables.ts';

/**
 * Makes of what a resolver returned what the client gets: the fields asked for, under the names asked for. It takes what
 * is regular, which is what the read path returns: plain objects and arrays, whose leaves need no conversion, and no null
 * where the schema has none.
 *
 * @throws bailOut where there is something else, which graphql-js has to complete
 */
export type CompleteValue = (value: unknown) => unknown;

/** Thrown by CompleteValue functions. No Error: the compiled operation catches it, and a stack would cost more than completing does. */
export const bailOut = Symbol('bailOut');

/** The parts of the schema and the document that a shape is made from. */
export interface CompletionSource {
  readonly schema: GraphQLSchema;
  readonly fragments: Fragments;
  /** Those that @skip and @include take, coerced. */
  readonly variables: VariableValues;
}

/**
 * The shape of a field: CompleteValue() (https://spec.graphql.org/October2021/#CompleteValue()) as one function, written for
 * the fields that are asked for. Objects are literals, which V8 allocates whole, and nothing is asked about a value twice.
 *
 * @returns null where a field below has a resolver of its own, or a type that is not known here
 */
export function completeValueOf(
  origin: CompletionSource,
  type: GraphQLOutputType,
  nodes: readonly FieldNode[],
): CompleteValue | null {
  const writer = new Writer(origin);
  const value = writer.value(type, nodes, 'value');
  if (value === null) return null;
  const source = `'use strict';\n${writer.functions.join('\n')}\nreturn (value) => ${value};`;
  const known = [...writer.known];
  return new Function('fail', ...known.map(([name]) => name), source)(
    fail,
    ...known.map(([, it]) => it),
  ) as CompleteValue;
}

function fail(): never {
  throw bailOut;
}

/** Writes expressions that complete the value in the variable `name`, and the functions that they call; null as above. */
class Writer {
  readonly functions: string[] = [];
  /** The values that the functions refer to, by the names that they have for them. */
  readonly known = new Map<string, unknown>();
  readonly #origin: CompletionSource;

  constructor(origin: CompletionSource) {
    this.#origin = origin;
  }

  value(type: GraphQLOutputType, nodes: readonly FieldNode[], name: string): string | null {
    const some = this.#some(getNullableType(type) as Nullable, nodes, name);
    if (some === null || isNonNullType(type)) return some;
    return `${name} === null ? null : ${some}`;
  }

  #some(type: Nullable, nodes: readonly FieldNode[], name: string): string | null {
    if (isListType(type)) return this.#list(type.ofType, nodes, name);
    if (isObjectType(type)) return this.#object(type, nodes, name);
    if (isInterfaceType(type)) return this.#oneOf(type, nodes, name);
    return this.#leaf(type as GraphQLLeafType, name);
  }

  #leaf(type: GraphQLLeafType, name: string): string | null {
    if (isEnumType(type) && type.getValues().some((item) => item.value !== item.name)) {
      const names = `namesOf${type.name}`;
      this.known.set(names, new Map(type.getValues().map((item) => [item.value, item.name])));
      return `(${names}.get(${name}) ?? fail())`;
    }
    const test = this.#testOf(type, name);
    return test && `(${test} ? ${name} : fail())`;
  }

  /**
   * An expression that is true where a leaf needs no conversion: https://spec.graphql.org/October2021/#sec-Scalars. null
   * where this is not known of its type.
   */
  #testOf(type: GraphQLLeafType, name: string): string | null {
    if (isEnumType(type)) {
      return `(${type
        .getValues()
        .map((item) => `${name} === ${JSON.stringify(item.name)}`)
        .join(' || ')})`;
    }
    const test = tests.get(type.name);
    if (test !== undefined) return test(name);
    const isOutput = isOutputOf(type);
    if (isOutput === undefined) return null;
    this.known.set(`is${type.name}`, isOutput);
    return `is${type.name}(${name})`;
  }

  #list(type: GraphQLOutputType, nodes: readonly FieldNode[], name: string): string | null {
    const item = this.value(type, nodes, 'item');
    return (
      item &&
      this.#call(
        name,
        (self) => `function ${self}(list) {
  if (!Array.isArray(list)) fail();
  const items = [];
  for (let at = 0; at < list.length; at++) {
    const item = list[at];
    items.push(${item});
  }
  return items;
}`,
      )
    );
  }

  #object(type: GraphQLObjectType, nodes: readonly FieldNode[], name: string): string | null {
    const { schema, fragments, variables } = this.#origin;
    const reads: string[] = [];
    const fields: string[] = [];
    for (const [key, group] of collectSubfields(schema, fragments, variables, type, nodes)) {
      const fieldName = group[0]?.name.value as string;
      if (fieldName === '__typename') {
        fields.push(`${JSON.stringify(key)}: ${JSON.stringify(type.name)}`);
        continue;
      }
      const field = type.getFields()[fieldName];
      // In a literal, this name sets the prototype.
      if (field === undefined || key === '__proto__') return null;
      if (field.resolve !== undefined && !isPropertyResolver(field.resolve)) return null;
      const local = `field${reads.length}`;
      const value = this.value(field.type, group, local);
      if (value === null) return null;
      reads.push(`const ${local} = object[${JSON.stringify(storageKeyOf(group[0] as FieldNode))}];`);
      fields.push(`${JSON.stringify(key)}: ${value}`);
    }
    return this.#call(
      name,
      (self) => `function ${self}(object) {
  if (typeof object !== 'object' || object === null || object instanceof Error) fail();
  ${reads.length === 0 ? "if (typeof object.then === 'function') fail();" : reads.join('\n  ')}
  return { ${fields.join(', ')} };
}`,
    );
  }

  #oneOf(type: GraphQLInterfaceType, nodes: readonly FieldNode[], name: string): string | null {
    // Another way of telling types is the schema's own to go.
    if (type.resolveType !== typeNameOf) return null;
    const cases = this.#origin.schema.getPossibleTypes(type).map((each) => {
      const object = this.#object(each, nodes, name);
      return object && `${name}.__typename === ${JSON.stringify(each.name)} ? ${object}`;
    });
    if (cases.includes(null)) return null;
    return `(typeof ${name} !== 'object' || ${name} === null ? fail() : ${[...cases, 'fail()'].join(' : ')})`;
  }

  /** Adds a function and calls it. */
  #call(name: string, write: (self: string) => string): string {
    const self = `complete${this.functions.length}`;
    this.functions.push(write(self));
    return `${self}(${name})`;
  }
}

type Nullable = GraphQLNullableType & GraphQLOutputType;

const isText = (name: string) => `typeof ${name} === 'string'`;

const tests: ReadonlyMap<string, (name: string) => string> = new Map([
  [GraphQLString.name, isText],
  [GraphQLID.name, isText],
  [GraphQLInt.name, (name) => `(${name} | 0) === ${name}`],
  [GraphQLFloat.name, (name) => `Number.isFinite(${name})`],
  [GraphQLBoolean.name, (name) => `typeof ${name} === 'boolean'`],
]);
