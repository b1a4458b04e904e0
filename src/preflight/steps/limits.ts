import type { PoolConfig } from '../../config/groups/pool.ts';
import { type ProblemSubject, problem, reasonProblem } from '../problem.ts';
import { limitProblems } from '../server-limits.ts';
import type { StepResult } from '../step.ts';
import type { LoginSession } from './login.ts';

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
