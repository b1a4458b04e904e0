import {
  type GraphQLInputType,
  getNullableType,
  isInputObjectType,
  isListType,
  isNonNullType,
  Kind,
  type ValueNode,
  valueFromAST,
  visit,
} from 'graphql';
import type { VariableValues } from './variables.ts';

/** Stands for a value that graphql-js has to coerce: a wrong one, or one that a default replaces. */
export const unknown = Symbol('unknown');

/** A value of the document, with the variables in it; `unknown` where graphql-js has to look at it. */
export type CoercedLiteral = (variables: VariableValues) => unknown;

/** Input coercion (https://spec.graphql.org/October2021/#sec-Input-Object-Values) of what stands in a document, as far as possible ahead. */
export function coerceLiteral(type: GraphQLInputType, node: ValueNode): CoercedLiteral {
  if (!hasVariable(node)) {
    const value = frozen(valueFromAST(node, type));
    return () => (value === undefined ? unknown : value);
  }
  const nullable = getNullableType(type);
  if (node.kind === Kind.VARIABLE) return variableOf(node.name.value, isNonNullType(type));
  if (node.kind === Kind.LIST && isListType(nullable)) return listOf(nullable.ofType, node.values);
  if (node.kind === Kind.OBJECT && isInputObjectType(nullable)) {
    const given = new Map(node.fields.map((field) => [field.name.value, field.value]));
    const fields = Object.values(nullable.getFields());
    // graphql-js knows what to do about those.
    const special = fields.some(
      (field) => !given.has(field.name) && (field.defaultValue !== undefined || isNonNullType(field.type)),
    );
    if (special || nullable.isOneOf) return () => unknown;
    return objectOf(
      fields.flatMap(({ name, type: of, defaultValue }) => {
        const value = given.get(name);
        if (value === undefined) return [];
        const isAbsentable = value.kind === Kind.VARIABLE && defaultValue === undefined && !isNonNullType(of);
        return [
          { name, literal: coerceLiteral(of, value), variable: isAbsentable ? value.name.value : null },
        ];
      }),
    );
  }
  return () => unknown;
}

function variableOf(name: string, mustBe: boolean): CoercedLiteral {
  return (variables) => {
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
    return value === undefined || (mustBe && value === null) ? unknown : value;
  };
}

function listOf(type: GraphQLInputType, nodes: readonly ValueNode[]): CoercedLiteral {
  const items = nodes.map((node) => coerceLiteral(type, node));
  return (variables) => {
    const list = items.map((item) => item(variables));
    return list.includes(unknown) ? unknown : list;
  };
}

interface Field {
  readonly name: string;
  readonly literal: CoercedLiteral;
  /** A variable with which the field goes, too. */
  readonly variable: string | null;
}

function objectOf(fields: readonly Field[]): CoercedLiteral {
  return (variables) => {
    const object: VariableValues = {};
    for (const { name, literal, variable } of fields) {
      if (variable !== null && !Object.hasOwn(variables, variable)) continue;
      const value = literal(variables);
      if (value === unknown) return unknown;
      object[name] = value;
    }
    return object;
  };
}

function hasVariable(node: ValueNode): boolean {
  let found = false;
  visit(node, {
    Variable() {
      found = true;
    },
  });
  return found;
}

/** All requests share the value: a resolver that changed it would change it for the others. */
function frozen(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  for (const each of Object.values(value)) frozen(each);
  return Object.freeze(value);
}
