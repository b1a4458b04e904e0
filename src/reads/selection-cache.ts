import {
  type ASTNode,
  BREAK,
  type FieldNode,
  type GraphQLResolveInfo,
  getNamedType,
  type OperationDefinitionNode,
  visit,
} from 'graphql';

/**
 * What was made of a field's selection, kept with the field's place in its document: the document of an
 * operation is parsed once and then comes again and again. Weak, so it lasts as long as the document.
 */
const remembered = new WeakMap<FieldNode, Map<string, unknown>>();

/** Returns what `make` made for this field before, where the selection can not depend on variables. */
export function selectionCache<T>(info: GraphQLResolveInfo, make: () => T): T {
  const [node, ...more] = info.fieldNodes;
  // Several nodes: the field was merged with others, which another operation of the document may not do.
  if (node === undefined || more.length > 0 || dependsOnVariables(info)) return make();
  // By type, since the field of an interface returns several.
  const type = getNamedType(info.returnType).name;
  const known = remembered.get(node)?.get(type) as T | undefined;
  if (known !== undefined) return known;
  const made = make();
  const byType = remembered.get(node) ?? new Map<string, unknown>();
  remembered.set(node, byType.set(type, made));
  return made;
}

const dependent = new WeakMap<OperationDefinitionNode, boolean>();

/** Whether @skip or @include stand anywhere in the operation: variables then decide what is selected. */
function dependsOnVariables({ operation, fragments }: GraphQLResolveInfo): boolean {
  const known = dependent.get(operation);
  if (known !== undefined) return known;
  const found = [operation, ...Object.values(fragments)].some(hasConditions);
  dependent.set(operation, found);
  return found;
}

function hasConditions(node: ASTNode): boolean {
  let found = false;
  visit(node, {
    Directive({ name }) {
      found ||= name.value === 'skip' || name.value === 'include';
      return found ? BREAK : undefined;
    },
  });
  return found;
}
