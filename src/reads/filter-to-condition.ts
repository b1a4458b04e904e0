import type { EntityMetadata, EntityProperty } from '@mikro-orm/core';
import { codecOf } from '../column-types/column-types.ts';
import { TandemError } from '../errors/tandem-error.ts';
import { isToOne, propertyOf } from './entity-properties.ts';
import { filledUp } from './in-lists.ts';
import { atPaths } from './json-path.ts';
import { Budget } from './operation-budget.ts';

/** A filter as the API takes it. GraphQL has checked its fields; their names are those of the entity. */
export type Where = Readonly<Record<string, unknown>>;

/** A condition in the terms of the ORM (condition-to-sql.ts); true and false where no row need be looked at to know. */
export type Filter = boolean | Readonly<Record<string, unknown>>;

/** Puts a value aside and returns what stands for it in the condition. */
export type Bind = (value: unknown) => unknown;

/**
 * Makes an operand a parameter.
 * @throws TandemError BAD_USER_INPUT, OPERATION_TOO_COMPLEX
 */
export type Convert = (value: unknown, budget: Budget) => unknown;

/** A value as it stands in a filter, and what makes it a parameter; absent: it is one. */
export interface Operand {
  readonly value: unknown;
  readonly convert: Convert | undefined;
}

/** Stands in a filter for an operand that is not known yet. Its value, filled in later, is as the column's codec has it. */
export abstract class LaterOperand {}

/** Bounds of one filter, beside those of all filters of an operation (operation-budget.ts). A quantifier is a condition, too. */
const limits = { depth: 8, conditions: 100, listLength: 1000 } as const;

/**
 * Turns a filter into a condition for the query builder. Pure: values pass through `bind` and nowhere else.
 *
 * Logic is SQL's: a null is neither equal nor unequal to anything, nor less, nor like it; `isNull` asks for it.
 * `or: []` and `in: []` match nothing, `and: []` and `{}` everything.
 *
 * Negation is carried down to the single comparison (De Morgan), and so is the path through to-one relations: of a
 * parent's key, two conditions are made, which nothing may negate together.
 *
 * @param operands is given each operand in the order in which they are bound
 * @throws TandemError BAD_USER_INPUT for a null operand, for one that is longer than its column, and beyond the limits of a
 * filter; OPERATION_TOO_COMPLEX beyond those of the operation
 */
export function toFilter(
  meta: EntityMetadata,
  where: Where | null | undefined,
  bind: Bind,
  budget = new Budget(),
  operands: Operand[] = [],
): Filter {
  if (where == null) return true;
  const bound = (value: unknown, convert?: Convert) => {
    operands.push({ value, convert });
    return bind(convert === undefined ? value : convert(value, budget));
  };
  const place = { meta, bind: bound, path: [], negated: false, depth: 1 };
  return compile(where, place, { conditions: 0, budget });
}

/** The counts of a filter that is being compiled. */
interface Count {
  conditions: number;
  readonly budget: Budget;
}

function addCondition(count: Count): void {
  count.conditions += 1;
  if (count.conditions > limits.conditions) refuse(`where has more than ${limits.conditions} conditions.`);
}

/** Where in a filter a part of it stands. */
interface Place {
  readonly meta: EntityMetadata;
  readonly bind: (value: unknown, convert?: Convert) => unknown;
  /** To-one relations that lead from the table asked to this one. Where one leads to no row, all is null, as a LEFT JOIN has it. */
  readonly path: readonly string[];
  readonly negated: boolean;
  readonly depth: number;
}

function compile(where: Where, place: Place, count: Count): Filter {
  if (place.depth > limits.depth) refuse(`where is nested deeper than ${limits.depth} levels.`);
  count.budget.takePart();
  const deeper = { ...place, depth: place.depth + 1 };
  const both = place.negated ? any : all;
  const either = place.negated ? all : any;
  const parts = Object.entries(where).map(([name, operand]): Filter => {
    if (operand === undefined) return !place.negated;
    if (operand === null) refuse(`where.${name} is null; leave it out, or ask for isNull.`);
    const list = operand as readonly Where[];
    if (name === 'and') return both(list.map((part) => compile(part, deeper, count)));
    if (name === 'or') return either(list.map((part) => compile(part, deeper, count)));
    if (name === 'not') return compile(operand as Where, { ...deeper, negated: !place.negated }, count);
    const property = propertyOf(place.meta, name);
    const meta = property.targetMeta;
    if (meta === undefined) return both(compareAll(property, operand as Where, place, count));
    if (isToOne(property)) {
      return compile(operand as Where, { ...deeper, meta, path: [...place.path, name] }, count);
    }
    return both(
      Object.entries(operand as Where).map(([quantifier, part]) =>
        quantified(name, quantifier, part as Where, { ...deeper, meta }, count),
      ),
    );
  });
  return both(parts);
}

function compareAll(property: EntityProperty, operand: Where, place: Place, count: Count): Filter[] {
  return Object.entries(operand).map(([operator, value]) => {
    addCondition(count);
    return compare(property, operator, value, place, count.budget);
  });
}

const comparisons: Readonly<Record<string, { readonly plain: string; readonly negated: string }>> = {
  eq: { plain: '$eq', negated: '$ne' },
  ne: { plain: '$ne', negated: '$eq' },
  lt: { plain: '$lt', negated: '$gte' },
  lte: { plain: '$lte', negated: '$gt' },
  gt: { plain: '$gt', negated: '$lte' },
  gte: { plain: '$gte', negated: '$lt' },
  in: { plain: '$in', negated: '$nin' },
  notIn: { plain: '$nin', negated: '$in' },
};

function compare(
  property: EntityProperty,
  operator: string,
  value: unknown,
  place: Place,
  budget: Budget,
): Filter {
  const { name } = property;
  const { bind, negated } = place;
  if (value === undefined) return !negated;
  if (value === null) refuse(`where.${name}.${operator} is null; ask for isNull instead.`);
  if (operator === 'isNull')
    return at(place, { [name]: (value === true) === negated ? { $ne: null } : null });
  const codec = codecOf(place.meta, name);
  /** The operand as a parameter. */
  const measured: Convert = (operand, of) => {
    if (operand instanceof LaterOperand) return operand;
    const problem = codec.operandProblem?.(operand as never) ?? null;
    if (problem !== null) refuse(`where.${name}.${operator} ${problem}.`);
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
  const sql = comparisons[operator]?.[negated ? 'negated' : 'plain'] as string;
  if (operator !== 'in' && operator !== 'notIn')
    return at(place, { [name]: { [sql]: bind(value, measured) } });
  const list = value as readonly unknown[];
  if (list.length > limits.listLength) {
    refuse(`where.${name}.${operator} has more than ${limits.listLength} values.`);
  }
  if (list.length === 0) return (operator === 'notIn') !== negated;
  return at(place, {
    [name]: { [sql]: filledUp(list.map((item) => measured(item, budget))).map((item) => bind(item)) },
  });
}

/** Of an operand that is a parameter. */
const taken: Convert = (operand, budget) => {
  budget.takeOperand(operand);
  return operand;
};

function negatedIf(negated: boolean, condition: Filter, place: Place): Filter {
  if (typeof condition === 'boolean') return condition !== negated;
  const placed = at(place, condition);
  return negated ? { $not: placed } : placed;
}

/** The comparison of the collation beside the exact one: an index has the former. */
function exactly(name: string, operand: unknown, place: Place): Filter {
  if (place.negated) return at(place, { [name]: { $notExact: operand } });
  return all([at(place, { [name]: { $eq: operand } }), at(place, { [name]: { $exact: operand } })]);
}

const patterns: Readonly<Record<string, (text: string) => string>> = {
  contains: (text) => `%${text}%`,
  startsWith: (text) => `${text}%`,
  endsWith: (text) => `%${text}`,
};

function like({ name }: EntityProperty, text: unknown, pattern: Convert, place: Place): Filter {
  const condition = at(place, { [name]: { $like: place.bind(text, pattern) } });
  return place.negated ? { $not: condition } : condition;
}

/** The text itself, where LIKE would read a pattern: https://dev.mysql.com/doc/refman/8.4/en/string-comparison-functions.html#operator_like */
function literal(text: string): string {
  return text.replace(/[!%_]/g, `${likeEscape}$&`);
}

/** Stands before what LIKE would read as a pattern: no backslash, which the sql_mode can make an ordinary character. */
export const likeEscape = '!';

/** `some`: at least one satisfies; `none`: none does; `every`: of none is the condition false. */
function quantified(name: string, quantifier: string, part: Where, place: Place, count: Count): Filter {
  if (part === undefined) return !place.negated;
  if (part === null) refuse(`where.${name}.${quantifier} is null; leave it out.`);
  if (quantifier === 'count') return counted(name, part, place, count);
  addCondition(count);
  const condition = compile(part, { ...place, path: [], negated: quantifier === 'every' }, count);
  const exists = (quantifier === 'some') !== place.negated;
  if (condition === false) return !exists;
  const found = at(place, { [name]: { [exists ? '$some' : '$none']: condition === true ? {} : condition } });
  // Without a row on the way there is none of its rows either, and SQL's NOT IN knows nothing of a null.
  return exists || place.path.length === 0 ? found : any([at(place, { $absent: true }), found]);
}

/** Comparisons of the number of rows, which is never null. */
function counted(name: string, comparisonsOfCount: Where, place: Place, count: Count): Filter {
  const both = place.negated ? any : all;
  const parts = Object.entries(comparisonsOfCount).map(([operator, value]): Filter => {
    addCondition(count);
    const path = `where.${name}.count.${operator}`;
    if (value === undefined) return !place.negated;
    if (value === null) refuse(`${path} is null; leave it out.`);
    if (operator === 'isNull') return (value === true) === place.negated;
    const list = [value].flat();
    if (list.length > limits.listLength) refuse(`${path} has more than ${limits.listLength} values.`);
    if (list.length === 0) return (operator === 'notIn') !== place.negated;
    const marks = list.map((each) => place.bind(each, taken));
    const sql = comparisons[operator]?.[place.negated ? 'negated' : 'plain'] as string;
    const operand = Array.isArray(value) ? filledUp(marks) : marks[0];
    return at(place, { [name]: { $count: { [sql]: operand } } });
  });
  return both(parts);
}

/** A condition, below the relations that lead to its table. */
function at({ path }: Place, condition: Readonly<Record<string, unknown>>): Exclude<Filter, boolean> {
  return path.reduceRight((inner, name) => ({ [name]: inner }), condition);
}

export function all(conditions: readonly Filter[]): Filter {
  if (conditions.includes(false)) return false;
  const open = conditions.filter((condition) => condition !== true);
  return open.length === 0 ? true : open.length === 1 ? (open[0] as Filter) : { $and: open };
}

export function any(conditions: readonly Filter[]): Filter {
  if (conditions.includes(true)) return true;
  const open = conditions.filter((condition) => condition !== false);
  return open.length === 0 ? false : open.length === 1 ? (open[0] as Filter) : { $or: open };
}

function refuse(message: string): never {
  throw new TandemError('BAD_USER_INPUT', { message });
}
