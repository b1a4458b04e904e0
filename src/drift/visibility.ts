import { parseGrants, rightsOn } from '../information-schema/grants.ts';
import type { SchemaModel } from '../information-schema/model.ts';
import type { SourceName } from '../source-name.ts';
import type { ComparisonScope } from './comparison-scope.ts';
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

/**
 * Whose definitions an account may not see, where it sees that they are there: what they say was not compared. One
 * sentence a kind.
 */
export function hiddenDefinitions(
  source: SourceName,
  { views, triggers, routines, events }: SchemaModel,
  { tables = () => true, programs = true }: ComparisonScope,
  notVisible: ReadonlySet<Kind>,
): string[] {
  const hidden = {
    VIEW: views.filter(({ name, definition }) => definition === null && tables(name)),
    TRIGGER: triggers.filter(({ table, body }) => body === null && tables(table)),
    ROUTINE: routines.filter(({ body }) => body === null && programs),
    EVENT: events.filter(({ body }) => body === null && programs),
  } satisfies Partial<Record<Kind, readonly { readonly name: string }[]>>;
  return (Object.keys(hidden) as (keyof typeof hidden)[]).flatMap((kind) => {
    const names = hidden[kind].map(({ name }) => name);
    if (names.length === 0 || notVisible.has(kind)) return [];
    const those = `${kind.toLowerCase()}${names.length > 1 ? 's' : ''} ${names.join(', ')}`;
    return [
      `The account on ${source.toLowerCase()} may not see the definition of the ${those}, which was not compared: it needs ${seenWith[kind]}.`,
    ];
  });
}

const seenWith = { VIEW: 'SHOW VIEW', TRIGGER: 'TRIGGER', ROUTINE: 'SHOW_ROUTINE', EVENT: 'EVENT' } as const;
