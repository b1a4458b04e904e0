import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from 'graphql';
import { scalarMessages, setOutput } from './define.ts';
import { isRawNumber, rawNumber } from './json-text.ts';

/** A scalar whose values are objects and lists. */
interface JsonScalar {
  readonly name: string;
  readonly description: string;
  readonly specifiedBy: string;
  readonly takes: string;
  readonly is: (value: unknown) => boolean;
}

export function defineJsonScalar({
  name,
  description,
  specifiedBy,
  takes,
  is,
}: JsonScalar): GraphQLScalarType<unknown, unknown> {
  const message = `${name} takes ${takes}.`;
  scalarMessages.add(message);
  const checked = (value: unknown, node?: ValueNode) => {
    if (isExact(value) && is(value)) return value;
    throw new GraphQLError(message, node && { nodes: node });
  };
  const scalar = new GraphQLScalarType<unknown, unknown>({
    name,
    description,
    specifiedByURL: specifiedBy,
    serialize: (value) => value,
    parseValue: (value) => checked(value),
    parseLiteral: (node, variables) => checked(literalValueOf(node, variables ?? {}), node),
  });
  setOutput(scalar, () => true);
  return scalar;
}

/** MySQL's JSON holds integers below this exactly, and all beyond as doubles. */
const leastDouble = 2 ** 64;

/** An integer that JSON's numbers do not hold has lost digits by the time that a variable is read. */
function isExact(value: unknown): boolean {
  if (typeof value === 'number') {
    return !Number.isInteger(value) || Number.isSafeInteger(value) || Math.abs(value) >= leastDouble;
  }
  if (typeof value !== 'object' || value === null || isRawNumber(value)) return value !== undefined;
  return Object.values(value).every(isExact);
}

function literalValueOf(node: ValueNode, variables: Readonly<Record<string, unknown>>): unknown {
  switch (node.kind) {
    case Kind.INT:
    case Kind.FLOAT:
      return String(Number(node.value)) === node.value ? Number(node.value) : rawNumber(node.value);
    case Kind.STRING:
    case Kind.BOOLEAN:
      return node.value;
    case Kind.LIST:
      return node.values.map((item) => literalValueOf(item, variables));
    case Kind.OBJECT:
      return Object.fromEntries(
        node.fields.map(({ name, value }) => [name.value, literalValueOf(value, variables)]),
      );
    case Kind.VARIABLE:
      return variables[node.name.value] ?? null;
    default:
      return node.kind === Kind.NULL ? null : undefined;
  }
}

export const Json = defineJsonScalar({
  name: 'JSON',
  description:
    'Any value of JSON. Numbers come out with all digits that the source holds. An integer beyond 9007199254740991 is taken as a literal of the document alone, since a variable does not hold it.',
  specifiedBy: 'https://datatracker.ietf.org/doc/html/rfc8259',
  takes: 'a value of JSON; an integer beyond 9007199254740991 stands in the document, not in a variable',
  is: () => true,
});
