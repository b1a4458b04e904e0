import type { Explanation } from '../errors/explanation.ts';
import { reasonOf } from '../errors/reason-of.ts';
import { privilegesFor } from '../information-schema/statement-privileges.ts';
import type { SourceName } from '../source-name.ts';
import { quoteName } from '../sql/quote.ts';

/** Whether the connection is gone, so that the end of the statement is not known. */
export function isLost(cause: unknown): boolean {
  const { errno } = (cause ?? {}) as { errno?: unknown };
  const reason = reasonOf(cause);
  // Node's own errors have negative numbers, mysql2's have none.
  if (typeof errno !== 'number' || errno <= 0) return reason !== null;
  return reason === 'CONNECTION_LOST' || reason === 'SESSION_ENDED' || reason === 'SERVER_SHUTTING_DOWN';
}

/**
 * The lack of a privilege, or the setting, for which MySQL refuses a statement, in words; null for all other errors. Of its text
 * only names of privileges, settings and tables are taken.
 *
 * https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html
 */
export function lackOf(
  cause: unknown,
  { source, database, sql }: { readonly source: SourceName; readonly database: string; readonly sql: string },
): Explanation | null {
  const { errno, sqlMessage = '' } = (cause ?? {}) as { errno?: number; sqlMessage?: string };
  const grant = (privileges: string, on: string): Explanation => ({
    cause: `The migrator’s account lacks ${privileges} on ${on}`,
    remedy: `As the administrator: GRANT ${privileges} ON ${on} TO the migrator’s account.`,
  });
  const own = `${quoteName(database)}.*`;
  const byStatement = () => privilegesFor(sql).join(', ') || 'the privilege that it needs';
  switch (errno) {
    // Access denied for user … to database 'x'
    case 1044:
      return grant(
        byStatement(),
        `${quoteName(/to database '([^']+)'/.exec(sqlMessage)?.[1] ?? database)}.*`,
      );
    // Access denied for user …: FILE, for a file of the server
    case 1045:
      return grant('FILE', '*.*');
    // ALTER command denied to user … for table 'x'; for column 'y' in table 'x'
    case 1142:
    case 1143:
      return grant(
        /^([A-Z][A-Z, ]*?) command denied/i.exec(sqlMessage)?.[1]?.toUpperCase() ?? byStatement(),
        own,
      );
    // you need (at least one of) the X or Y privilege(s) for this operation
    case 1227: {
      const named = /at least one of\) the (.+?) privilege/.exec(sqlMessage)?.[1] ?? byStatement();
      const found = grant(named, '*.*');
      return {
        ...found,
        remedy: `Leave out what needs it, such as DEFINER or SET GLOBAL. Otherwise, ${lower(found.remedy)}`,
      };
    }
    // alter routine command denied to user … for routine 'db.p'
    case 1370:
      return grant(/^([a-z ]+?) command denied/i.exec(sqlMessage)?.[1]?.toUpperCase() ?? byStatement(), own);
    // Table 'tandem_migration_journal' was not locked with LOCK TABLES
    case 1100:
      return {
        cause: 'LOCK TABLES keeps the runner from its journal',
        remedy: 'Leave it out: MySQL locks what a statement needs.',
      };
    case 1410:
      return grant('CREATE USER and GRANT OPTION', '*.*');
    case 1418:
      return setting(
        'log_bin_trust_function_creators',
        'ON',
        'Declare the function DETERMINISTIC, NO SQL or READS SQL DATA, or',
      );
    case 1419:
      return setting('log_bin_trust_function_creators', 'ON');
    case 3750:
      return setting('sql_require_primary_key', 'OFF', 'Give the table a primary key, or');
    case 3948:
      return setting('local_infile', 'ON');
    // Disk full; The table 't' is full
    case 1021:
    case 1114:
      return {
        cause: 'The server has no room for it',
        remedy:
          'Give the server more storage, or raise the limit that the table has (max_heap_table_size, innodb_temp_data_file_path).',
      };
    // The MySQL server is running with the --x option so it cannot execute this statement
    case 1290: {
      const option = /with the --([\w-]+)/.exec(sqlMessage)?.[1]?.replaceAll('-', '_');
      return option === undefined ? null : setting(option, 'a value that permits it');
    }
    default:
      return null;
  }

  function setting(name: string, value: string, instead = ''): Explanation {
    const how = {
      AZURE: `az mysql flexible-server parameter set --name ${name}`,
      GCP: `gcloud sql instances patch --database-flags ${name}=…`,
    };
    const set = `Set ${name} to ${value} on the server (${how[source]}).`;
    return {
      cause: `The server’s setting ${name} is in the way`,
      remedy: instead === '' ? set : `${instead} ${lower(set)}`,
    };
  }
}

const lower = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);
