import type { EntityMetadata } from '@mikro-orm/core';
import { memoizeWeak } from '../util/memoize-weak.ts';
import { aggregateMaker, type MakeAggregate } from './aggregate-maker.ts';
import type { Order } from './order.ts';
import { createProjection, type FunctionCall, type Projection } from './select-spec.ts';

/** The parts of an aggregate that an operation asks for. */
export interface AskedOfAggregate {
  /** The properties that each function is asked of. */
  readonly functions: ReadonlyMap<FunctionCall['name'], readonly string[]>;
  /** Values that each group gives the answer. */
  readonly values: number;
}

/** The form of an aggregate over groups by certain properties, whatever their rows. */
export interface AggregateForm {
  /** Properties to group by. */
  readonly groups: readonly string[];
  /** The first counts the rows. */
  readonly calls: readonly FunctionCall[];
  readonly projection: Projection;
  /** Groups come in the order of their properties. */
  readonly order: Order;
  readonly make: MakeAggregate;
}

/** By the properties to group by, which a variable can hold: as many as a client is likely to use. */
const formsOf = memoizeWeak((_: AskedOfAggregate) => new Map<string, AggregateForm>());
const mostForms = 50;

/** The form of a document's selection stays with the document. */
export function aggregateFormOf(
  meta: EntityMetadata,
  asked: AskedOfAggregate,
  groups: readonly string[],
): AggregateForm {
  const forms = formsOf(asked);
  const name = [meta.className, ...groups].join();
  const known = forms.get(name);
  if (known !== undefined) return known;
  const calls: FunctionCall[] = [groups.includes(countAll.as) ? countBeside : countAll];
  for (const [function_, properties] of asked.functions) {
    for (const property of properties) {
      if (meta.properties[property] === undefined) continue;
      calls.push({ name: function_, property, as: `${function_}:${property}` });
    }
  }
  const form = createForm(meta, calls, groups);
  if (forms.size < mostForms) forms.set(name, form);
  return form;
}

function createForm(
  meta: EntityMetadata,
  calls: readonly FunctionCall[],
  groups: readonly string[],
): AggregateForm {
  return {
    groups,
    calls,
    projection: createProjection({ meta, columns: groups, functions: calls, groupBy: groups }),
    order: groups.map((property) => ({ property, direction: 'asc' as const })),
    make: aggregateMaker(meta, calls, groups),
  };
}

/** How many rows there are, and no more. */
export const countForm = memoizeWeak((meta: EntityMetadata) => createForm(meta, [countAll], []));

const countAll: FunctionCall = { name: 'count', as: 'count' };
/** Beside a column called `count`. */
const countBeside: FunctionCall = { name: 'count', as: 'count:' };
