import type { EntityMetadata, EntityProperty } from '@mikro-orm/core';
import { all, any } from './all-any.ts';
import { at, compare, type FilterPlace, longestList, refuseFilter, signs, taken } from './compare-column.ts';
import { isToOne, propertyOf } from './entity-properties.ts';
import { filledUp } from './in-lists.ts';
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

/** Bounds of one filter, beside those of all filters of an operation (operation-budget.ts). A quantifier is a condition, too. */
const limits = { depth: 8, conditions: 100 } as const;

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
  if (count.conditions > limits.conditions)
    refuseFilter(`where has more than ${limits.conditions} conditions.`);
}

function compile(where: Where, place: FilterPlace, count: Count): Filter {
  if (place.depth > limits.depth) refuseFilter(`where is nested deeper than ${limits.depth} levels.`);
  count.budget.takePart();
  const deeper = { ...place, depth: place.depth + 1 };
  const both = place.negated ? any : all;
  const either = place.negated ? all : any;
  const parts = Object.entries(where).map(([name, operand]): Filter => {
    if (operand === undefined) return !place.negated;
    if (operand === null) refuseFilter(`where.${name} is null; leave it out, or ask for isNull.`);
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

function compareAll(property: EntityProperty, operand: Where, place: FilterPlace, count: Count): Filter[] {
  return Object.entries(operand).map(([operator, value]) => {
    addCondition(count);
    return compare(property, operator, value, place, count.budget);
  });
}

/** `some`: at least one satisfies; `none`: none does; `every`: of none is the condition false. */
function quantified(name: string, quantifier: string, part: Where, place: FilterPlace, count: Count): Filter {
  if (part === undefined) return !place.negated;
  if (part === null) refuseFilter(`where.${name}.${quantifier} is null; leave it out.`);
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
function counted(name: string, comparisonsOfCount: Where, place: FilterPlace, count: Count): Filter {
  const both = place.negated ? any : all;
  const parts = Object.entries(comparisonsOfCount).map(([operator, value]): Filter => {
    addCondition(count);
    const path = `where.${name}.count.${operator}`;
    if (value === undefined) return !place.negated;
    if (value === null) refuseFilter(`${path} is null; leave it out.`);
    if (operator === 'isNull') return (value === true) === place.negated;
    const list = [value].flat();
    if (list.length > longestList) refuseFilter(`${path} has more than ${longestList} values.`);
    if (list.length === 0) return (operator === 'notIn') !== place.negated;
    const marks = list.map((each) => place.bind(each, taken));
    const sql = signs[operator]?.[place.negated ? 'negated' : 'plain'] as string;
    const operand = Array.isArray(value) ? filledUp(marks) : marks[0];
    return at(place, { [name]: { $count: { [sql]: operand } } });
  });
  return both(parts);
}
