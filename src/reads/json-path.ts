import { TandemError } from '../errors/tandem-error.ts';

/** A condition on what stands at one place of a JSON document, as the API takes it. */
type PathCondition = Readonly<Record<string, unknown>>;

const mostConditions = 20;
const mostCharacters = 500;

/** A place, and not several at once: https://dev.mysql.com/doc/refman/8.4/en/json.html#json-path-syntax */
const form = /^\$(?:\.(?:[\p{L}_$][\p{L}\p{N}_$]*|\x22(?:[^\x22\\]|\\[\x22\\])*\x22)|\[\d{1,9}\])*$/u;

/** The comparisons of what stands there, and what their SQL is called in a condition. */
export const jsonSigns: Readonly<Record<string, string>> = {
  eq: '=',
  ne: '!=',
  lt: '<',
  lte: '<=',
  gt: '>',
  gte: '>=',
};

/**
 * Conditions on places of a JSON column hold. A place that is not there is null, and neither equal nor unequal to anything.
 *
 * @throws TandemError BAD_USER_INPUT
 */
export function atPaths(
  name: string,
  conditions: readonly PathCondition[],
  bind: (value: unknown) => unknown,
): Record<string, unknown>[] {
  if (conditions.length > mostConditions) refuse(name, `has more than ${mostConditions} conditions`);
  return conditions.flatMap(({ path, exists, ...comparisons }) => {
    const place = String(path);
    if (place.length > mostCharacters || !form.test(place)) {
      refuse(name, 'has a path that is no place in a document; write one like $.address.lines[0]');
    }
    const parts: Record<string, unknown>[] = Object.entries(comparisons)
      .filter(([, value]) => value !== undefined)
      .map(([operator, value]) => ({
        [name]: { [`$json:${operator}`]: [bind(place), bind(JSON.stringify(value))] },
      }));
    if (typeof exists === 'boolean') {
      const found = { [name]: { '$json:exists': [bind(place)] } };
      parts.push(exists ? found : { $not: found });
    }
    return parts;
  });
}

function refuse(name: string, problem: string): never {
  throw new TandemError('BAD_USER_INPUT', { message: `where.${name}.path ${problem}.` });
}
