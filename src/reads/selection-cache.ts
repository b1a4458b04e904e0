import { type FieldNode, type GraphQLOutputType, type GraphQLResolveInfo, getNamedType } from 'graphql';
import { memoizeWeak } from '../util/memoize-weak.ts';
import { mostVariants, skipIncludeVariablesOf, variantOf } from '../util/skip-include-variables.ts';

/**
 * The selection of a field (a ReadPlan, mostly), by the field's node in its document, then by type and variant. A document is
 * parsed once and then used by all requests with its text; a weak key lasts as long as the document.
 */
const cached = new WeakMap<FieldNode, Map<string, unknown>>();

const typeNameOf = memoizeWeak((type: GraphQLOutputType) => getNamedType(type).name);

/**
 * Returns what `make` made for this field before. It relies on the document and on the variables of @skip and @include;
 * `make` must rely on nothing else of the request.
 */
export function selectionCache<T>(info: GraphQLResolveInfo, make: () => T): T {
  const [node, ...more] = info.fieldNodes;
  // Several nodes: the field was merged with others, which another operation of the document may not do.
  if (node === undefined || more.length > 0) return make();
  const names = skipIncludeVariablesOf(info.operation, () => info.fragments);
  // By type, since the field of an interface returns several.
  const type = typeNameOf(info.returnType);
  const key = names.length === 0 ? type : `${type} ${variantOf(names, info.variableValues)}`;
  let variants = cached.get(node);
  const known = variants?.get(key) as T | undefined;
  if (known !== undefined) return known;
  const made = make();
  if (variants === undefined) {
    variants = new Map();
    cached.set(node, variants);
  }
  if (variants.size < mostVariants) variants.set(key, made);
  return made;
}
