import {
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
} from 'graphql';
import type { Fragments } from '../fragments-of.ts';

/** What an operation costs with certain variables: about how many values its answer can hold. */
export type Cost = (variables: Readonly<Record<string, unknown>>) => number;

/** Rows that a list without a page is taken to have: nobody knows before it is read. */
const listLength = 10;
/** Rows of a page whose size is not said. */
const pageLength = 20;
const pageArguments: readonly string[] = ['first', 'last'];
/** Lists of keys to look up: as many rows as keys. */
const keyArguments: readonly string[] = ['ids', 'keys'];

interface Parts {
  /** What does not depend on variables. */
  fixed: number;
  readonly varying: Cost[];
}

/**
 * Prepares an operation's cost: each field costs 1, times the rows above it. A page has as many rows as `first` or `last`
 * says. It is prepared once a document; where no variable matters, it is a number.
 */
export function costOf(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  fragments: Fragments,
): number | Cost {
  /** Fragments that are being walked through: one that spreads itself is not valid, and never comes here. */
  function partsOf({ selections }: SelectionSetNode, type: GraphQLCompositeType): Parts {
    const parts: Parts = { fixed: 0, varying: [] };
    const add = ({ fixed, varying }: Parts) => {
      parts.fixed += fixed;
      parts.varying.push(...varying);
    };
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        add(ofField(selection, type));
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        add(partsOf(selection.selectionSet, typeNamed(selection.typeCondition?.name.value) ?? type));
      } else {
        const fragment = fragments[selection.name.value] as FragmentDefinitionNode;
        add(partsOf(fragment.selectionSet, typeNamed(fragment.typeCondition.name.value) ?? type));
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
    const rows = rowsOf(field, isPage ? pageLength : listLength);
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

/** The rows that a field's arguments ask for. */
function rowsOf({ arguments: given = [] }: FieldNode, otherwise: number): number | Cost {
  for (const { name, value } of given) {
    const isPage = pageArguments.includes(name.value);
    if (!isPage && !keyArguments.includes(name.value)) continue;
    if (value.kind === Kind.INT) return Math.max(0, Number(value.value));
    if (value.kind === Kind.LIST) return value.values.length;
    if (value.kind === Kind.VARIABLE) {
      const variable = value.name.value;
      return (variables) => lengthOf(variables[variable]) ?? otherwise;
    }
  }
  return otherwise;
}

/** The number that a variable says, or the length of its list; what is neither is refused elsewhere. */
function lengthOf(value: unknown): number | undefined {
  if (typeof value === 'number') return Math.max(0, value);
  return Array.isArray(value) ? value.length : undefined;
}
