import type { EntityMetadata, EntityProperty } from '@mikro-orm/core';
import { Claim } from '../access/permission.ts';
import { codecOf } from '../column-types/column-types.ts';
import { type EntityField, fieldsOf, fieldTypeOf } from '../column-types/entity-fields.ts';
import { LaterOperand } from './compare-column.ts';
import { isToOne, propertyOf } from './entity-properties.ts';
import type { Where } from './filter-to-condition.ts';
import { isConstantOf, itemsOf } from './rule-constant.ts';

/** A claim in a rule, with the property that it is compared with. */
export interface RuleClaim {
  readonly path: string;
  readonly meta: EntityMetadata;
  readonly property: EntityProperty;
  /** Whether the operator takes a list. */
  readonly list: boolean;
}

const withClaims: ReadonlySet<string> = new Set([
  'eq',
  'eqExact',
  'ne',
  'in',
  'notIn',
  'lt',
  'lte',
  'gt',
  'gte',
]);
const withTexts: ReadonlySet<string> = new Set(['isNull', 'contains', 'startsWith', 'endsWith']);

/** The fault of a rule, as a sentence; null where it has none. */
export function ruleProblem(meta: EntityMetadata, rule: Where): string | null {
  for (const [name, operand] of Object.entries(rule)) {
    const problem = partProblem(meta, name, operand);
    if (problem !== null) return problem;
  }
  return null;
}

function partProblem(meta: EntityMetadata, name: string, operand: unknown): string | null {
  if (typeof operand !== 'object' || operand === null) return `${name} has no conditions`;
  if (name === 'not') return ruleProblem(meta, operand as Where);
  if (name === 'and' || name === 'or')
    return firstProblem(operand as Where[], (part) => ruleProblem(meta, part));
  if (!Object.hasOwn(meta.properties, name)) return `${name} is no property of ${meta.className}`;
  const property = propertyOf(meta, name);
  const target = property.targetMeta;
  if (target === undefined) {
    return firstProblem(Object.entries(operand), ([operator, value]) =>
      withClaims.has(operator) || (withTexts.has(operator) && !(value instanceof Claim))
        ? operandProblem(meta, property, operator, value)
        : `${name}.${operator} is no comparison, or takes no claim`,
    );
  }
  if (isToOne(property)) return ruleProblem(target, operand as Where);
  return firstProblem(Object.entries(operand), ([quantifier, part]) =>
    quantifiers.includes(quantifier)
      ? ruleProblem(target, part as Where)
      : `${name}.${quantifier} is not some, none or every`,
  );
}

function operandProblem(
  meta: EntityMetadata,
  property: EntityProperty,
  operator: string,
  operand: unknown,
): string | null {
  if (operand instanceof Claim) {
    const isKnown = fieldsOf(meta.class as never).some(({ name }) => name === property.name);
    return isKnown ? null : `${property.name}.${operator} compares a column without a @Field with a claim`;
  }
  if (withTexts.has(operator)) return null;
  const values = operator === 'in' || operator === 'notIn' ? operand : [operand];
  if (Array.isArray(values) && values.every(isConstantOf(meta, property))) return null;
  const items = itemsOf(meta, property);
  return `${property.name}.${operator} is no value of its column${items ? ` (${items.join(', ')})` : ''}`;
}

const quantifiers: readonly string[] = ['some', 'none', 'every'];

function firstProblem<T>(parts: readonly T[], problemOf: (part: T) => string | null): string | null {
  return parts.map(problemOf).find((problem) => problem !== null) ?? null;
}

/** The value of a claim, or of one place of a claim that is a list; it stands in a condition until the values are known. */
export class ClaimValue extends LaterOperand {
  constructor(
    readonly claim: number,
    readonly at: number | null,
  ) {
    super();
  }
}

/** The claims of a rule, in the order in which they stand there. */
export function claimsOf(meta: EntityMetadata, rule: Where): RuleClaim[] {
  return Object.entries(rule).flatMap(([name, operand]): RuleClaim[] => {
    if (name === 'and' || name === 'or') return (operand as Where[]).flatMap((part) => claimsOf(meta, part));
    if (name === 'not') return claimsOf(meta, operand as Where);
    const property = propertyOf(meta, name);
    const target = property.targetMeta;
    if (target !== undefined) {
      const isQuantified = Object.keys(operand as Where).some((key) =>
        ['some', 'none', 'every'].includes(key),
      );
      const parts = isQuantified ? Object.values(operand as Where) : [operand];
      return parts.flatMap((part) => claimsOf(target, part as Where));
    }
    return Object.entries(operand as Where).flatMap(([operator, value]) =>
      value instanceof Claim
        ? [{ path: value.path, meta, property, list: operator === 'in' || operator === 'notIn' }]
        : [],
    );
  });
}

/**
 * The rule as a filter, in which marks stand for the values of its claims.
 *
 * @param lengths of the claims that are lists, by their places among `claimsOf`
 */
export function withClaimValues(rule: Where, lengths: readonly (number | null)[]): Where {
  let next = 0;
  const replace = (value: unknown): unknown => {
    if (value instanceof Claim) {
      const claim = next++;
      const length = lengths[claim];
      if (length === null || length === undefined) return new ClaimValue(claim, null);
      return Array.from({ length }, (_, at) => new ClaimValue(claim, at));
    }
    if (Array.isArray(value)) return value.map(replace);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, replace(part)]));
  };
  return replace(rule) as Where;
}

/** Values of a list that one claim may have. */
const mostValues = 1000;

/**
 * The value of a claim as a parameter for its column. It must be one that the API takes for the column: a text for a text, a number for
 * a number. MySQL would convert any other, and take 'abc' for 0. Undefined where there is none, or one of another type.
 */
export function valueOfClaim(claim: unknown, { meta, property, list }: RuleClaim): unknown {
  const take = parameterOf(meta, property);
  if (!list) return take(claim);
  if (!Array.isArray(claim) || claim.length === 0 || claim.length > mostValues) return undefined;
  const values = claim.map(take);
  return values.includes(undefined) ? undefined : values;
}

function parameterOf(meta: EntityMetadata, property: EntityProperty): (value: unknown) => unknown {
  const { bind } = codecOf(meta, property.name);
  const parse = parserOf(meta, property);
  return (value) => {
    const parsed = parse(value);
    if (parsed === undefined) return undefined;
    const bound = bind === undefined ? parsed : bind(parsed as never);
    return typeof bound === 'boolean' ? Number(bound) : bound;
  };
}

/**
 * The value of a claim as an input has it, for a column, or for a relation: then it is the key of the row that is referred to. Undefined
 * where there is none, or one of another type.
 */
export function inputOfClaim(claim: unknown, meta: EntityMetadata, property: EntityProperty): unknown {
  const { targetMeta } = property;
  if (targetMeta === undefined) return parserOf(meta, property)(claim);
  const [key, ...more] = targetMeta.getPrimaryProps();
  return key === undefined || more.length > 0 ? undefined : inputOfClaim(claim, targetMeta, key);
}

/** Takes a value as the API does for a column; undefined for any that it would not take, and of a column that it does not have. */
function parserOf(meta: EntityMetadata, property: EntityProperty): (value: unknown) => unknown {
  const { operandProblem } = codecOf(meta, property.name);
  const field = fieldsOf(meta.class as never).find(({ name }) => name === property.name);
  const parse = field && parserOfField(field);
  return (value) => {
    if (value === null || value === undefined || parse === undefined) return undefined;
    try {
      const parsed = parse(value);
      return (operandProblem?.(parsed as never) ?? null) === null ? parsed : undefined;
    } catch {
      return undefined;
    }
  };
}

function parserOfField(field: EntityField): ((value: unknown) => unknown) | undefined {
  const scalar = fieldTypeOf(field);
  if (scalar === 'enum') return (value) => (Object.values(field.type()).includes(value) ? value : undefined);
  return typeof scalar === 'object' ? (value) => scalar.parseValue(value) : undefined;
}
