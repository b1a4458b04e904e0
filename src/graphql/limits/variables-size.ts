/** Bytes up to which a body's variables can do no harm. */
const harmlessBytes = 2048;

/**
 * The limits of variables. Levels of lists and objects: a filter takes ten at most, a nested create three. Lists and objects: a
 * mutation writes 10,000 rows at most. graphql-js coerces them all in one go, and writes the fields of a wrong object into
 * its message: no input has as many fields.
 */
const most = { levels: 50, lists: 12_000, values: 100_000, fields: 1000 } as const;

/** Values of variables that are coerced in a step of their own. */
const manyValues = 2000;

/** Variables with so many values; remembered here, so that no other request is looked at. */
const large = new WeakSet<object>();

/**
 * Says of what a request's variables have too much, before anything walks through them, and remembers those that are large.
 *
 * @param bytes the length of the body that they came in
 * @returns a sentence; null where they may be used
 */
export function excessOf(variables: unknown, bytes: number): string | null {
  if (bytes <= harmlessBytes || typeof variables !== 'object' || variables === null) return null;
  const count = { lists: 0, values: 0 };
  const excess = walk(variables, most.levels, count);
  if (excess !== null) return excess;
  if (count.values > manyValues) large.add(variables);
  return null;
}

export function isLarge(variables: object): boolean {
  return large.has(variables);
}

function walk(value: object, levels: number, count: { lists: number; values: number }): string | null {
  if (levels === 0) return `The variables nest deeper than ${most.levels} levels.`;
  // Names first: of a dictionary, they take half as long as its values.
  const names = Array.isArray(value) ? null : Object.keys(value);
  if (names !== null && names.length > most.fields) {
    return `An object in the variables has more than ${most.fields} fields.`;
  }
  const length = names === null ? (value as unknown[]).length : names.length;
  count.lists += 1;
  count.values += length;
  if (count.lists > most.lists) return tooMany(most.lists, 'lists and objects');
  if (count.values > most.values) return tooMany(most.values, 'values');
  for (let at = 0; at < length; at++) {
    const part = (value as Record<string | number, unknown>)[names === null ? at : (names[at] as string)];
    if (typeof part !== 'object' || part === null) continue;
    const excess = walk(part, levels - 1, count);
    if (excess !== null) return excess;
  }
  return null;
}

function tooMany(count: number, what: string): string {
  return `The variables have more than ${count} ${what}; send fewer at once.`;
}
