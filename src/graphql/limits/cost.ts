import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isListType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { type Fragments, fragmentsOf } from '../fragments-of.ts';
import { defaultsOf, groupsOf, listRowsOf, pageRowsOf } from './rows-of-field.ts';

/** The cost of an operation with certain variables: about how many values its answer can hold. */
export type Cost = (variables: Readonly<Record<string, unknown>>) => number;

/** The assumed length of a list that is none of rows, such as those of the drift report. */
const listLength = 10;

interface Sum {
  /** The part that does not depend on variables. */
  readonly fixed: number;
  readonly varying: readonly Cost[];
}
interface Parts extends Sum {
  /** Of a connection: what each row of its page costs. */
  readonly ofRow: Sum;
}
interface FieldGroup {
  readonly parent: GraphQLCompositeType;
  readonly nodes: FieldNode[];
}
const nothing: Sum = { fixed: 0, varying: [] };

/**
 * Prepares an operation's cost: each field and each element of a list costs 1, times the rows above it. A page has as many rows as `first` or `last`
 * says, and an aggregate as many groups as `groupBy` can give, so that no answer of rows holds more values. It is prepared once
 * a document; where no variable matters, it is a number.
 */
function costOf(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  fragments: Fragments,
): number | Cost {
  const defaults = defaultsOf(operation);

  /** @param lists the rows of a list below that has no arguments */
  function partsOf(
    selectionSets: readonly SelectionSetNode[],
    type: GraphQLCompositeType,
    lists: number | Cost,
  ): Parts {
    const groups = new Map<string, FieldGroup>();
    const visited = new Set<string>();
    for (const selectionSet of selectionSets) collect(selectionSet, type, groups, visited);
    const parts = [...groups.values()].map((group) => ofField(group, lists));
    return { ...sumOf(parts), ofRow: sumOf(parts.map(({ ofRow }) => ofRow)) };
  }

  /**
   * The fields of a selection set by their names in the answer: those of one name are one.
   * https://spec.graphql.org/October2021/#CollectFields()
   *
   * @param visited fragments that have been spread: a second spread adds nothing
   */
  function collect(
    { selections }: SelectionSetNode,
    type: GraphQLCompositeType,
    groups: Map<string, FieldGroup>,
    visited: Set<string>,
  ): void {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        const key = `${type.name}.${(selection.alias ?? selection.name).value}`;
        const group = groups.get(key);
        if (group === undefined) groups.set(key, { parent: type, nodes: [selection] });
        else group.nodes.push(selection);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        const on = typeNamed(selection.typeCondition?.name.value) ?? type;
        collect(selection.selectionSet, on, groups, visited);
      } else if (!visited.has(selection.name.value)) {
        visited.add(selection.name.value);
        const fragment = fragments[selection.name.value] as FragmentDefinitionNode;
        const on = typeNamed(fragment.typeCondition.name.value) ?? type;
        collect(fragment.selectionSet, on, groups, visited);
      }
    }
  }

  function typeNamed(name: string | undefined): GraphQLCompositeType | undefined {
    const type = name === undefined ? undefined : schema.getType(name);
    return isCompositeType(type) ? type : undefined;
  }

  function ofField({ parent, nodes }: FieldGroup, lists: number | Cost): Parts {
    const [field] = nodes as [FieldNode];
    const name = field.name.value;
    const leaf = { fixed: 1, varying: [], ofRow: nothing };
    // Introspection has a limit of its own: it is off in production.
    if (name.startsWith('__')) return leaf;
    const definition = 'getFields' in parent ? parent.getFields()[name] : undefined;
    const type = definition && getNamedType(definition.type);
    if (field.selectionSet === undefined || !isCompositeType(type)) return leaf;
    const given = listRowsOf(field, defaults) ?? lists;
    const { ofRow, ...below } = partsOf(
      nodes.flatMap(({ selectionSet }) => selectionSet ?? []),
      type,
      given,
    );
    const all = (parts: Sum) => ({ ...sumOf([{ fixed: 1, varying: [] }, parts]), ofRow: nothing });
    if (isConnection(type)) return all(sumOf([below, times(ofRow, pageRowsOf(field, defaults))]));
    // A connection's `nodes` and `edges` are the rows of its page.
    if (isConnection(parent) && (name === 'nodes' || name === 'edges')) {
      return { ...nothing, ofRow: all(below) };
    }
    if (definition === undefined || !isListType(getNullableType(definition.type))) return all(below);
    const isAggregate = definition.args.some((argument) => argument.name === 'groupBy');
    return all(times(all(below), isAggregate ? groupsOf(field, type, defaults) : given));
  }

  const root = schema.getRootType(operation.operation);
  if (root == null) return 0;
  const { fixed, varying } = partsOf([operation.selectionSet], root, listLength);
  if (varying.length === 0) return fixed;
  return (given) => varying.reduce((sum, cost) => sum + cost(given), fixed);
}

function isConnection(type: GraphQLCompositeType): boolean {
  return type.name.endsWith('Connection');
}

function sumOf(parts: readonly Sum[]): Sum {
  return {
    fixed: parts.reduce((sum, { fixed }) => sum + fixed, 0),
    varying: parts.flatMap(({ varying }) => varying),
  };
}

function times({ fixed, varying }: Sum, rows: number | Cost): Sum {
  if (typeof rows === 'number') {
    return { fixed: rows * fixed, varying: varying.map((cost) => (given) => rows * cost(given)) };
  }
  const below: Cost = (given) => varying.reduce((sum, cost) => sum + cost(given), fixed);
  return { fixed: 0, varying: [(given) => rows(given) * below(given)] };
}

const known = new WeakMap<OperationDefinitionNode, number | Cost>();

/** The cost of an operation with the variables of a request, as they came. */
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
