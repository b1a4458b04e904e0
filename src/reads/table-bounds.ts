import type { EntityMetadata } from '@mikro-orm/core';
import { administratorRole } from '../access/identity.ts';
import { type AccessRules, permissionOf, type TablePermission } from '../access/permission.ts';
import type { SourceName } from '../source-name.ts';
import type { Where } from './filter-to-condition.ts';
import { claimsOf, type RuleClaim } from './row-rule.ts';

/** A table's bounds for a role. */
export interface TableBounds {
  readonly meta: EntityMetadata;
  readonly columns: readonly string[] | undefined;
  readonly rule: Where | undefined;
  readonly claims: readonly RuleClaim[];
  readonly isDenied: boolean;
}

/** The bounds of a table for a role and an operation, by its permissions. */
export function boundsOfTable(
  rules: AccessRules,
  role: string,
  meta: EntityMetadata,
  {
    source,
    operation,
    becoming,
  }: { source: SourceName; operation: keyof TablePermission; becoming: boolean },
): TableBounds {
  if (role === administratorRole) {
    return { meta, columns: undefined, rule: undefined, claims: [], isDenied: false };
  }
  const read = permissionOf(rules, role, meta.className, 'read');
  const permission = permissionOf(rules, role, meta.className, operation);
  const isDenied = [read, permission].some(
    (one) => one === undefined || (one.sources !== undefined && !one.sources.includes(source)),
  );
  // A role may neither change nor delete rows that it may not read.
  const of = becoming ? [permission] : [...new Set([read, permission])];
  const all = of.flatMap((one) => rulesOf(one, source, becoming));
  const rule = all.length > 1 ? { and: all } : all[0];
  return {
    meta,
    columns: becoming ? undefined : (read?.columns as readonly string[] | undefined),
    rule,
    claims: rule === undefined ? [] : claimsOf(meta, rule),
    isDenied,
  };
}

interface Rules {
  readonly rows?: Where;
  readonly rowsIn?: Readonly<Partial<Record<SourceName, Where>>>;
  readonly check?: Where;
}

function rulesOf(permission: object | undefined, source: SourceName, becoming: boolean): Where[] {
  const { rows, rowsIn, check } = (permission ?? {}) as Rules;
  return (becoming ? [check] : [rows, rowsIn?.[source]]).filter((rule) => rule !== undefined);
}
