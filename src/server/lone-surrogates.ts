import { TandemError } from '../errors/tandem-error.ts';

/** How JSON writes one; UTF-8 itself has no bytes for it. */
const escaped = /\\u[dD][89a-fA-F]/;

/**
 * Refuses half of a surrogate pair anywhere in a request's parameters: it is no character
 * (https://www.unicode.org/glossary/#surrogate_code_point), and U+FFFD would be stored in its place.
 *
 * @param text what the parameters were parsed from
 * @throws TandemError BAD_USER_INPUT
 */
export function refuseLoneSurrogates(parameters: unknown, text: string): void {
  if (!escaped.test(text)) return;
  const open: { readonly value: unknown; readonly path: readonly string[] }[] = [
    { value: parameters, path: [] },
  ];
  // Not by recursion: a body can nest deeper than the stack goes.
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, path } = next;
    if (typeof value === 'string' && !value.isWellFormed()) refuse(path);
    if (typeof value !== 'object' || value === null) continue;
    for (const [name, part] of Object.entries(value)) {
      if (!name.isWellFormed()) refuse(path);
      open.push({ value: part, path: path.length < 10 ? [...path, name] : path });
    }
  }
}

function refuse(path: readonly string[]): never {
  // Names that are none of GraphQL's may be values.
  const place = path.every((name) => /^\w{1,50}$/.test(name)) ? path.join('.') : path[0];
  throw new TandemError('BAD_USER_INPUT', {
    message: `${place || 'The request'} has half of a surrogate pair (U+D800 to U+DFFF) in it, which is no character.`,
  });
}
