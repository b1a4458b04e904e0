/** Bytes up to which a body cannot nest deep enough to do harm. */
const harmlessBytes = 2048;

/** Levels of lists and objects in variables: a filter takes ten at most, a nested create three. */
const mostLevels = 50;

/**
 * Whether a request's variables nest so deep that what walks through them, GraphQL's coercion among others, would run out
 * of stack. `bytes`: the length of the body that they came in.
 */
export function nestsTooDeep(variables: unknown, bytes: number): boolean {
  return bytes > harmlessBytes && isDeeper(variables, mostLevels);
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  return Object.values(value).some((part) => isDeeper(part, levels - 1));
}
