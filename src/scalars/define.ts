import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from 'graphql';

interface ScalarDefinition<T> {
  readonly name: string;
  readonly description: string;
  /** Of the format: https://spec.graphql.org/October2021/#sec-Scalars.Custom-Scalars */
  readonly specifiedBy?: string;
  /** The accepted values, as the end of a sentence: it is the text of all its errors, which so hold no value. */
  readonly takes: string;
  /** The value in its one form; undefined for what is none. Numbers of a document come as their text, in `literal`. */
  readonly parse: (value: unknown) => T | undefined;
  /** The same for a number that a document spells out, whose digits JavaScript's numbers might not hold. */
  readonly literal?: (digits: string) => T | undefined;
  /** Whether a value that was read is one. */
  readonly is: (value: unknown) => boolean;
}

/** The texts of the errors of these scalars. */
export const scalarMessages = new Set<string>();

type Scalar = Pick<GraphQLScalarType, 'serialize'>;

/** By their functions: the schema of a role has copies of the scalars. */
const outputs = new WeakMap<Scalar['serialize'], (value: unknown) => boolean>();

/** Tells whether a value that was read is one of a scalar's; undefined for a scalar that is none of these. */
export function isOutputOf({ serialize }: Scalar): ((value: unknown) => boolean) | undefined {
  return outputs.get(serialize);
}

export function setOutput({ serialize }: Scalar, is: (value: unknown) => boolean): void {
  outputs.set(serialize, is);
}

/** A scalar whose values come out as they are read, and come in as variables or in the document alike. */
export function defineScalar<T>(definition: ScalarDefinition<T>): GraphQLScalarType<T, T> {
  const { name, description, specifiedBy, takes, parse, literal, is } = definition;
  const message = `${name} takes ${takes}.`;
  scalarMessages.add(message);
  const wrong = (node?: ValueNode) => new GraphQLError(message, node && { nodes: node });
  const checked = (value: T | undefined, node?: ValueNode): T => {
    if (value === undefined) throw wrong(node);
    return value;
  };
  const scalar = new GraphQLScalarType<T, T>({
    name,
    description,
    specifiedByURL: specifiedBy ?? null,
    serialize(value) {
      if (is(value)) return value as T;
      throw wrong();
    },
    parseValue: (value) => checked(parse(value)),
    parseLiteral(node) {
      if (node.kind === Kind.STRING) return checked(parse(node.value), node);
      const isNumber = node.kind === Kind.INT || node.kind === Kind.FLOAT;
      return checked(isNumber ? literal?.(node.value) : undefined, node);
    },
  });
  setOutput(scalar, is);
  return scalar;
}
