import { setTimeout as delay } from 'node:timers/promises';
import { gtidsOf, type PrimaryState, positionQuery, reachedQuery } from '../../sources/replicas/positions.ts';
import { type ProblemSubject, problem } from '../problem.ts';
import type { Problem } from '../report.ts';
import { differences, serverSettingsOf } from '../server-settings.ts';
import type { StepResult } from '../step.ts';
import { type LoginSession, logIn } from './login.ts';

/** Milliseconds that preflight waits for a replica to have what its primary has now. */
const patienceMs = 3000;

/** Milliseconds between two questions. */
const againMs = 20;

/** Logs in to each replica, and holds it against its primary: settings, whether it is read-only, and how far it is behind. */
export async function checkReplicas(
  subject: ProblemSubject,
  primary: LoginSession,
  timeoutMs: number,
): Promise<StepResult<true>> {
  const { replicas } = subject.database;
  if (replicas === undefined) {
    return { detail: `none is set (${subject.name}_DB_REPLICA_HOSTS)`, value: true };
  }
  const settings = await serverSettingsOf(primary);
  const found = await Promise.all(
    replicas.hosts.map(async ({ host, port }) => {
      const name = `${host}:${port}`;
      const at = { ...subject, database: { ...subject.database, host, port } };
      const { value: session, problems = [] } = await logIn(at, subject.database.runtime, timeoutMs);
      if (session === undefined) {
        const why = problems.map(({ cause }) => cause).join(' ');
        return { name, problems: [unusable(subject, `Nothing reads from ${name}. ${why}`)] };
      }
      try {
        const theirs = await serverSettingsOf(session);
        const differing = differences([subject.name, settings], [name, theirs], ['version']);
        return {
          name,
          problems: [
            ...differing.map((detail) => problem(subject, 'SETTINGS_DIFFER', detail, 'warning')),
            ...(await checkServer(subject, session, name)),
            ...(await checkLag(subject, { primary, session, name, maxLagMs: replicas.maxLagMs })),
          ],
        };
      } finally {
        session.close();
      }
    }),
  );
  const good = found.filter(({ problems }) => problems.length === 0).length;
  return {
    detail: `${good} of ${found.length} as they should be; POOL_REPLICA_MAX_LAG_MS ${replicas.maxLagMs}`,
    problems: found.flatMap(({ problems }) => problems),
    value: true,
  };
}

function unusable(subject: ProblemSubject, detail: string): Problem {
  return problem(subject, 'REPLICA_UNUSABLE', detail, 'warning');
}

async function checkServer(
  subject: ProblemSubject,
  session: LoginSession,
  name: string,
): Promise<readonly Problem[]> {
  const [row] = await session.rows<{ frozen: number }>(
    'select @@global.read_only + @@global.super_read_only + @@global.innodb_read_only as frozen',
  );
  if (Number(row?.frozen) > 0) return [];
  const detail = `${name} accepts changes: it is the primary itself, or a change there would make it differ.`;
  return [problem(subject, 'REPLICA_WRITABLE', detail, 'warning')];
}

async function checkLag(
  subject: ProblemSubject,
  {
    primary,
    session,
    name,
    maxLagMs,
  }: { primary: LoginSession; session: LoginSession; name: string; maxLagMs: number },
): Promise<readonly Problem[]> {
  const asked = performance.now();
  const [state] = await primary.rows<PrimaryState>(positionQuery);
  const gtids = state && gtidsOf(state);
  if (gtids === undefined) {
    const detail = `The primary gives no GTID to each transaction (gtid_mode ${state?.mode}, log_bin ${state?.logs}), so that nothing tells how far ${name} is behind.`;
    return [unusable(subject, detail)];
  }
  const question = reachedQuery([{ gtids, at: asked }]);
  const waitMs = Math.min(maxLagMs, patienceMs);
  for (;;) {
    const [row] = await session.rows<{ p0: number }>(question);
    if (Number(row?.p0) === 1) return [];
    if (performance.now() - asked > waitMs) break;
    await delay(againMs);
  }
  const detail = `${name} does not have after ${waitMs} ms what the primary had.`;
  return [problem(subject, 'REPLICA_BEHIND', detail, 'warning')];
}
