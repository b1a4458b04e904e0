import { type FieldNode, print } from 'graphql';
import { memoizeWeak } from './memoize-weak.ts';

/**
 * The name under which an object holds the value of a field: its own, with its arguments where it has some, as in
 * `records(first: 2)`. Two fields with one key have one value, whatever their names in the answer are.
 */
export const storageKeyOf: (node: FieldNode) => string = memoizeWeak(
  ({ name, arguments: given = [] }: FieldNode) =>
    given.length === 0 ? name.value : `${name.value}(${given.map(print).toSorted().join(', ')})`,
);
