import type { EntityProperty } from '@mikro-orm/core';
import { primaryKeyOf } from '../column-types/column-types.ts';
import { type RowKey, valuesOfKey } from '../column-types/table-key.ts';
import { withGetters } from './computed-fields.ts';
import type { OrderBy } from './order.ts';
import { codecAt, type OrderPath } from './order-path.ts';
import { type Made, type MakeRow, type Row, rowMaker } from './row.ts';
import { createProjection, type Projection } from './select-spec.ts';
import { type ArgumentsOf, isKeyAlone, type PageSelection, type Selection } from './selection.ts';

/**
 * How the rows are read that one field of a document selects from one table: columns, the row maker, and the part of the
 * statement that the document fixes. Each part is made when it is first needed, and then kept with the plan.
 *
 * Where it is kept: selection-cache.ts keeps the plan of a field with the field's node, as long as the document lasts. A plan
 * without a place there (a field that was merged of several nodes) serves one request.
 *
 * It relies on the schema, the document, and the values of the variables that @skip and @include take; the cache has
 * one plan for each combination of these. It relies neither on the source, nor on arguments or other variables: these come in by
 * bound-plan.ts, and `statement-cache.ts` makes one SQL text for each `projection.key`, shape of filter and order, and keeps those in use.
 */
export class ReadPlan {
  readonly selection: Selection;
  /** To-one relations that are asked for; each costs one more statement. */
  readonly relations: readonly ReadRelation[];
  readonly lists: readonly ReadList[];
  /** Those below at any depth to which the document gives a cursor. */
  readonly listsFromCursors: readonly ReadList[];
  /** Whether a text among the columns stands in the answer more than once for each row. */
  readonly repeatsTexts: boolean;
  #projection: Projection | undefined;
  #makeRow: MakeRow | undefined;
  #makeKeyRow: MakeRow | undefined;
  /** Plans that read more columns, by the names of those. */
  #larger: Map<string, ReadPlan> | undefined;
  #computing: { readonly sql: string; readonly plan: ReadPlan } | undefined;

  constructor(selection: Selection) {
    const { meta, relations, lists, texts } = selection;
    this.selection = selection;
    this.relations = [...relations].map(([name, child]) => ({
      property: meta.properties[name] as unknown as EntityProperty,
      plan: new ReadPlan(child),
    }));
    this.lists = lists.map((list) => new ReadList(list));
    this.listsFromCursors = [
      ...this.lists.filter(({ argumentsOf }) => argumentsOf.hasCursor),
      ...[...this.relations, ...this.lists].flatMap(({ plan }) => plan.listsFromCursors),
    ];
    this.repeatsTexts = texts.some(([, places]) => places > 1);
  }

  get projection(): Projection {
    const { meta, columns, computed } = this.selection;
    this.#projection ??= createProjection({ meta, columns, ...(computed && { computed }) });
    return this.#projection;
  }

  /** Makes a row of a result's values from some place on. */
  get makeRow(): MakeRow {
    this.#makeRow ??= withGetters(rowMakerOf(this.selection, false), this.selection.getters);
    return this.#makeRow;
  }

  /** A row of which no more is asked than its key. */
  rowOfKey(key: RowKey): Row {
    this.#makeKeyRow ??= rowMakerOf(this.selection, true);
    return this.#makeKeyRow(valuesOfKey(primaryKeyOf(this.selection.meta), key), 0);
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
      plan = new ReadPlan({ ...this.selection, columns: all, kept: columns });
      if (this.#larger.size < mostLarger) this.#larger.set(name, plan);
    }
    return plan;
  }

  /** The same, with the value of an expression besides, under a name that no property has. The last one is kept. */
  computing(name: string, sql: string): ReadPlan {
    if (this.#computing?.sql !== sql) {
      const { columns } = this.selection;
      const selection = {
        ...this.selection,
        columns: [...columns, name],
        computed: new Map([[name, sql]]),
      };
      this.#computing = { sql, plan: new ReadPlan(selection) };
    }
    return this.#computing.plan;
  }
}

/** A variable can hold the order, so that a client decides how many there are. */
const mostLarger = 50;

/** A to-one relation, and how its rows are read. */
export interface ReadRelation {
  readonly property: EntityProperty;
  readonly plan: ReadPlan;
}

/** A page of a to-many relation, and how its rows are read. */
export class ReadList {
  readonly storageKey: string;
  readonly property: EntityProperty;
  readonly argumentsOf: ArgumentsOf;
  readonly page: PageSelection;
  readonly plan: ReadPlan;
  /** Of the rows of one parent, where the request has none. */
  readonly defaultOrder: OrderBy;

  constructor({ storageKey, property, argumentsOf, page }: Selection['lists'][number]) {
    this.storageKey = storageKey;
    this.property = property;
    this.argumentsOf = argumentsOf;
    this.page = page;
    this.plan = new ReadPlan(ofOwner(page.selection, property.mappedBy));
    this.defaultOrder = Object.entries((property.orderBy ?? {}) as Record<string, string>).map(
      ([name, direction]) => ({ [name]: direction === 'desc' ? 'DESC' : 'ASC' }),
    );
  }
}

/** A row below another does not have to read the other's key. */
function ofOwner(selection: Selection, owner: string): Selection {
  const references = new Map(selection.references);
  references.delete(owner);
  const needed = new Set([
    ...primaryKeyOf(selection.meta).columns.map(({ name }) => name),
    ...[...references.values()].flat(),
  ]);
  const own = new Set(selection.references.get(owner));
  const columns = selection.columns.filter((name) => !own.has(name) || needed.has(name));
  return { ...selection, columns, references };
}

/** @param areRead whether the values of columns are the API's already */
function rowMakerOf(selection: Selection, areRead: boolean): MakeRow {
  const { meta, columns, references, kept = [], computed } = selection;
  const key = primaryKeyOf(meta);
  const names = key.columns.map(({ name }) => name);
  const made: Made[] = [...references].map(([name, of]) => ({ name, keyOf: of }));
  if (key.place !== 'key') {
    made.push({ name: key.place, keyOf: names });
    if (selection.key) made.push({ name: 'key', object: key.columns.map(({ path, name }) => [path, name]) });
  }
  const ofReferences = new Set([...references.values()].flat());
  const isKept = (path: OrderPath) => names.includes(path) || kept.includes(path) || !ofReferences.has(path);
  const rowColumns = columns.map((path) => ({
    name: path,
    read: areRead || computed?.has(path) ? null : (codecAt(meta, path).read ?? null),
    isKept: isKept(path),
  }));
  return rowMaker(rowColumns, made, fieldsBesideColumns(selection));
}

/** The fields of a row besides its columns. */
function fieldsBesideColumns({ id, relations, lists, aggregates }: Selection): string[] {
  const below = [...lists, ...aggregates].map(({ storageKey }) => storageKey);
  return ['source', ...(id ? ['id'] : []), ...relations.keys(), ...below];
}
