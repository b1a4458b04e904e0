import type { EntityMetadata } from '@mikro-orm/core';
import { memoizeWeak } from '../util/memoize-weak.ts';
import { isColumn, propertyOf } from './entity-properties.ts';
import type { Where } from './filter-to-condition.ts';
import { notDeleted } from './soft-delete.ts';

/** The rule that hides rows of a table from every caller. */
export interface HiddenRows {
  /** The condition of rows that are there; null: all of them are. */
  readonly rule: Where | null;
  /** Parts of it that the API cannot hold to, each as the end of a sentence. */
  readonly problems: readonly string[];
}

/**
 * The rows that an entity's default filters leave, and that its soft delete does: https://mikro-orm.io/docs/filters. They are the rows that
 * there are, for reads and writes alike. The API applies no filter that is not a default one, as the ORM does not.
 */
export const hiddenRowsOf = memoizeWeak((meta: EntityMetadata): HiddenRows => {
  const problems: string[] = [];
  const rules = Object.values(meta.filters ?? {}).flatMap((filter): Where[] => {
    if (filter.default !== true) return [];
    try {
      return [toRule(meta, conditionOf(filter.cond))];
    } catch (error) {
      if (!(error instanceof FilterProblem)) throw error;
      problems.push(`has the default filter ${filter.name}, ${error.message}`);
      return [];
    }
  });
  const isThere = notDeleted(meta);
  if (isThere !== null) rules.push(isThere);
  return { rule: rules.length === 0 ? null : { and: rules }, problems };
});

class FilterProblem extends Error {}

type Condition = Readonly<Record<string, unknown>>;

function conditionOf(cond: unknown): Condition {
  if (typeof cond !== 'function') return cond as Condition;
  if (cond.length > 0) throw new FilterProblem('whose condition has arguments that a request does not give');
  const made = cond();
  if (made instanceof Promise) throw new FilterProblem('whose condition is a promise');
  return made;
}

const signs: Readonly<Record<string, string>> = {
  $eq: 'eq',
  $ne: 'ne',
  $in: 'in',
  $nin: 'notIn',
  $lt: 'lt',
  $lte: 'lte',
  $gt: 'gt',
  $gte: 'gte',
};

/** The ORM's condition in the API's language. */
function toRule(meta: EntityMetadata, condition: Condition): Where {
  const parts = Object.entries(condition).map(([name, operand]): Where => {
    if (name === '$and' || name === '$or') {
      return { [name.slice(1)]: (operand as Condition[]).map((part) => toRule(meta, part)) };
    }
    if (name === '$not') return { not: toRule(meta, operand as Condition) };
    if (!Object.hasOwn(meta.properties, name)) {
      throw new FilterProblem(`which names ${name}, and the entity has no such column`);
    }
    const property = propertyOf(meta, name);
    if (!isColumn(property) || property.targetMeta !== undefined) {
      throw new FilterProblem(`which goes through the relation ${name}`);
    }
    return { and: comparisons(operand).map((comparison) => ({ [name]: comparison })) };
  });
  // A symbol stands for SQL.
  if (Object.getOwnPropertySymbols(condition).length > 0) throw new FilterProblem('which is SQL');
  return { and: parts };
}

function comparisons(operand: unknown): Where[] {
  if (operand === null) return [{ isNull: true }];
  if (Array.isArray(operand)) return [{ in: operand.map(comparable) }];
  if (Object.prototype.toString.call(operand) !== '[object Object]') return [{ eq: comparable(operand) }];
  return Object.entries(operand as Condition).map(([name, value]) => {
    const operator = signs[name];
    if (operator === undefined) throw new FilterProblem(`which compares by ${name}`);
    if (value === null && (name === '$eq' || name === '$ne')) return { isNull: name === '$eq' };
    return { [operator]: Array.isArray(value) ? value.map(comparable) : comparable(value) };
  });
}

function comparable(value: unknown): unknown {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  throw new FilterProblem('which compares with what is no text, number or Boolean');
}
