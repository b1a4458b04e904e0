import type { EntityMetadata, EntityProperty } from '@mikro-orm/core';
import type { GraphQLResolveInfo } from 'graphql';
import { TandemError } from '../errors/tandem-error.ts';
import { type AggregatePlan, type AggregateRequest, planAggregate } from './aggregate.ts';
import { joinedOf } from './joined-list.ts';
import { linkOf } from './link.ts';
import { type Budget, type FilterSize, filterSizeBetween } from './operation-budget.ts';
import { type PagePlan, type PageRequest, planPage } from './page.ts';
import type { ItemPositions } from './place-values.ts';
import { costOfList, costOfListWhole } from './read-cost.ts';
import type { ReadList, ReadPlan } from './read-plan.ts';
import type { BelowRow, Selection } from './selection.ts';

/** A plan with the arguments that a request gives to the lists in it. */
export interface BoundPlan {
  readonly plan: ReadPlan;
  readonly relations: readonly { readonly property: EntityProperty; readonly bound: BoundPlan }[];
  readonly lists: readonly BoundList[];
  /** The list whose rows come in the same statement as those that they belong to; null for none. */
  readonly joined: BoundList | null;
  readonly aggregates: readonly BoundAggregate[];
  /** The cost of all statements below beside their rows (read-cost.ts). */
  readonly scanCost: number;
  /** Whether it is the same for each request. */
  readonly isConstant: boolean;
}

export interface BoundList {
  readonly list: ReadList;
  readonly page: PagePlan;
  /** How many rows are read of each owner: one more than the page has where that tells of another page. */
  readonly limit: number;
  readonly bound: BoundPlan;
  /** Whether its rows, or their count, may take reading a whole table. */
  readonly isScan: { readonly rows: boolean; readonly total: boolean };
  readonly scanCost: number;
}

export interface BoundAggregate {
  readonly below: BelowRow;
  readonly plan: AggregatePlan;
}

/** The parts of a request that a plan is bound to. */
export interface Binding {
  readonly variables: GraphQLResolveInfo['variableValues'];
  readonly budget: Budget;
  /** The positions that cursors of lists need, by the table that the list is of. */
  readonly positions: ReadonlyMap<EntityMetadata, ItemPositions>;
  /** Whether the rows of the plan are one at most. */
  readonly isOne: boolean;
}

/**
 * Gives the lists below a plan their arguments. Nothing has been read by then, so that what is wrong with them, or costs too much,
 * is refused before. Where none depends on a request, it is done once a document.
 *
 * @throws TandemError BAD_USER_INPUT naming the list and the argument
 */
export function bindPlan(plan: ReadPlan, binding: Binding): BoundPlan {
  const { budget } = binding;
  const known = constant.get(plan);
  if (known !== undefined) {
    budget.takeFilters(known.size);
    return known.bound;
  }
  const before = budget.filterSize;
  const relations = plan.relations.map(({ property, plan: child }) => ({
    property,
    bound: bindPlan(child, binding),
  }));
  const lists = plan.lists.map((list) => bindList(list, binding));
  const aggregates = plan.selection.aggregates.map((below) => bindAggregate(below, binding));
  const children = [...relations, ...lists].map(({ bound }) => bound);
  const bound: BoundPlan = {
    plan,
    relations,
    lists,
    joined: joinedOf(lists),
    aggregates,
    scanCost: [...lists, ...aggregates.map(({ plan: of }) => of), ...children].reduce(
      (sum, { scanCost }) => sum + scanCost,
      0,
    ),
    isConstant:
      children.every(({ isConstant }) => isConstant) &&
      [...plan.lists, ...plan.selection.aggregates].every(dependsOnNothing),
  };
  if (bound.isConstant) constant.set(plan, { bound, size: filterSizeBetween(before, budget.filterSize) });
  return bound;
}

/** Plans that are the same for each request, and what their filters take of its budget. */
const constant = new WeakMap<ReadPlan, { readonly bound: BoundPlan; readonly size: FilterSize }>();

/** The place at which a cursor begins is read anew. */
function dependsOnNothing({ argumentsOf }: BelowRow): boolean {
  if (!argumentsOf.isConstant) return false;
  const { after, before }: PageRequest = argumentsOf({});
  return after == null && before == null;
}

function bindList(list: ReadList, { variables, budget, positions, isOne }: Binding): BoundList {
  const { property, page: asked } = list;
  const meta = property.targetMeta as EntityMetadata;
  const page = named(list, () =>
    planPage(meta, list.argumentsOf(variables), budget, list.defaultOrder, positions.get(meta)),
  );
  const { size } = page.range;
  const rowsPlan = asked.cursors ? list.plan.including(page.order.map((step) => step.property)) : list.plan;
  const where = { filter: page.whole.filter, values: page.whole.values.list };
  const rowsCost = asked.rows
    ? costOfList(meta, where, {
        order: page.range.order,
        link: linkOf(property),
        // The key in a cursor is that of the rows, and no range of a table between.
        isSeek: !page.fromCursor || (isOne && linkOf(property).rows === null),
      })
    : 0;
  const totalCost = asked.total ? costOfListWhole(meta, where) : 0;
  return {
    list,
    page,
    limit: asked.pageInfo ? size + 1 : size,
    bound: bindPlan(rowsPlan, { variables, budget, positions, isOne: isOne && size <= 1 }),
    isScan: { rows: rowsCost > 0, total: totalCost > 0 },
    scanCost: rowsCost + totalCost,
  };
}

function bindAggregate(
  below: Selection['aggregates'][number],
  { variables, budget }: Binding,
): BoundAggregate {
  const meta = below.property.targetMeta as EntityMetadata;
  const request: AggregateRequest = below.argumentsOf(variables);
  const plan = named(below, () => planAggregate(meta, request, below.asked, budget, costOfListWhole));
  return { below, plan };
}

/** Says of which list an error of arguments is. */
function named<T>({ storageKey }: Pick<BelowRow, 'storageKey'>, plan: () => T): T {
  try {
    return plan();
  } catch (error) {
    if (!(error instanceof TandemError) || error.code !== 'BAD_USER_INPUT') throw error;
    const [name] = storageKey.split('(');
    throw new TandemError('BAD_USER_INPUT', { message: `${name}: ${error.message}`, cause: error });
  }
}
