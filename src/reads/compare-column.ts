import type { EntityMetadata, EntityProperty } from '@mikro-orm/core';
import { codecOf } from '../column-types/column-types.ts';
import { TandemError } from '../errors/tandem-error.ts';
import { all } from './all-any.ts';
import type { Convert, Filter, Where } from './filter-to-condition.ts';
import { filledUp } from './in-lists.ts';
import { atPaths } from './json-path.ts';
import type { Budget } from './operation-budget.ts';

/** Where in a filter a part of it stands. */
export interface FilterPlace {
  readonly meta: EntityMetadata;
  readonly bind: (value: unknown, convert?: Convert) => unknown;
  /** To-one relations that lead from the table asked to this one. Where one leads to no row, all is null, as a LEFT JOIN has it. */
  readonly path: readonly string[];
  readonly negated: boolean;
  readonly depth: number;
}

/** Values of one list in a filter. */
export const longestList = 1000;

/** Stands in a filter for an operand that is not known yet. Its value, filled in later, is as the column's codec has it. */
export abstract class LaterOperand {}

/** MySQL's operators by the API's, and those of the opposite. */
export const signs: Readonly<Record<string, { readonly plain: string; readonly negated: string }>> = {
  eq: { plain: '$eq', negated: '$ne' },
  ne: { plain: '$ne', negated: '$eq' },
  lt: { plain: '$lt', negated: '$gte' },
  lte: { plain: '$lte', negated: '$gt' },
  gt: { plain: '$gt', negated: '$lte' },
  gte: { plain: '$gte', negated: '$lt' },
  in: { plain: '$in', negated: '$nin' },
  notIn: { plain: '$nin', negated: '$in' },
};

/** The condition that an operator and its operand make of a column. */
export function compare(
  property: EntityProperty,
  operator: string,
  value: unknown,
  place: FilterPlace,
  budget: Budget,
): Filter {
  const { name } = property;
  const { bind, negated } = place;
  if (value === undefined) return !negated;
  if (value === null) refuseFilter(`where.${name}.${operator} is null; ask for isNull instead.`);
  if (operator === 'isNull')
    return at(place, { [name]: (value === true) === negated ? { $ne: null } : null });
  const codec = codecOf(place.meta, name);
  /** The operand as a parameter. */
  const measured: Convert = (operand, of) => {
    if (operand instanceof LaterOperand) return operand;
    const problem = codec.operandProblem?.(operand as never) ?? null;
    if (problem !== null) refuseFilter(`where.${name}.${operator} ${problem}.`);
    of.takeOperand(operand);
    return codec.bind === undefined ? operand : codec.bind(operand as never);
  };
  const pattern = patterns[operator];
  if (pattern !== undefined) {
    return like(property, value, (text, of) => pattern(literal(measured(text, of) as string)), place);
  }
  if (operator === 'path') {
    for (const condition of value as readonly object[]) budget.takeOperand(JSON.stringify(condition));
    return negatedIf(negated, all(atPaths(name, value as readonly Where[], bind)), place);
  }
  if (operator === 'has') return negatedIf(negated, { [name]: { $has: bind(value, taken) } }, place);
  if (operator === 'eqExact') return exactly(name, bind(value, measured), place);
  const sql = signs[operator]?.[negated ? 'negated' : 'plain'] as string;
  if (operator !== 'in' && operator !== 'notIn')
    return at(place, { [name]: { [sql]: bind(value, measured) } });
  const list = value as readonly unknown[];
  if (list.length > longestList) {
    refuseFilter(`where.${name}.${operator} has more than ${longestList} values.`);
  }
  if (list.length === 0) return (operator === 'notIn') !== negated;
  return at(place, {
    [name]: { [sql]: filledUp(list.map((item) => measured(item, budget))).map((item) => bind(item)) },
  });
}

/** Of an operand that is a parameter. */
export const taken: Convert = (operand, budget) => {
  budget.takeOperand(operand);
  return operand;
};

function negatedIf(negated: boolean, condition: Filter, place: FilterPlace): Filter {
  if (typeof condition === 'boolean') return condition !== negated;
  const placed = at(place, condition);
  return negated ? { $not: placed } : placed;
}

/** The comparison of the collation beside the exact one: an index has the former. */
function exactly(name: string, operand: unknown, place: FilterPlace): Filter {
  if (place.negated) return at(place, { [name]: { $notExact: operand } });
  return all([at(place, { [name]: { $eq: operand } }), at(place, { [name]: { $exact: operand } })]);
}

const patterns: Readonly<Record<string, (text: string) => string>> = {
  contains: (text) => `%${text}%`,
  startsWith: (text) => `${text}%`,
  endsWith: (text) => `%${text}`,
};

function like({ name }: EntityProperty, text: unknown, pattern: Convert, place: FilterPlace): Filter {
  const condition = at(place, { [name]: { $like: place.bind(text, pattern) } });
  return place.negated ? { $not: condition } : condition;
}

/** The text itself, where LIKE would read a pattern: https://dev.mysql.com/doc/refman/8.4/en/string-comparison-functions.html#operator_like */
function literal(text: string): string {
  return text.replace(/[!%_]/g, `${likeEscape}$&`);
}

/** Stands before what LIKE would read as a pattern: no backslash, which the sql_mode can make an ordinary character. */
export const likeEscape = '!';

/** A condition, below the relations that lead to its table. */
export function at(
  { path }: FilterPlace,
  condition: Readonly<Record<string, unknown>>,
): Exclude<Filter, boolean> {
  return path.reduceRight((inner, name) => ({ [name]: inner }), condition);
}

export function refuseFilter(message: string): never {
  throw new TandemError('BAD_USER_INPUT', { message });
}
