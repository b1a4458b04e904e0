import { parseGrants, rightsOn } from '../information-schema/grants.ts';
import type { Kind } from './finding.ts';

/**
 * The kinds of which an account may not see all that there is: what it does not see is not missing.
 * https://dev.mysql.com/doc/refman/8.4/en/information-schema-introduction.html#information-schema-privileges
 */
export function notVisibleTo(
  grants: readonly string[],
  { schema, tables }: { readonly schema: string; readonly tables: readonly string[] },
): Kind[] {
  const parsed = parseGrants(grants);
  const may = (privilege: string) =>
    rightsOn(parsed, { schema, tables, needed: [privilege], harmless: [] }).missing.length === 0;
  const onServer = parsed.some(
    (grant) =>
      !grant.revoked &&
      grant.schema === '*' &&
      grant.privileges.some((name) => ['SHOW_ROUTINE', 'SELECT', 'ALL PRIVILEGES'].includes(name)),
  );
  // MySQL shows constraints only to accounts that may do more with a table than read it.
  const more = [
    'INSERT',
    'UPDATE',
    'DELETE',
    'ALTER',
    'INDEX',
    'REFERENCES',
    'CREATE',
    'DROP',
    'TRIGGER',
  ].some(may);
  const seen = {
    FOREIGN_KEY: more,
    CHECK: more,
    VIEW: may('SHOW VIEW'),
    TRIGGER: may('TRIGGER'),
    // Without, it sees the routines that it may run or has made.
    ROUTINE: onServer || may('CREATE ROUTINE') || may('ALTER ROUTINE') || may('EXECUTE'),
    EVENT: may('EVENT'),
  } satisfies Partial<Record<Kind, boolean>>;
  return (Object.keys(seen) as (keyof typeof seen)[]).filter((kind) => !seen[kind]);
}
