import { MapperKind, mapSchema } from '@graphql-tools/utils';
import {
  BREAK,
  type DocumentNode,
  GraphQLNonNull,
  type GraphQLOutputType,
  GraphQLScalarType,
  type GraphQLSchema,
  GraphQLString,
  isNonNullType,
  Kind,
  type VariableDefinitionNode,
  visit,
} from 'graphql';
import { type CompiledQuery, compileQuery, isCompiledQuery } from 'graphql-jit';
import { LocalDate } from '../entities/local-date.ts';

/** An operation as a function. It takes variables that graphql-js has coerced. */
export interface Compiled {
  readonly query: CompiledQuery['query'];
  /** Whether it may only be called with a value for each of its variables. */
  readonly needsAllVariables: boolean;
}

/** Compiles an operation of a document; null for what graphql-jit does not know, which graphql-js does. */
export function compile(schema: GraphQLSchema, document: DocumentNode, name: string | null): Compiled | null {
  try {
    const compiled = compileQuery(compilable(schema), takingCoerced(document), name ?? '', {
      disablingCapturingStackErrors: true,
      // Rows come from columns of these very types; what does not, the read path converts.
      disableLeafSerialization: true,
      useExperimentalPathBasedSkipInclude: true,
    });
    if (!isCompiledQuery(compiled)) return null;
    return { query: compiled.query, needsAllVariables: hasVariableInObject(document) };
  } catch {
    return null;
  }
}

/** A type that takes any value as it is, for variables whose values need no more coercion. */
const coerced = new GraphQLScalarType({ name: 'TandemCoercedVariable' });

/**
 * The document with variables of that type. From the true types, graphql-jit would make code for each field of an
 * input type, and of filters, which contain each other, without end.
 */
function takingCoerced(document: DocumentNode): DocumentNode {
  return visit(document, {
    VariableDefinition: ({ kind, variable }): VariableDefinitionNode => ({
      kind,
      variable,
      type: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: coerced.name } },
    }),
  });
}

/**
 * The schema as operations are compiled for it. It also knows that type, where it is asked for it by name. Fields of a
 * scalar that is answered as it is are plain texts: for a scalar that it does not know, graphql-jit makes the path of
 * each value in the answer, in case that it should be wrong.
 */
function compilable(schema: GraphQLSchema): GraphQLSchema {
  const known = compilables.get(schema);
  if (known !== undefined) return known;
  const plain = mapSchema(schema, {
    [MapperKind.COMPOSITE_FIELD]: (field) => ({ ...field, type: asText(field.type) }),
  });
  const getType = (name: string) => (name === coerced.name ? coerced : plain.getType(name));
  const made: GraphQLSchema = Object.create(plain, { getType: { value: getType } });
  compilables.set(schema, made);
  return made;
}

const compilables = new WeakMap<GraphQLSchema, GraphQLSchema>();

function asText(type: GraphQLOutputType): GraphQLOutputType {
  if (type === LocalDate) return GraphQLString;
  if (isNonNullType(type) && type.ofType === LocalDate) return new GraphQLNonNull(GraphQLString);
  return type;
}

/**
 * Whether a field of an input object written in the document takes a variable, as in `{ name: $name }`. Where
 * the variable is absent, so is the field (https://spec.graphql.org/October2021/#sec-Input-Objects.Input-Coercion),
 * but graphql-jit makes it null, which an update would write.
 */
function hasVariableInObject(document: DocumentNode): boolean {
  let found = false;
  visit(document, {
    ObjectField({ value }) {
      found ||= value.kind === 'Variable';
      return found ? BREAK : undefined;
    },
  });
  return found;
}
