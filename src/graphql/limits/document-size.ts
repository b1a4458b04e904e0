import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

/** How large a document is, each fragment counted wherever it is spread. */
export interface DocumentSize {
  /** Levels of fields below each other. */
  readonly depth: number;
  /** Fields under another name than their own, `__typename` among them. */
  readonly aliases: number;
  /** Fields that stand in one selection set a second time, under one name. */
  readonly duplicates: number;
  readonly directives: number;
  /** Fields of the operation itself: each is answered by statements of its own. */
  readonly rootFields: number;
}

const nothing: DocumentSize = { depth: 0, aliases: 0, duplicates: 0, directives: 0, rootFields: 0 };

/**
 * Measures the largest operation of a document. Its time grows with the document's length, not with what it expands to:
 * each fragment is measured once. A fragment that spreads itself counts as empty there; validation refuses it.
 */
export function sizeOf(document: DocumentNode): DocumentSize {
  const fragments = new Map<string, FragmentDefinitionNode>();
  const operations: OperationDefinitionNode[] = [];
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
    if (definition.kind === Kind.OPERATION_DEFINITION) operations.push(definition);
  }
  const known = new Map<string, DocumentSize>();

  function ofFragment(name: string): DocumentSize {
    const measured = known.get(name);
    if (measured !== undefined) return measured;
    known.set(name, nothing);
    const fragment = fragments.get(name);
    const size = fragment === undefined ? nothing : ofSelections(fragment.selectionSet);
    const own = { ...size, directives: size.directives + (fragment?.directives?.length ?? 0) };
    known.set(name, own);
    return own;
  }

  function ofSelections({ selections }: SelectionSetNode): DocumentSize {
    const seen = new Set<string>();
    let { depth, aliases, duplicates, directives, rootFields } = nothing;
    for (const selection of selections) {
      directives += selection.directives?.length ?? 0;
      if (selection.kind === Kind.FIELD) {
        rootFields += 1;
        if (selection.alias !== undefined) aliases += 1;
        const name = nameOf(selection);
        if (seen.has(name)) duplicates += 1;
        seen.add(name);
        const below = selection.selectionSet === undefined ? nothing : ofSelections(selection.selectionSet);
        depth = Math.max(depth, below.depth + 1);
        aliases += below.aliases;
        duplicates += below.duplicates;
        directives += below.directives;
        continue;
      }
      const spread =
        selection.kind === Kind.FRAGMENT_SPREAD
          ? ofFragment(selection.name.value)
          : ofSelections(selection.selectionSet);
      depth = Math.max(depth, spread.depth);
      aliases += spread.aliases;
      duplicates += spread.duplicates;
      directives += spread.directives;
      rootFields += spread.rootFields;
    }
    return { depth, aliases, duplicates, directives, rootFields };
  }

  const sizes = operations.map(({ selectionSet, directives = [], variableDefinitions = [] }) => {
    const size = ofSelections(selectionSet);
    const ofVariables = variableDefinitions.flatMap((variable) => variable.directives ?? []).length;
    return { ...size, directives: size.directives + directives.length + ofVariables };
  });
  // Fragments that nothing spreads are refused by validation, which has to read them first.
  const spare = [...fragments.keys()].filter((name) => !known.has(name)).map(ofFragment);
  return [...sizes, ...spare].reduce(largest, nothing);
}

function largest(one: DocumentSize, other: DocumentSize): DocumentSize {
  return {
    depth: Math.max(one.depth, other.depth),
    aliases: Math.max(one.aliases, other.aliases),
    duplicates: Math.max(one.duplicates, other.duplicates),
    directives: Math.max(one.directives, other.directives),
    rootFields: Math.max(one.rootFields, other.rootFields),
  };
}

function nameOf({ alias, name }: FieldNode): string {
  return alias?.value ?? name.value;
}
