import { covers, type Grant, ofDatabases, parseGrants } from '../information-schema/grants.ts';
import { auditTables } from '../information-schema/own-tables.ts';
import { quoteName } from '../sql/quote.ts';

/** The accounts of the trail: the server adds rows, the auditor reads them and adds seals. */
export type TrailRole = 'server' | 'auditor';

/** The privileges that each needs on a table of the trail. */
export const trailRights: Readonly<Record<TrailRole, Readonly<Record<string, readonly string[]>>>> = {
  server: { [auditTables.writes]: ['INSERT'] },
  auditor: { [auditTables.writes]: ['SELECT'], [auditTables.seals]: ['SELECT', 'INSERT'] },
};

/** The privileges on the trail that an account lacks, and those beyond its needs. */
export interface TrailRightsReport {
  /** Each as a phrase: `INSERT on tandem_audit_write`. */
  readonly missing: readonly string[];
  readonly beyond: readonly string[];
  /** Statements by which an administrator gives what is missing. */
  readonly grants: readonly string[];
  /** Statements by which an administrator takes what is too much, and gives again what goes with it. */
  readonly revokes: readonly string[];
}

/**
 * Holds what `show grants` answers against what a role needs.
 *
 * @param rows the database of the rows, on which the server keeps its rights
 */
export function judgeTrailRights(
  lines: readonly string[],
  {
    role,
    account,
    database,
    rows,
  }: {
    readonly role: TrailRole;
    /** As GRANT names it. */
    readonly account: string;
    readonly database: string;
    readonly rows: string;
  },
): TrailRightsReport {
  const grants = parseGrants(lines).filter(({ schema }) => covers(schema, database));
  const needed = Object.entries(trailRights[role]);
  const missing = needed.flatMap(([table, privileges]) =>
    privileges
      .filter((privilege) => !holds(grants, table, privilege))
      .map((privilege) => ({ table, privilege })),
  );
  const excesses = grants.flatMap((grant) => excessOf(grant, role, grants) ?? []);
  const isWide = excesses.some(({ grant }) => grant.table === '*');
  const own = needed.map(([table, privileges]) =>
    grantText(privileges, { schema: database, table }, account),
  );
  const ofRows = excesses.some(({ grant }) => grant.table === '*' && covers(grant.schema, rows));
  return {
    missing: missing.map(({ table, privilege }) => `${privilege} on ${table}`),
    beyond: excesses.map(({ grant, privileges }) => `${privileges.join(', ')} on ${placeOf(grant)}`),
    grants: [...new Set(missing.map(({ table }) => table))].map((table) =>
      grantText(trailRights[role][table] ?? [], { schema: database, table }, account),
    ),
    revokes: [
      ...excesses.map(
        ({ grant, privileges }) =>
          `revoke ${privileges.join(', ').toLowerCase()} on ${placeOf(grant)} from ${account}`,
      ),
      ...(isWide ? own : []),
      ...(ofRows && role === 'server'
        ? [`grant select, insert, update, delete on ${quoteName(rows)}.* to ${account}`]
        : []),
    ],
  };
}

interface Place {
  readonly schema: string;
  readonly table: string;
}

function placeOf({ schema, table }: Place): string {
  return [schema, table].map((name) => (name === '*' ? name : quoteName(name))).join('.');
}

/** The account that CURRENT_USER() names, as GRANT names it. */
export function quoteAccount(account: string): string {
  const at = account.lastIndexOf('@');
  return `${quoteName(account.slice(0, at))}@${quoteName(account.slice(at + 1))}`;
}

export function grantText(privileges: readonly string[], place: Place, account: string): string {
  return `grant ${privileges.join(', ').toLowerCase()} on ${placeOf(place)} to ${account}`;
}

/** A partial revoke takes from a grant on the whole server. */
function isRevoked(grants: readonly Grant[], { schema }: Grant, privilege: string): boolean {
  return (
    schema === '*' &&
    grants.some(
      ({ revoked, privileges }) =>
        revoked && (privileges.includes(privilege) || privileges.includes('ALL PRIVILEGES')),
    )
  );
}

function holds(grants: readonly Grant[], table: string, privilege: string): boolean {
  return grants.some(
    (grant) =>
      !grant.revoked &&
      (grant.table === '*' || grant.table === table) &&
      (grant.privileges.includes(privilege) || grant.privileges.includes('ALL PRIVILEGES')) &&
      !isRevoked(grants, grant, privilege),
  );
}

/** The privileges of a grant beyond the needs of a role; null for none. A grant on the whole server counts only as far as it is about databases. */
function excessOf(
  grant: Grant,
  role: TrailRole,
  all: readonly Grant[],
): { readonly grant: Grant; readonly privileges: readonly string[] } | null {
  if (grant.revoked) return null;
  const allowed = grant.table === '*' ? [] : (trailRights[role][grant.table] ?? []);
  const held = grant.privileges.filter((privilege) => privilege !== 'USAGE' && privilege !== 'PROXY');
  const onDatabases =
    grant.schema === '*'
      ? held.filter((privilege) => privilege === 'ALL PRIVILEGES' || ofDatabases.includes(privilege))
      : held;
  const privileges = [
    ...onDatabases.filter((privilege) => !allowed.includes(privilege) && !isRevoked(all, grant, privilege)),
    ...grant.onColumns.filter((text) => !allowed.includes(text.slice(0, text.indexOf('(')).trim())),
    ...(grant.grantOption && grant.schema !== '*' ? ['GRANT OPTION'] : []),
  ];
  return privileges.length === 0 ? null : { grant, privileges };
}
