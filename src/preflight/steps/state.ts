import type { PoolConfig } from '../../config/groups/pool.ts';
import { historyOf, levelOf, migrationsOf } from '../../information-schema/schema-version.ts';
import { limitProblems } from '../limits.ts';
import { type ProblemSubject, problem, reasonProblem } from '../problem.ts';
import type { Problem } from '../report.ts';
import { differences, type ServerSettings, serverSettingsOf } from '../settings.ts';
import type { StepResult } from '../step.ts';
import { replicationState, supportProblem } from '../support.ts';
import type { LoginSession } from './login.ts';

/** Seconds by which two clocks may differ without a warning. */
const CLOCK_TOLERANCE_S = 2;

/** Holds what the server and the account allow against what the pools may ask for. */
export async function checkLimits(
  subject: ProblemSubject,
  session: LoginSession,
  pool: PoolConfig,
): Promise<StepResult<true>> {
  // The session's max_user_connections is the account's own limit, where it has one, else the server's.
  const [row] = await session.rows<Record<'connections' | 'account' | 'wait' | 'packet' | 'frozen', number>>(
    'select @@global.max_connections as connections, @@session.max_user_connections as account, ' +
      '@@global.wait_timeout as wait, @@session.max_allowed_packet as packet, ' +
      '@@global.read_only + @@global.super_read_only + @@global.innodb_read_only as frozen',
  );
  if (row === undefined) throw new Error('no row');
  // All processes share it.
  const demand = pool.max;
  const demandText = `POOL_MAX ${pool.max}`;
  const found = limitProblems({
    maxConnections: row.connections,
    maxUserConnections: row.account,
    waitTimeoutSeconds: row.wait,
    maxAllowedPacket: row.packet,
    demand,
    demandText,
    idleTimeoutMs: pool.idleTimeoutMs,
  });
  const account = row.account === 0 ? '' : `, ${row.account} an account`;
  return {
    detail: `${demandText} of ${row.connections} connections${account}; wait_timeout ${row.wait} s`,
    problems: [
      ...found.map(({ kind, severity, cause }) => problem(subject, kind, cause, severity)),
      ...(row.frozen > 0
        ? [
            reasonProblem(
              subject,
              'SERVER_READ_ONLY',
              `@@read_only or @@super_read_only of ${subject.database.host}`,
            ),
          ]
        : []),
    ],
    value: true,
  };
}

/** Settings of the servers that have answered, by the source's name. */
export type SettingsSoFar = Map<string, ServerSettings>;

/** Compares the server's settings with those of the other one, if that has answered before: neither waits for the other. */
export async function checkSettings(
  subject: ProblemSubject,
  session: LoginSession,
  others: SettingsSoFar,
): Promise<StepResult<true>> {
  const own = await serverSettingsOf(session);
  const found = [...others].flatMap((other) => differences([subject.name, own], other));
  const compared =
    others.size === 0 ? 'read' : found.length === 0 ? 'as on the other source' : `${found.length} differ`;
  others.set(subject.name, own);
  const support = supportProblem(own.version ?? '', new Date());
  return {
    detail: `${compared}; sql_mode ${own.sql_mode || 'empty'}, time_zone ${own.time_zone}; ${replicationState(own)}`,
    problems: [
      ...found.map((detail) => problem(subject, 'SETTINGS_DIFFER', detail, 'warning')),
      ...(support === undefined ? [] : [problem(subject, 'SUPPORT_ENDS', support, 'warning')]),
    ],
    value: true,
  };
}

/** Compares the server's clock with this machine's, less half of the time that asking took. */
export async function checkClock(subject: ProblemSubject, session: LoginSession): Promise<StepResult<true>> {
  const before = Date.now();
  const [row] = await session.rows<{ now: string }>('select cast(unix_timestamp(now(3)) as char) as now');
  const here = (before + Date.now()) / 2;
  const seconds = (Number(row?.now) * 1000 - here) / 1000;
  const apart =
    Math.abs(seconds) < 0.05
      ? 'in step'
      : `${Math.abs(seconds).toFixed(1)} s ${seconds > 0 ? 'ahead' : 'behind'}`;
  const problems =
    Math.abs(seconds) > CLOCK_TOLERANCE_S
      ? [problem(subject, 'CLOCK_OFF', `The server’s clock is ${apart} of this machine’s.`, 'warning')]
      : [];
  return { detail: apart, problems, value: true };
}

/** Compares the migrations that ran with those of this build, and looks whether the tables are there. */
export async function checkSchema(
  subject: ProblemSubject,
  session: LoginSession,
  tables: readonly string[],
): Promise<StepResult<true>> {
  const known = await migrationsOf(subject.name);
  const applied = await historyOf((sql) => session.rows(sql));
  const { missing, unknown } = levelOf(applied, known);
  const problems: Problem[] = [];
  if (missing.length > 0) {
    const which = applied.length === 0 ? 'No migration has run yet; missing' : 'Not yet run';
    problems.push(problem(subject, 'SCHEMA_OUTDATED', `${which}: ${missing.join(', ')}.`));
  }
  if (unknown.length > 0) {
    const detail = `This build does not know what ran there: ${unknown.join(', ')}.`;
    // Beside missing ones it is a fork, not a newer build: still wrong, but not first of all.
    problems.push(problem(subject, 'SCHEMA_NEWER', detail));
  }
  if (missing.length === 0) {
    const there = await session.rows<{ name: string }>(
      'select lower(table_name) as name from information_schema.tables where table_schema = database()',
    );
    const absent = tables.filter((table) => !there.some(({ name }) => name === table.toLowerCase()));
    if (absent.length > 0) {
      const detail = `The history is complete, but there is no table ${absent.join(', ')}.`;
      problems.push(problem(subject, 'TABLES_MISSING', detail));
    }
  }
  return {
    detail: `${applied.length} migrations run, ${known.length} in this build; last ${applied.at(-1) ?? 'none'}`,
    problems,
    value: true,
  };
}
