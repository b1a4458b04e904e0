import type { EntityMetadata, EntityProperty } from '@mikro-orm/core';
import { codecOf } from '../column-types/column-types.ts';
import type { Order } from './order.ts';
import { isToOne, propertyOf } from './properties.ts';
import { type MakeRow, type RowColumn, rowMaker } from './row.ts';
import { isKeyAlone, type Selection } from './selection.ts';
import { createProjection, type Projection } from './statement.ts';

/**
 * How the rows are read that one field of a document selects from one table: columns, joins, the row maker, and the part of the
 * statement that the document fixes. Each part is made when it is first needed, and then kept with the plan.
 *
 * Where it is kept: selection-cache.ts keeps the plan of a field with the field's node, as long as the document lasts. A plan
 * without a place there (a field that was merged of several nodes) serves one request.
 *
 * What it relies on: the schema, the document, and the values of the variables that @skip and @include take; the cache has
 * one plan for each combination of these. It relies neither on the source, nor on arguments or other variables: `statement.ts`
 * makes one SQL text for each `projection.key`, shape of filter and order, and keeps those in use.
 */
export class ReadPlan {
  readonly selection: Selection;
  /** All relations that are asked for. Where the rows came as joined children, each costs one more statement. */
  readonly relations: readonly ReadRelation[];
  /** The to-many relation whose rows come in the same statement; null for none. */
  readonly joined: JoinedRelation | null;
  /** The relations but the joined one: what costs one more statement each where the rows had a statement of their own. */
  readonly attached: readonly ReadRelation[];
  /** Whether a text among the columns stands in the answer more than once for each row. */
  readonly repeatsTexts: boolean;
  #projection: Projection | undefined;
  #makeRow: MakeRow | undefined;
  /** Plans that read more columns, by the names of those. */
  #larger: Map<string, ReadPlan> | undefined;

  constructor(selection: Selection) {
    const { meta, relations, joined, texts } = selection;
    this.selection = selection;
    this.relations = [...relations].map(([name, child]) => {
      const property = propertyOf(meta, name);
      const order = isToOne(property) ? [] : entityOrder(property.orderBy);
      return { property, plan: new ReadPlan(child), order };
    });
    const isJoined = ({ property: { name } }: ReadRelation) => name === joined?.name;
    const relation = this.relations.find(isJoined);
    this.joined = relation === undefined ? null : new JoinedRelation(relation);
    this.attached = this.relations.filter((each) => !isJoined(each));
    this.repeatsTexts = texts.some(([, places]) => places > 1);
  }

  get projection(): Projection {
    const { meta, columns, parents } = this.selection;
    this.#projection ??= createProjection({
      meta,
      columns,
      parents,
      ...(this.joined && { join: this.joined.columns }),
    });
    return this.#projection;
  }

  /** Makes a row of a result's first values. */
  get makeRow(): MakeRow {
    const { meta, columns } = this.selection;
    this.#makeRow ??= rowMaker(rowColumns(meta, columns), fieldsBesideColumns(this.selection));
    return this.#makeRow;
  }

  /** Whether only the key is selected, so that no statement is needed. */
  get isKeyAlone(): boolean {
    return isKeyAlone(this.selection);
  }

  /** The same, with columns that the caller needs besides; there are as many as the entity has orders to page by. */
  including(columns: readonly string[]): ReadPlan {
    this.#larger ??= new Map();
    const name = columns.join();
    let plan = this.#larger.get(name);
    if (plan === undefined) {
      const all = [...new Set([...this.selection.columns, ...columns])];
      plan = new ReadPlan({ ...this.selection, columns: all });
      if (this.#larger.size < mostLarger) this.#larger.set(name, plan);
    }
    return plan;
  }
}

/** A variable can hold the order, so that a client decides how many there are. */
const mostLarger = 50;

/** A relation, and how its rows are read. */
export interface ReadRelation {
  readonly property: EntityProperty;
  readonly plan: ReadPlan;
  /** Of the rows of one parent. */
  readonly order: Order;
}

/** A to-many relation that is joined: each result row has the values of a parent, and then those of a child. */
export class JoinedRelation {
  readonly property: EntityProperty;
  readonly plan: ReadPlan;
  readonly columns: NonNullable<Projection['join']>;
  #makeRow: MakeRow | undefined;

  constructor({ property, plan, order }: ReadRelation) {
    const { name, mappedBy } = property;
    const { meta, columns, parents } = plan.selection;
    this.property = property;
    this.plan = plan;
    this.columns = {
      property: name,
      meta,
      // A child is attached by its parent's key, which the parent's columns have.
      columns: columns.filter((column) => column !== mappedBy),
      parents: parents.filter((parent) => parent !== mappedBy),
      order,
    };
  }

  /** Makes a child's row of the values behind those of its parent. */
  get makeRow(): MakeRow {
    const { meta, columns } = this.columns;
    this.#makeRow ??= rowMaker(rowColumns(meta, columns), fieldsBesideColumns(this.plan.selection));
    return this.#makeRow;
  }
}

function rowColumns(meta: EntityMetadata, columns: readonly string[]): RowColumn[] {
  return columns.map((name) => ({ name, read: codecOf(meta, name).read ?? null }));
}

/** What is put into a row besides its columns. */
function fieldsBesideColumns({ id, relations }: Selection): string[] {
  return ['source', ...(id ? ['id'] : []), ...relations.keys()];
}

function entityOrder(orderBy: EntityProperty['orderBy']): Order {
  return Object.entries(orderBy as Record<string, 'asc' | 'desc'>).map(([property, direction]) => ({
    property,
    direction,
  }));
}
