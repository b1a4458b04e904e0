import type { EntityMetadata, EntityProperty } from '@mikro-orm/core';
import { TandemError } from '../errors/tandem-error.ts';
import { isToMany, isToOne, propertyOf } from './properties.ts';

/** A filter as the API takes it. GraphQL has checked its fields; their names are those of the entity. */
export type Where = Readonly<Record<string, unknown>>;

/** A condition for the ORM's query builder; true and false where no row need be looked at to know. */
export type Filter = boolean | Readonly<Record<string, unknown>>;

/** Puts a value aside and returns what stands for it in the condition. */
export type Bind = (value: unknown) => unknown;

/** Bounds of one filter: more than this is no question that a person asks. */
const limits = { depth: 8, conditions: 100, listLength: 1000 } as const;

/**
 * Turns a filter into a condition for the query builder. Pure: values pass through `bind` and nowhere else.
 *
 * Logic is SQL's: a null is neither equal nor unequal to anything, nor less, nor like it; `isNull` asks for it.
 * `or: []` and `in: []` match nothing, `and: []` and `{}` everything.
 *
 * @throws TandemError BAD_USER_INPUT for a null operand, and beyond the limits
 */
export function toFilter(meta: EntityMetadata, where: Where | null | undefined, bind: Bind): Filter {
  let conditions = 0;
  const compile = (of: EntityMetadata, part: Where, depth: number): Filter => {
    if (depth > limits.depth) refuse(`where is nested deeper than ${limits.depth} levels.`);
    return all(
      Object.entries(part).map(([name, operand]): Filter => {
        if (operand === undefined) return true;
        if (operand === null) refuse(`where.${name} is null; leave it out, or ask for isNull.`);
        const parts = operand as readonly Where[];
        if (name === 'and') return all(parts.map((each) => compile(of, each, depth + 1)));
        if (name === 'or') return any(parts.map((each) => compile(of, each, depth + 1)));
        if (name === 'not') return not(compile(of, operand as Where, depth + 1));
        const property = propertyOf(of, name);
        const target = property.targetMeta;
        if (target !== undefined && isToOne(property)) {
          const condition = compile(target, operand as Where, depth + 1);
          return typeof condition === 'boolean' ? condition : { [name]: condition };
        }
        if (target !== undefined && isToMany(property)) {
          return all(
            Object.entries(operand as Where).map(([quantifier, nested]) =>
              quantified(name, quantifier, compile(target, nested as Where, depth + 1)),
            ),
          );
        }
        return all(
          Object.entries(operand as Where).map(([operator, value]): Filter => {
            conditions += 1;
            if (conditions > limits.conditions)
              refuse(`where has more than ${limits.conditions} conditions.`);
            return compare(property, operator, value, bind);
          }),
        );
      }),
    );
  };
  return where == null ? true : compile(meta, where, 1);
}

function compare({ name }: EntityProperty, operator: string, value: unknown, bind: Bind): Filter {
  if (value === undefined) return true;
  if (value === null) refuse(`where.${name}.${operator} is null; ask for isNull instead.`);
  switch (operator) {
    case 'isNull':
      return { [name]: value === true ? null : { $ne: null } };
    case 'in':
    case 'notIn': {
      const list = value as readonly unknown[];
      if (list.length > limits.listLength) {
        refuse(`where.${name}.${operator} has more than ${limits.listLength} values.`);
      }
      if (list.length === 0) return operator === 'notIn';
      return { [name]: { [operator === 'in' ? '$in' : '$nin']: list.map(bind) } };
    }
    case 'contains':
      return { [name]: { $like: bind(`%${literal(value as string)}%`) } };
    case 'startsWith':
      return { [name]: { $like: bind(`${literal(value as string)}%`) } };
    default:
      return { [name]: { [`$${operator}`]: bind(value) } };
  }
}

/** The text itself, where LIKE would read a pattern: https://dev.mysql.com/doc/refman/8.4/en/string-comparison-functions.html#operator_like */
function literal(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}

/** `some`: at least one satisfies; `none`: none does; `every`: of none is the condition false. */
function quantified(name: string, quantifier: string, condition: Filter): Filter {
  const anyRow = { [name]: { $some: {} } };
  const noRow = { [name]: { $none: {} } };
  if (quantifier === 'some')
    return condition === true ? anyRow : condition && { [name]: { $some: condition } };
  if (quantifier === 'none') {
    if (typeof condition === 'boolean') return condition ? noRow : true;
    return { [name]: { $none: condition } };
  }
  if (typeof condition === 'boolean') return condition ? true : noRow;
  return { [name]: { $every: condition } };
}

export function all(conditions: readonly Filter[]): Filter {
  if (conditions.includes(false)) return false;
  const open = conditions.filter((condition) => condition !== true);
  return open.length === 0 ? true : open.length === 1 ? (open[0] as Filter) : { $and: open };
}

function any(conditions: readonly Filter[]): Filter {
  if (conditions.includes(true)) return true;
  const open = conditions.filter((condition) => condition !== false);
  return open.length === 0 ? false : open.length === 1 ? (open[0] as Filter) : { $or: open };
}

function not(condition: Filter): Filter {
  return typeof condition === 'boolean' ? !condition : { $not: condition };
}

function refuse(message: string): never {
  throw new TandemError('BAD_USER_INPUT', { message });
}
