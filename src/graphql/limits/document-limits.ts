import { GraphQLError, type ValidationRule } from 'graphql';
import type { Limits } from '../../config/groups/limits.ts';
import { type DocumentSize, sizeOf } from './document-size.ts';

const words: Readonly<Record<keyof DocumentSize, (is: number, most: number) => string>> = {
  depth: (is, most) => `The document nests fields ${is} levels deep; ${most} are allowed.`,
  aliases: (is, most) => `The document has ${is} aliases; ${most} are allowed.`,
  duplicates: (is, most) =>
    `The document repeats ${is} fields where they stand already; ${most} are allowed.`,
  directives: (is, most) => `The document has ${is} directives; ${most} are allowed.`,
  rootFields: (is, most) => `The operation asks for ${is} fields at once; ${most} are allowed.`,
};

/**
 * Refuses documents that are too large in any respect. It judges before the other rules begin to walk through them, and
 * then they do not: comparing hundreds of repeated fields with each other would take a quarter of a second.
 */
export function withinLimits(limits: Limits): ValidationRule {
  return (context) => {
    const size = sizeOf(context.getDocument());
    let refused = false;
    for (const name of Object.keys(words) as (keyof DocumentSize)[]) {
      if (size[name] <= limits[name]) continue;
      const message = words[name](size[name], limits[name]);
      context.reportError(new GraphQLError(message, { extensions: { tooComplex: { limit: name } } }));
      refused = true;
    }
    // To graphql-js null stands for a node that is not there, so that nothing below it is visited.
    return refused ? { Document: () => null } : {};
  };
}
