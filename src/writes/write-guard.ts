import type { EntityMetadata } from '@mikro-orm/core';
import { claimOf } from '../access/claims.ts';
import { type ActiveIdentity, administratorRole } from '../access/identity.ts';
import { type AccessRules, Claim, permissionOf } from '../access/permission.ts';
import { columnNamed, primaryKeyOf } from '../column-types/column-types.ts';
import type { RowKey } from '../column-types/table-key.ts';
import { TandemError } from '../errors/tandem-error.ts';
import { tuple } from '../reads/condition-to-sql.ts';
import { isClaimSlot } from '../reads/guarded-table.ts';
import type { GuardOf, RowGuard } from '../reads/row-guard.ts';
import { inputOfClaim } from '../reads/row-rule.ts';
import type { SourceName } from '../source-name.ts';
import { fieldOf } from '../sources/api-names.ts';
import { quoteName } from '../sql/quote.ts';
import type { Input } from './input-fields.ts';
import { among, ownKey } from './key-columns.ts';

/** SQL with a question mark for each parameter. */
export interface SqlPart {
  readonly sql: string;
  readonly params: readonly (string | number)[];
}

/** The rows that one caller may write to one source. */
export interface WriteGuard {
  /** Whether something is there that the caller must not learn of by an error. */
  readonly hidesAnything: boolean;
  /** @throws TandemError FORBIDDEN where the caller may not do this in this source */
  check(meta: EntityMetadata, operation: 'create' | 'update' | 'delete'): void;
  /** The condition for rows with these keys to be ones that the caller may change or delete; null: every row is. */
  condition(meta: EntityMetadata, operation: 'update' | 'delete', keys: readonly RowKey[]): SqlPart | null;
  /** The rows of a table that the caller may read or delete, as a table; null: all of them. */
  rows(meta: EntityMetadata, operation: 'read' | 'delete'): SqlPart | null;
  /** The rows of a table that the caller may read, as a table; null: all of them. */
  readable(meta: EntityMetadata): SqlPart | null;
  /** The rows of a table that the operation may make, as a table; null: all of them. */
  becoming(meta: EntityMetadata, operation: 'create' | 'update'): SqlPart | null;
  /**
   * The input with the values that the caller does not choose.
   *
   * @throws TandemError FORBIDDEN where a claim for one of them is missing
   */
  withPresets(meta: EntityMetadata, operation: 'create' | 'update', input: Input): Input;
}

/** The guards of operations: of rows as they are before, and as a create and an update make them. */
export interface OperationGuards extends Readonly<Record<'read' | 'update' | 'delete', GuardOf>> {
  readonly becoming: Readonly<Record<'create' | 'update', GuardOf>>;
}

/** Makes write guards of the guards of operations. */
export function createWriteGuards(
  source: SourceName,
  rules: AccessRules,
  guards: OperationGuards,
): (identity: ActiveIdentity) => WriteGuard {
  return (identity) => {
    const of = {
      read: guards.read(identity),
      update: guards.update(identity),
      delete: guards.delete(identity),
    };
    const isBound = identity.role !== administratorRole;
    return {
      hidesAnything: isBound && of.read.tables.size > 0,

      check(meta, operation) {
        if (!isBound) return;
        const permission = permissionOf(rules, identity.role, meta.className, operation);
        if (
          permission !== undefined &&
          (permission.sources?.includes(source) ?? true) &&
          of.read.mayRead(meta)
        )
          return;
        throw new TandemError('FORBIDDEN', {
          source,
          message: `You may not ${operation} ${meta.className} rows of ${source}.`,
        });
      },

      condition(meta, operation, keys) {
        const rows = partOf(of[operation], meta);
        if (rows === null) return null;
        const columns = primaryKeyOf(meta).columns.map(({ name }) =>
          quoteName(columnNamed(meta, name).column),
        );
        const under = (alias: string) => columns.map((column) => `\`${alias}\`.${column}`).join(', ');
        const ofKeys = among(ownKey(meta, 'h'), keys);
        // MySQL takes the table that it changes in a subquery only from a copy, which is of few rows here:
        // https://dev.mysql.com/doc/refman/8.4/en/update.html
        return {
          sql: `${tuple(columns)} in (select /*+ NO_MERGE(\`g\`) */ ${under('g')} from (select ${under('h')} from (${rows.sql}) as \`h\` where ${ofKeys.sql}) as \`g\`)`,
          params: [...rows.params, ...ofKeys.params] as SqlPart['params'],
        };
      },

      becoming: (meta, operation) => partOf(guards.becoming[operation](identity), meta),

      rows: (meta, operation) => partOf(of[operation], meta),

      readable: (meta) => (of.read.hidesRows(meta) ? partOf(of.read, meta) : null),

      withPresets(meta, operation, input) {
        const presets = permissionOf(rules, identity.role, meta.className, operation)?.presets;
        if (presets === undefined) return input;
        const values = Object.entries(presets).map(([name, preset]) => {
          const property = meta.properties[name as never] as never as EntityMetadata['props'][number];
          if (!(preset instanceof Claim)) return [fieldOf(property), preset];
          const value = inputOfClaim(claimOf(identity.claims, preset.path), meta, property);
          if (value !== undefined) return [fieldOf(property), value];
          throw new TandemError('FORBIDDEN', {
            source,
            message: 'The token lacks a claim that this change takes a value from.',
          });
        });
        return { ...input, ...Object.fromEntries(values) };
      },
    };
  };
}

function partOf({ tables, values }: RowGuard, { tableName }: EntityMetadata): SqlPart | null {
  const table = tables.get(tableName);
  if (table === undefined) return null;
  return {
    sql: table.sql,
    params: table.params.map(
      (param) => (isClaimSlot(param) ? values[param.claim] : param) as string | number,
    ),
  };
}
