import { readerOf, type SqlReader } from '../sql/reader.ts';

/** One line of SHOW GRANTS, or what is left of it after a partial revoke. */
export interface Grant {
  readonly revoked: boolean;
  /** In capitals, such as SELECT; ALL PRIVILEGES stands for all of its level. */
  readonly privileges: readonly string[];
  /** Those on columns, as they are written: SELECT (`a`, `b`). */
  readonly onColumns: readonly string[];
  /** `*` for the whole server; a pattern in which % and _ stand for others. */
  readonly schema: string;
  /** `*` for all tables. */
  readonly table: string;
  readonly grantOption: boolean;
}

/** The privileges of an account on one database. */
export interface Rights {
  /** Of those asked for, the ones that it lacks on the database or on a table of it. */
  readonly missing: readonly string[];
  /** Privileges beyond its needs, each as a phrase such as `DROP on tandem.*`. */
  readonly beyond: readonly string[];
}

/** Reads what `show grants` answers. Active roles' privileges are among its lines already. */
export function parseGrants(lines: readonly string[]): Grant[] {
  return lines.flatMap((line) => grantIn(line) ?? []);
}

/**
 * GRANT SELECT (`a`, `b`), INSERT ON `db`.`table` TO `user`@`host` WITH GRANT OPTION. Null for roles and proxies, which
 * have no `*.*` or schema.table behind ON.
 */
function grantIn(line: string): Grant | null {
  const reader = readerOf(line);
  const verb = reader.oneOf('GRANT', 'REVOKE');
  const privileges: string[] = [];
  const onColumns: string[] = [];
  do {
    const privilege = reader.until('ON');
    // A privilege on columns is not one on the table.
    (privilege.endsWith(')') ? onColumns : privileges).push(privilege);
  } while (reader.skip(','));
  if (verb === null || !reader.skip('ON')) return null;
  reader.skip('TABLE');
  const schema = nameOrAll(reader);
  if (schema === null || !reader.skip('.')) return null;
  const table = nameOrAll(reader);
  if (table === null || reader.oneOf('TO', 'FROM') === null) return null;
  while (!reader.done && !reader.is('WITH', 'GRANT', 'OPTION')) reader.any();
  return { revoked: verb === 'REVOKE', privileges, onColumns, schema, table, grantOption: !reader.done };
}

/** Every privilege of a database, https://dev.mysql.com/doc/refman/8.4/en/privileges-provided.html */
export const ofDatabases = [
  'ALTER',
  'ALTER ROUTINE',
  'CREATE',
  'CREATE ROUTINE',
  'CREATE TEMPORARY TABLES',
  'CREATE VIEW',
  'DELETE',
  'DROP',
  'EVENT',
  'EXECUTE',
  'INDEX',
  'INSERT',
  'LOCK TABLES',
  'REFERENCES',
  'SELECT',
  'SHOW VIEW',
  'TRIGGER',
  'UPDATE',
];

/** Whether an account may do what it needs in a database, and what it may besides. */
export function rightsOn(
  grants: readonly Grant[],
  {
    schema,
    tables,
    needed,
    harmless,
  }: {
    readonly schema: string;
    /** Where a privilege is not given on the whole database, it counts if it is on each of these. */
    readonly tables: readonly string[];
    readonly needed: readonly string[];
    /** Other privileges that it may have without a word about them. */
    readonly harmless: readonly string[];
  },
): Rights {
  const applying = grants.filter((grant) => covers(grant.schema, schema));
  const has = (privilege: string, table: string) => {
    const where = applying.filter(
      (grant) =>
        (grant.table === '*' || grant.table === table) &&
        (grant.privileges.includes(privilege) || grant.privileges.includes('ALL PRIVILEGES')),
    );
    const onDatabase = where.some((grant) => !grant.revoked && grant.schema !== '*');
    const onServer = where.some((grant) => !grant.revoked && grant.schema === '*');
    // A partial revoke takes from a grant on the whole server.
    return onDatabase || (onServer && !where.some((grant) => grant.revoked));
  };
  const held = (privilege: string) =>
    has(privilege, '*') || (tables.length > 0 && tables.every((table) => has(privilege, table)));
  const allowed = new Set([...needed, ...harmless]);
  const extra = ofDatabases.filter(
    (privilege) => !allowed.has(privilege) && ['*', ...tables].some((table) => has(privilege, table)),
  );
  const onServer = grants
    .filter((grant) => grant.schema === '*' && !grant.revoked)
    .flatMap(({ privileges }) => privileges)
    .filter((privilege) => privilege !== 'USAGE');
  const system = grants.some(({ schema: on, revoked }) => !revoked && on === 'mysql');
  const passesOn = grants.some(({ grantOption }) => grantOption);
  return {
    missing: needed.filter((privilege) => !held(privilege)),
    beyond: [
      ...(onServer.length > 0 ? [`${summary(onServer)} on the whole server`] : []),
      ...(extra.length > 0 && onServer.length === 0 ? [`${summary(extra)} on ${schema}`] : []),
      ...(system ? ['rights on the system database mysql'] : []),
      ...(passesOn ? ['GRANT OPTION, to give its rights to others'] : []),
    ],
  };
}

function summary(privileges: readonly string[]): string {
  const unique = [...new Set(privileges)];
  // The dangerous ones first: an administrator has forty.
  const [a, b, c, ...rest] = unique.sort((x, y) => rank(x) - rank(y));
  const named = [a, b, c].filter((privilege) => privilege !== undefined).join(', ');
  return rest.length === 0 ? named : `${named} and ${rest.length} more`;
}

function rank(privilege: string): number {
  const at = ['ALL PRIVILEGES', 'SUPER', 'DROP', 'FILE', 'SHUTDOWN'].indexOf(privilege);
  return at < 0 ? Number.POSITIVE_INFINITY : at;
}

/** Whether the database of a grant, which may be a pattern, is this one. */
export function covers(pattern: string, schema: string): boolean {
  if (pattern === '*' || pattern === schema) return true;
  const expression = pattern.replace(/\\?[\s\S]/g, (part) => {
    if (part === '%') return '.*';
    if (part === '_') return '.';
    return literally(part.replace(/^\\/, ''));
  });
  return new RegExp(`^${expression}$`, 's').test(schema);
}

function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function nameOrAll(reader: SqlReader): string | null {
  if (reader.skip('*')) return '*';
  if (reader.next?.kind !== 'name') return null;
  const { text } = reader.next;
  reader.any();
  return text;
}
