import type { MetadataStorage } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/mysql';
import { LRUCache } from 'lru-cache';
import { tablesIn } from '../sql/replace-tables.ts';
import { memoizeWeak } from '../util/memoize-weak.ts';
import { knownFilter } from './filter-cache.ts';
import { keylessTables } from './keyless.ts';
import type { Order } from './order.ts';
import type { RowGuard } from './row-guard.ts';
import type { ListSpec, Projection, SelectSpec } from './select-spec.ts';
import { buildSelect } from './select-to-sql.ts';
import { fill, inParts, partsOf, type Template } from './statement-template.ts';

/** The text and the values of a prepared statement. */
export interface BoundStatement {
  readonly sql: string;
  readonly params: readonly (string | number)[];
  /** Whether it may read a whole table. */
  readonly isScan: boolean;
  /** The tables that it names, those of the role's rules left out; absent: it reads no rows. */
  readonly tables?: readonly string[];
  /** Whether it looks for a part of a text, and of a view. */
  readonly likesView?: boolean;
}

/** Makes the statement of a SELECT; `guard`: the rows that its caller may read, absent or null: all of them. */
export type MakeStatement = (
  spec: SelectSpec,
  values: readonly unknown[],
  guard?: RowGuard | null,
) => BoundStatement;

type Known = Template & Required<Pick<BoundStatement, 'tables' | 'likesView'>>;

const isLike = / like \? /;

/** The names of views. */
const viewsOf = (metadata: MetadataStorage) =>
  new Set([...metadata.getAll().values()].flatMap(({ view, tableName }) => (view === true ? tableName : [])));

/** Characters that weigh as much as a slot. */
const slotSize = 40;

/**
 * Makes statements. Those of one form, which differ in their values alone, share the SQL
 * that the query builder made for the first of them: building it costs as much as running it. The forms used
 * latest are kept, at most `capacity` and `maxSize` characters of them.
 */
export function createStatements(
  em: SqlEntityManager,
  { capacity = 500, maxSize = 2 ** 20 } = {},
): MakeStatement {
  const templates = new LRUCache<string, Known>({
    max: capacity,
    maxSize,
    sizeCalculation: ({ sql, slots }, form) => form.length + sql.length + slots.length * slotSize,
  });

  const views = viewsOf(em.getMetadata());
  const keyless = keylessTables(em.getMetadata());
  /** By projection: a document's statements differ in their values alone, mostly, and the text of a form costs more than to look. */
  const latest = new WeakMap<Projection, Latest>();

  function find(spec: SelectSpec, guard: RowGuard | null): Known {
    const form = guard === null ? formOf(spec) : guard.key + formOf(spec);
    let template = templates.get(form);
    if (template === undefined) {
      const built = buildSelect(em, spec, guard !== null);
      const tables = tablesIn(built.sql);
      const likesView = isLike.test(built.sql) && tables.some((name) => views.has(name));
      template = { ...inParts(partsOf(built, guard, keyless), built), tables, likesView };
      templates.set(form, template);
    }
    const { projection, filter, order, limit, owners, list } = spec;
    if (owners === undefined) {
      const isLimited = limit !== undefined;
      latest.set(projection, { filter, order, isLimited, list, role: guard?.key, template });
    }
    return template;
  }

  return (spec, values, guard = null) => {
    const before = latest.get(spec.projection);
    const template = before !== undefined && isOf(before, spec, guard) ? before.template : find(spec, guard);
    return {
      sql: template.sql,
      params: template.slots.map((slot) => fill(slot, spec, values, guard)),
      isScan: spec.isScan === true,
      tables: template.tables,
      likesView: template.likesView,
    };
  };
}

/** The objects that a statement was made of, none of which changes, and its template. */
interface Latest extends Pick<SelectSpec, 'filter' | 'order'> {
  readonly list: ListSpec | undefined;
  readonly isLimited: boolean;
  /** `RowGuard.key` */
  readonly role: string | undefined;
  readonly template: Known;
}

/** Whether a statement is made of the same. */
function isOf(latest: Latest, spec: SelectSpec, guard: RowGuard | null): boolean {
  return (
    latest.filter === spec.filter &&
    latest.order === spec.order &&
    latest.list === spec.list &&
    latest.isLimited === (spec.limit !== undefined) &&
    spec.owners === undefined &&
    latest.role === guard?.key
  );
}

/** The form of a statement: two of one form share their SQL. */
function formOf({ projection, filter, order, limit, owners, list }: SelectSpec): string {
  const ofOwners = owners === undefined ? '' : JSON.stringify([owners.link.key, owners.keys]);
  const ofFilter = knownFilter(filter)?.text ?? JSON.stringify(filter);
  const ofLimit = limit === undefined ? 'all' : 'some';
  const form = `${projection.key} ${ofFilter} ${textOfOrder(order)} ${ofLimit} ${ofOwners}`;
  return list === undefined ? form : `${form} with ${formOfList(list)}`;
}

/** Most last. */
const textOfOrder = memoizeWeak((order: Order) => JSON.stringify(order));

const formOfList = memoizeWeak(
  ({ projection, link, filter, order }: ListSpec) =>
    projection.key + JSON.stringify([link.key, filter, order]),
);
