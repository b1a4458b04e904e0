import {
  type FieldNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  getNamedType,
  isObjectType,
} from 'graphql';
// graphql-js's own CollectFields: fragments, type conditions, @skip and @include as the executor sees them.
// https://spec.graphql.org/October2021/#CollectFields()
import { collectSubfields } from 'graphql/execution/collectFields.js';

/** Field nodes that select from one object type and stand under one name in the answer. */
export interface SelectionNode {
  readonly type: GraphQLObjectType;
  readonly nodes: readonly FieldNode[];
}

export interface Subfield {
  /** The field's own name. */
  readonly name: string;
  /** Its first node, which has the arguments of all. */
  readonly node: FieldNode;
  /** None for __typename. */
  readonly field: GraphQLField<unknown, unknown> | undefined;
  /** Where it selects from; null for a field without fields of its own. */
  readonly selectionNode: SelectionNode | null;
}

/** The field that is being resolved. */
export function selectionNodesOf(info: GraphQLResolveInfo): readonly SelectionNode[] {
  return [{ type: objectType(info.returnType), nodes: info.fieldNodes }];
}

/** The selection nodes of a field below some selection nodes, by the names that lead to it: one for each alias; none where it is not asked for. */
export function below(
  info: GraphQLResolveInfo,
  selectionNodes: readonly SelectionNode[],
  path: readonly string[],
): readonly SelectionNode[] {
  return path.reduce(
    (all, wanted) =>
      all.flatMap((selectionNode) =>
        subfields(info, selectionNode).flatMap(
          ({ name, selectionNode: child }) => (name === wanted && child) || [],
        ),
      ),
    selectionNodes,
  );
}

/** The names of the fields that are asked for at some selection nodes. */
export function namesAt(
  info: GraphQLResolveInfo,
  selectionNodes: readonly SelectionNode[],
): ReadonlySet<string> {
  return new Set(
    selectionNodes.flatMap((selectionNode) => subfields(info, selectionNode).map(({ name }) => name)),
  );
}

/** How many fields stand at some selection nodes, under all their names, and below them. */
export function fieldsAt(info: GraphQLResolveInfo, selectionNodes: readonly SelectionNode[]): number {
  return selectionNodes.reduce(
    (sum, selectionNode) =>
      subfields(info, selectionNode).reduce(
        (count, { selectionNode: child }) => count + 1 + (child ? fieldsAt(info, [child]) : 0),
        sum,
      ),
    0,
  );
}

/** The fields at a selection node, one for each name in the answer. */
export function subfields(info: GraphQLResolveInfo, { type, nodes }: SelectionNode): readonly Subfield[] {
  const collected = collectSubfields(info.schema, info.fragments, info.variableValues, type, nodes);
  return [...collected.values()].map((group) => {
    const node = group[0] as FieldNode;
    const name = node.name.value;
    const field = type.getFields()[name];
    const named = field && getNamedType(field.type);
    return { name, node, field, selectionNode: isObjectType(named) ? { type: named, nodes: group } : null };
  });
}

function objectType(type: GraphQLResolveInfo['returnType']): GraphQLObjectType {
  const named = getNamedType(type);
  if (!isObjectType(named)) throw new TypeError(`${named.name} is not an object type`);
  return named;
}
