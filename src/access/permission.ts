import type { Collection } from '@mikro-orm/core';
import type { SourceName } from '../source-name.ts';
import { administratorRole } from './identity.ts';

/** The value of a claim, in a row rule: `claim('licence')`. Where the caller has none of its column's type, the rule is false. */
export class Claim {
  /** @param path the claim's name, or a path such as `address.region` */
  constructor(readonly path: string) {}
}

export const claim = (path: string): Claim => new Claim(path);

interface Comparisons<V> {
  readonly eq?: V | Claim;
  /** Each character of a text, where `eq` compares as the column's collation does. */
  readonly eqExact?: V | Claim;
  readonly ne?: V | Claim;
  readonly in?: readonly V[] | Claim;
  readonly notIn?: readonly V[] | Claim;
  readonly lt?: V | Claim;
  readonly lte?: V | Claim;
  readonly gt?: V | Claim;
  readonly gte?: V | Claim;
  readonly isNull?: boolean;
}

type ConditionOn<V> =
  V extends Collection<infer C>
    ? { readonly some?: RowRule<C>; readonly none?: RowRule<C>; readonly every?: RowRule<C> }
    : V extends { source: SourceName }
      ? RowRule<V>
      : Comparisons<V>;

/** Which rows: a filter in the API's own language (docs/reads.md), with claims in it. It runs without the rules of others. */
export type RowRule<E> = {
  readonly [K in keyof E]?: ConditionOn<NonNullable<E[K]>>;
} & {
  readonly and?: readonly RowRule<E>[];
  readonly or?: readonly RowRule<E>[];
  readonly not?: RowRule<E>;
};

/** The bounds of one operation on a table. */
interface Bounds<E> {
  /** Sources in which it is allowed; all of them by default. */
  readonly sources?: readonly SourceName[];
  /** Rows as they are before the operation; all of them by default. */
  readonly rows?: RowRule<E>;
  /** Rules of single sources, which hold there besides `rows`. */
  readonly rowsIn?: Readonly<Partial<Record<SourceName, RowRule<E>>>>;
}

/** The conditions on a row that a write makes. */
interface Checks<E> {
  /** Rows as they become: they are looked at before the commit, and must be readable besides. */
  readonly check?: RowRule<E>;
}

/** Columns by their names in the entity; all that the API has by default. `key`, `id` and `source` are always granted. */
interface Columns<E> {
  readonly columns?: readonly (keyof E & string)[];
}

/** Values that a write gives by itself: the column is then in no input. */
interface Presets<E> {
  readonly presets?: Partial<Record<keyof E & string, Claim | string | number | boolean | null>>;
}

export type ReadPermission<E> = Bounds<E> & Columns<E>;
/** A row that a write makes must be one that the role may read: it is looked at before the commit. */
export type CreatePermission<E> = Omit<Bounds<E>, 'rows' | 'rowsIn'> & Columns<E> & Presets<E> & Checks<E>;
export type UpdatePermission<E> = Bounds<E> & Columns<E> & Presets<E> & Checks<E>;
export type DeletePermission<E> = Bounds<E>;

/** The permissions of a role on a table; an operation that has none is denied. `true`: without bounds. */
// biome-ignore lint/suspicious/noExplicitAny: the permission of any entity
export interface TablePermission<E = any> {
  readonly read: true | ReadPermission<E>;
  readonly create?: true | CreatePermission<E>;
  readonly update?: true | UpdatePermission<E>;
  readonly delete?: true | DeletePermission<E>;
}

/** Features that belong to no table: each is a permission of its own. */
export const features = [
  'introspection',
  'metrics',
  'sources',
  'drift',
  'erd',
  'parity',
  'parityRuns',
  'migrations',
] as const;
export type Feature = (typeof features)[number];

/** A role beside its tables. */
export interface RoleOptions {
  readonly description: string;
  readonly features?: readonly Feature[];
  /** Values that one operation may read, where that is less than LIMIT_COST. */
  readonly cost?: number;
  /** Rows of one page, and of one `nodes`, at most; it bounds neither counts nor aggregates. */
  readonly pageRows?: number;
  /** Requests a minute of one caller in this role, by all processes of the server together. */
  readonly requestsPerMinute?: number;
}

/** All that roles may do: the roles, and by the names of entities what each may do with a table. */
export interface AccessRules {
  readonly roles: Readonly<Record<string, RoleOptions>>;
  readonly tables: Readonly<Record<string, Readonly<Record<string, TablePermission>>>>;
}

/** The features that a role has. */
export function featuresOf({ roles }: AccessRules, role: string): readonly Feature[] {
  return role === administratorRole ? features : (roles[role]?.features ?? []);
}

/** The permission of a role for one operation on a table; undefined where it has none. */
export function permissionOf<O extends keyof TablePermission>(
  { tables }: AccessRules,
  role: string,
  entity: string,
  operation: O,
): Exclude<NonNullable<TablePermission[O]>, true> | undefined {
  const table = Object.hasOwn(tables, entity) ? tables[entity] : undefined;
  const own = table && Object.hasOwn(table, role) ? table[role] : undefined;
  const permission = own?.[operation];
  const bounds = permission === true ? {} : permission;
  return (
    operation === 'update'
      ? withReadColumns(bounds as UpdatePermission<unknown> | undefined, own?.read)
      : bounds
  ) as Exclude<NonNullable<TablePermission[O]>, true> | undefined;
}

/** A role changes by default the columns that it reads: of others, the argument `expected` would tell what they hold. */
function withReadColumns(
  update: UpdatePermission<unknown> | undefined,
  read: TablePermission['read'] | undefined,
): UpdatePermission<unknown> | undefined {
  const columns = typeof read === 'object' ? read.columns : undefined;
  return update === undefined || update.columns !== undefined || columns === undefined
    ? update
    : { ...update, columns: columns as never };
}
