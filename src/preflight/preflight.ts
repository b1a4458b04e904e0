import { MikroORM } from '@mikro-orm/mysql';
import type { Config } from '../config/config.ts';
import type { PoolConfig } from '../config/groups/pool.ts';
import type { SourceName } from '../source-name.ts';
import { ormOptions } from '../sources/orm-options.ts';
import { connectionProblemOf, type ProblemSubject } from './problem.ts';
import type { SourceReport, StepReport } from './report.ts';
import { createSteps, type StepResult } from './step.ts';
import { checkAuditTrail } from './steps/audit.ts';
import { checkClock } from './steps/clock.ts';
import { lookUp } from './steps/dns.ts';
import { awaitGreeting } from './steps/greeting.ts';
import { checkLimits } from './steps/limits.ts';
import { type LoginSession, logIn } from './steps/login.ts';
import { checkPrivileges } from './steps/privileges.ts';
import { checkReplicas } from './steps/replicas.ts';
import { checkSchema } from './steps/schema.ts';
import { checkSettings, type SettingsSoFar } from './steps/settings.ts';
import { connectTcp } from './steps/tcp.ts';
import { checkTls } from './steps/tls.ts';

interface Options {
  readonly names: readonly SourceName[];
  readonly onStep: (source: SourceName, report: StepReport) => void;
}

/** Goes from name to schema with each source, both at once: one that hangs does not hold up the other. */
export async function preflight(
  { databases, pool, audit }: Pick<Config, 'databases' | 'pool' | 'audit'>,
  { names, onStep }: Options,
): Promise<SourceReport[]> {
  const subjects = names.map((name): ProblemSubject => ({ name, database: databases[name] }));
  // Before all steps, so that none of their times includes it.
  const tables = await expectedTables(databases, pool);
  const known = { tables, settings: new Map(), trail: audit?.database };
  return Promise.all(
    subjects.map((subject) => checkSource(subject, pool, known, (step) => onStep(subject.name, step))),
  );
}

async function checkSource(
  subject: ProblemSubject,
  pool: PoolConfig,
  {
    tables,
    settings,
    trail,
  }: {
    readonly tables: readonly string[];
    readonly settings: SettingsSoFar;
    /** The database of the audit trail. */
    readonly trail: string | undefined;
  },
  onStep: (report: StepReport) => void,
): Promise<SourceReport> {
  const { database, name } = subject;
  const { runtime, migrator } = database;
  const timeout = pool.connectTimeoutMs;
  const steps = createSteps(onStep);

  const addresses = await steps.run('dns', database.host, () => lookUp(subject, timeout));
  const socket = await steps.run('tcp', addresses, (given) => connectTcp(subject, given, timeout));
  const greeted = await steps.run('greeting', socket, (given) => awaitGreeting(subject, given, timeout));
  const safe = await steps.run('tls', greeted, (given) => checkTls(subject, given, timeout, new Date()));
  const session = await steps.run('login', safe, () => logIn(subject, runtime, timeout));
  /** A question that fails is a problem of its step, and the next step is tried. */
  const ask = (step: StepReport['step'], work: (session: LoginSession) => Promise<StepResult<true>>) =>
    steps.run(step, session, (given) => work(given).catch((error) => unanswered(subject, error)));
  try {
    await ask('privileges', (given) =>
      checkPrivileges(subject, given, { role: 'runtime', user: runtime.user, tables }),
    );
    await ask('migrator', async () => {
      if (migrator.user === runtime.user) {
        return { detail: `no account of its own is set (${name}_DB_MIGRATOR_USER): not checked` };
      }
      const login = await logIn(subject, migrator, timeout);
      if (login.value === undefined) return { detail: login.detail, problems: login.problems ?? [] };
      const as = { role: 'migrator', user: migrator.user, tables: [] } as const;
      return checkPrivileges(subject, login.value, as).finally(login.value.close);
    });
    await ask('audit', (given) => checkAuditTrail(subject, given, { trail, timeoutMs: timeout }));
    await ask('limits', (given) => checkLimits(subject, given, pool));
    await ask('settings', (given) => checkSettings(subject, given, settings));
    await ask('replicas', (given) => checkReplicas(subject, given, timeout));
    await ask('clock', (given) => checkClock(subject, given));
    await ask('schema', (given) => checkSchema(subject, given, tables));
  } finally {
    session?.close();
  }
  const { host, port } = database;
  return { source: name, host, port, database: database.name, steps: steps.reports };
}

function unanswered(subject: ProblemSubject, error: unknown): StepResult<never> {
  // Without a code it is no answer of the database, but a fault of ours.
  if (typeof (error as { code?: unknown }).code !== 'string') throw error;
  return { detail: 'failed', problems: [connectionProblemOf(subject, error as NodeJS.ErrnoException)] };
}

/** The tables that the entities are mapped to. Nothing connects for it. */
async function expectedTables({ AZURE }: Config['databases'], pool: PoolConfig): Promise<string[]> {
  // Both sources have the same entities.
  const orm = await MikroORM.init(ormOptions('AZURE', AZURE, AZURE.runtime, pool));
  const tables = [...orm.getMetadata().getAll().values()].map(({ tableName }) => tableName);
  await orm.close(true);
  return [...new Set(tables)].filter(Boolean);
}
