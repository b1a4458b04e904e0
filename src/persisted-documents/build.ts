import {
  concatAST,
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  LoneAnonymousOperationRule,
  NoUnusedFragmentsRule,
  parse,
  print,
  Source,
  separateOperations,
  specifiedRules,
  validate,
  visit,
} from 'graphql';
import { idOf, type PersistedOperation } from './manifest-format.ts';

/** A file with operations, fragments, or both. */
export interface OperationFile {
  readonly name: string;
  readonly text: string;
}

/** Operations by name, or all that is wrong, each with its place, as in `patients.graphql:3:5  …`. */
export type Persisted =
  | { readonly operations: readonly PersistedOperation[] }
  | { readonly faults: readonly string[] };

// A fragment may be there for others' files; that every operation has a name is asked for below.
const rules = specifiedRules.filter(
  (rule) => rule !== NoUnusedFragmentsRule && rule !== LoneAnonymousOperationRule,
);

/**
 * The operations of all files, each with the fragments that it uses, from whichever file.
 *
 * @param typename asks for `__typename` in every selection, as Apollo Client does, whose cache needs it
 */
export function persist(
  schema: GraphQLSchema,
  files: readonly OperationFile[],
  { typename = false } = {},
): Persisted {
  const parsed = files.map(parseFile);
  const unreadable = parsed.filter((result) => result instanceof GraphQLError);
  if (unreadable.length > 0) return { faults: unreadable.map(describe) };

  const whole = concatAST(parsed as DocumentNode[]);
  const nameless = whole.definitions
    .filter((definition) => definition.kind === Kind.OPERATION_DEFINITION && definition.name === undefined)
    .map((nodes) => new GraphQLError('An operation needs a name, by which clients find its id.', { nodes }));
  const faults = [...validate(schema, whole, rules), ...nameless];
  if (faults.length > 0) return { faults: faults.map(describe) };

  const operations = Object.entries(separateOperations(typename ? withTypename(whole) : whole));
  return { operations: operations.map(([name, document]) => toOperation(name, document)).toSorted(byName) };
}

function parseFile({ name, text }: OperationFile): DocumentNode | GraphQLError {
  try {
    return parse(new Source(text, name));
  } catch (error) {
    return error as GraphQLError;
  }
}

function toOperation(name: string, { definitions }: DocumentNode): PersistedOperation {
  const [operation, ...others] = definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION);
  const fragments = definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION);
  if (operation?.kind !== Kind.OPERATION_DEFINITION || others.length > 0) throw new TypeError(name);
  // In one order, whichever files the fragments came from: the id depends on it.
  const sorted = fragments.toSorted((one, other) => compare(one.name.value, other.name.value));
  const body = print({ kind: Kind.DOCUMENT, definitions: [operation, ...sorted] });
  return { id: idOf(body), name, type: operation.operation, body };
}

/** `__typename` last in each selection but the operation's own, where Apollo Client puts it. */
function withTypename(document: DocumentNode): DocumentNode {
  return visit(document, {
    SelectionSet(node, _key, parent) {
      const own = parent !== undefined && 'kind' in parent && parent.kind === Kind.OPERATION_DEFINITION;
      const there = node.selections.some(
        (selection) => selection.kind === Kind.FIELD && selection.name.value.startsWith('__'),
      );
      if (own || there) return undefined;
      const field = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } } as const;
      return { ...node, selections: [...node.selections, field] };
    },
  });
}

function describe({ message, source, nodes, locations }: GraphQLError): string {
  const file = (source ?? nodes?.[0]?.loc?.source)?.name ?? '';
  const { line, column } = locations?.[0] ?? { line: 1, column: 1 };
  return `${file}:${line}:${column}  ${message}`;
}

const byName = (one: PersistedOperation, other: PersistedOperation) => compare(one.name, other.name);

const compare = (one: string, other: string) => (one < other ? -1 : 1);
