import { explainReason } from '../errors/explain-reason.ts';
import { reasonOf } from '../errors/reason-of.ts';
import { journalTable } from '../information-schema/own-tables.ts';
import type { OpenTarget } from './open-target.ts';
import type { MigrationProblem } from './result.ts';

interface Settings {
  readonly readOnly: number;
  readonly superReadOnly: number;
  readonly offline: number;
  readonly engineReadOnly: number;
  readonly options: string | null;
}

/**
 * Why a server takes no changes, found before the first statement of either cloud: by its settings, by those of the
 * database, and by a row of the journal that it rolls back again, as where the disk is full.
 */
export async function readOnlyProblem({ target, session }: OpenTarget): Promise<MigrationProblem | null> {
  const { source, database } = target;
  const problem = (what: string): MigrationProblem => {
    const { remedy } = explainReason('SERVER_READ_ONLY', source);
    return { kind: 'READ_ONLY', cause: `The server takes no changes: ${what}.`, remedy };
  };
  const [row] = await session.query<Settings>(
    `select @@global.read_only as readOnly, @@global.super_read_only as superReadOnly, @@global.offline_mode as offline,
      @@global.innodb_read_only as engineReadOnly,
      (select options from information_schema.schemata_extensions where schema_name = ?) as options`,
    [database.name],
  );
  if (row !== undefined) {
    if (row.superReadOnly === 1) return problem('super_read_only is on');
    if (row.engineReadOnly === 1) return problem('innodb_read_only is on');
    if (row.readOnly === 1 && !(await isAdministrator(session))) return problem('read_only is on');
    if (row.offline === 1) return problem('offline_mode is on');
    if (row.options?.includes('READ ONLY=1')) return problem(`the database ${database.name} is READ ONLY`);
  }
  try {
    await session.query('begin');
    await session.query(
      `insert into ${session.table(journalTable)} (name, action, state, checksum, statements, done, chain, account, host, connection_id, started_at)
        values ('', '', '', '', 0, 0, '', '', '', 0, now(3))`,
    );
  } catch (error) {
    const reason = reasonOf(error);
    if (reason !== 'SERVER_READ_ONLY' && reason !== 'STORAGE_FULL') return null;
    const { cause, remedy } = explainReason(reason, source);
    return { kind: 'READ_ONLY', cause: `${reason}: ${cause}`, remedy };
  } finally {
    await session.query('rollback').catch(() => {});
  }
  return null;
}

/** Whether read_only does not bind the account. https://dev.mysql.com/doc/refman/8.4/en/server-system-variables.html#sysvar_read_only */
async function isAdministrator(session: OpenTarget['session']): Promise<boolean> {
  const grants = await session.query<Record<string, string>>('show grants');
  return grants.some((row) => /\b(CONNECTION_ADMIN|SUPER)\b/.test(Object.values(row).join()));
}
