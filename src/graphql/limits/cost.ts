import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValueNode,
  valueFromASTUntyped,
} from 'graphql';
import { pageSize } from '../../reads/page.ts';
import { type Fragments, fragmentsOf } from '../fragments-of.ts';

/** What an operation costs with certain variables: about how many values its answer can hold. */
export type Cost = (variables: Readonly<Record<string, unknown>>) => number;

/** The assumed rows of a list without a page: their number is unknown before the read. */
const listLength = 10;
/** Lists of which each element gives a row: keys to look up, rows to create. */
const rowArguments: readonly string[] = ['ids', 'keys', 'inputs'];

interface Parts {
  /** What does not depend on variables. */
  fixed: number;
  readonly varying: Cost[];
}

/**
 * Prepares an operation's cost: each field costs 1, times the rows above it. A page has as many rows as `first` or `last`
 * says. It is prepared once a document; where no variable matters, it is a number.
 */
function costOf(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  fragments: Fragments,
): number | Cost {
  const defaults = defaultsOf(operation);

  /** `visited`: fragments of this selection set, which a second spread of them adds nothing to, as CollectFields() has it. */
  function partsOf(
    { selections }: SelectionSetNode,
    type: GraphQLCompositeType,
    visited = new Set<string>(),
  ): Parts {
    const parts: Parts = { fixed: 0, varying: [] };
    const add = ({ fixed, varying }: Parts) => {
      parts.fixed += fixed;
      parts.varying.push(...varying);
    };
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        add(ofField(selection, type));
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        add(partsOf(selection.selectionSet, typeNamed(selection.typeCondition?.name.value) ?? type, visited));
      } else if (!visited.has(selection.name.value)) {
        visited.add(selection.name.value);
        const fragment = fragments[selection.name.value] as FragmentDefinitionNode;
        add(partsOf(fragment.selectionSet, typeNamed(fragment.typeCondition.name.value) ?? type, visited));
      }
    }
    return parts;
  }

  function typeNamed(name: string | undefined): GraphQLCompositeType | undefined {
    const type = name === undefined ? undefined : schema.getType(name);
    return isCompositeType(type) ? type : undefined;
  }

  function ofField(field: FieldNode, parent: GraphQLCompositeType): Parts {
    const name = field.name.value;
    // Introspection has a limit of its own: it is off in production.
    if (name.startsWith('__')) return { fixed: 1, varying: [] };
    const definition = 'getFields' in parent ? parent.getFields()[name] : undefined;
    const type = definition && getNamedType(definition.type);
    if (field.selectionSet === undefined || !isCompositeType(type)) return { fixed: 1, varying: [] };
    const { fixed, varying } = partsOf(field.selectionSet, type);
    const isList = isListType(
      definition && isNonNullType(definition.type) ? definition.type.ofType : definition?.type,
    );
    const isPage = isObjectType(type) && type.name.endsWith('Connection');
    if (!isList && !isPage) return { fixed: fixed + 1, varying };
    // A connection's `nodes` and `edges` are the page's rows, which the connection has been multiplied by already.
    if (parent.name.endsWith('Connection')) return { fixed: fixed + 1, varying };
    const rows = isPage ? pageRowsOf(field, defaults) : listRowsOf(field, defaults);
    if (typeof rows === 'number') {
      return { fixed: 1 + rows * fixed, varying: varying.map((cost) => (given) => rows * cost(given)) };
    }
    const below: Cost = (given) => fixed + varying.reduce((sum, cost) => sum + cost(given), 0);
    return { fixed: 1, varying: [(given) => rows(given) * below(given)] };
  }

  const root = schema.getRootType(operation.operation);
  if (root == null) return 0;
  const { fixed, varying } = partsOf(operation.selectionSet, root);
  if (varying.length === 0) return fixed;
  return (given) => varying.reduce((sum, cost) => sum + cost(given), fixed);
}

const known = new WeakMap<OperationDefinitionNode, number | Cost>();

/** What an operation costs with the variables of a request, as they came. */
export function costWith(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): number {
  let cost = known.get(operation);
  if (cost === undefined) {
    cost = costOf(schema, operation, fragmentsOf(document));
    known.set(operation, cost);
  }
  return typeof cost === 'number' ? cost : cost(variables);
}

/** The document's defaults of variables. */
type Defaults = ReadonlyMap<string, ValueNode>;

function defaultsOf({ variableDefinitions = [] }: OperationDefinitionNode): Defaults {
  return new Map(
    variableDefinitions.flatMap(({ variable, defaultValue }) =>
      defaultValue === undefined ? [] : [[variable.name.value, defaultValue]],
    ),
  );
}

/** The rows of a page, as reading takes its arguments. */
function pageRowsOf(field: FieldNode, defaults: Defaults): number | Cost {
  const first = argumentOf(field, 'first', defaults);
  const last = argumentOf(field, 'last', defaults);
  const rows: Cost = (given) =>
    Math.max(0, pageSize({ first: wholeOf(first(given)), last: wholeOf(last(given)) }).size);
  return first.varies || last.varies ? rows : rows({});
}

/** The rows of a list that comes at once. */
function listRowsOf(field: FieldNode, defaults: Defaults): number | Cost {
  const name = field.arguments?.find((each) => rowArguments.includes(each.name.value))?.name.value;
  if (name === undefined) return listLength;
  const argument = argumentOf(field, name, defaults);
  // Instead of a list of one, GraphQL takes the one itself.
  const rows: Cost = (given) => {
    const value = argument(given);
    return Array.isArray(value) ? value.length : 1;
  };
  return argument.varies ? rows : rows({});
}

/** An argument's value by the variables as they came: they are checked after this. */
type Argument = ((given: Readonly<Record<string, unknown>>) => unknown) & { readonly varies: boolean };

function argumentOf(field: FieldNode, name: string, defaults: Defaults): Argument {
  const node = field.arguments?.find((each) => each.name.value === name)?.value;
  if (node?.kind !== Kind.VARIABLE) {
    const value = node && valueFromASTUntyped(node);
    return Object.assign(() => value, { varies: false });
  }
  const variable = node.name.value;
  const literal = defaults.get(variable);
  const otherwise = literal && valueFromASTUntyped(literal);
  const read = (given: Readonly<Record<string, unknown>>) =>
    Object.hasOwn(given, variable) && given[variable] !== undefined ? given[variable] : otherwise;
  return Object.assign(read, { varies: true });
}

/** What is no number is refused elsewhere. */
function wholeOf(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}
