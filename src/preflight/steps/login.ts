import { type Connection, createConnection, type ResultSetHeader } from 'mysql2/promise';
import type { Account } from '../../config/groups/database.ts';
import { tokenLogin } from '../../sources/pool/clear-password.ts';
import { passwordsOf } from '../../sources/pool/passwords.ts';
import { setStatement, statusProblem } from '../../sources/pool/session-settings.ts';
import { CommandError } from '../../util/run-command.ts';
import { within } from '../../util/within.ts';
import { connectionProblemOf, type ProblemSubject, problem, reasonProblem } from '../problem.ts';
import type { StepResult } from '../step.ts';
import { tokenLifeMs } from '../token-life.ts';

/** A session that asks one thing after another; an answer that does not come is an error with the code ETIMEDOUT. */
export interface LoginSession {
  rows<R extends object>(sql: string): Promise<R[]>;
  close(): void;
}

/** Milliseconds that preflight waits for an answer. */
const ANSWER_MS = 5000;

/** Logs in as the pool does, with the same TLS, and within the same time with the command that gives the password. */
export async function logIn(
  subject: ProblemSubject,
  account: Account,
  timeoutMs: number,
): Promise<StepResult<LoginSession>> {
  const started = performance.now();
  try {
    const { password } = await passwordsOf(account, timeoutMs).get(timeoutMs);
    const result = await logInWith(password, subject, account, timeoutMs - (performance.now() - started));
    if (typeof account.password === 'string' || result.value === undefined) return result;
    return withTokenLife(result, tokenLifeMs(password, new Date()), subject, account);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const { code, outcome } = error;
    return { detail: 'no password', problems: [reasonProblem(subject, code, account.user, `it ${outcome}`)] };
  }
}

/** Adds for how long a token is valid, where it says so. */
function withTokenLife(
  result: StepResult<LoginSession>,
  lifeMs: number | undefined,
  subject: ProblemSubject,
  { user }: Account,
): StepResult<LoginSession> {
  if (lifeMs === undefined) return result;
  const seconds = Math.round(lifeMs / 1000);
  const detail = `The token of ${user} is valid for ${seconds} s.`;
  return {
    ...result,
    detail: `${result.detail}, with a token that is valid for ${seconds} s`,
    ...(lifeMs < 60_000 && { problems: [problem(subject, 'TOKEN_EXPIRES_SOON', detail, 'warning')] }),
  };
}

async function logInWith(
  password: string,
  subject: ProblemSubject,
  account: Account,
  timeoutMs: number,
): Promise<StepResult<LoginSession>> {
  const { user } = account;
  const { host, port, name, tls } = subject.database;
  const opening = createConnection({
    host,
    port,
    user,
    password,
    database: name,
    charset: 'utf8mb4',
    connectTimeout: timeoutMs,
    ssl: {
      ...(tls.ca === undefined ? {} : { ca: tls.ca }),
      minVersion: 'TLSv1.2',
      rejectUnauthorized: true,
      verifyIdentity: tls.mode === 'VERIFY_IDENTITY',
    },
    ...tokenLogin(account),
  });
  try {
    const connection = await within(timeoutMs + 100, opening, null);
    if (connection !== null) return await setUp(subject, connection, user);
    opening.then((late) => late.destroy()).catch(() => {});
    const detail = `The login of ${user} had no end in ${Math.round(timeoutMs)} ms.`;
    return { detail: 'no answer', problems: [problem(subject, 'SERVER_SILENT', detail)] };
  } catch (error) {
    return {
      detail: 'refused',
      problems: [connectionProblemOf(subject, error as NodeJS.ErrnoException, user)],
    };
  }
}

/** Sets the session up as the pool does: what the server refuses then, it refuses always. */
async function setUp(
  subject: ProblemSubject,
  connection: Connection,
  user: string,
): Promise<StepResult<LoginSession>> {
  const session = sessionOn(connection);
  const refused = (why: string) => {
    session.close();
    return { detail: 'refused', problems: [reasonProblem(subject, 'SETTINGS_REFUSED', user, why)] };
  };
  try {
    const answer = await session.ask<ResultSetHeader>(setStatement());
    const problem = statusProblem(answer.serverStatus);
    return problem === null ? { detail: `as ${user}`, value: session } : refused(`the session ${problem}`);
  } catch (error) {
    const { errno, sqlMessage = '' } = error as { errno?: number; sqlMessage?: string };
    if (errno === undefined) throw error;
    return refused(/'(\w+)'/.exec(sqlMessage)?.[1] ?? String(errno));
  }
}

function sessionOn(connection: Connection) {
  // An error between two questions is met by the next one.
  connection.on('error', () => {});
  const ask = async <T>(sql: string): Promise<T> => {
    const answer = await within(ANSWER_MS, connection.query(sql), null);
    if (answer === null) throw Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' });
    return answer[0] as T;
  };
  return {
    ask,
    rows: <R extends object>(sql: string) => ask<R[]>(sql),
    close: () => connection.destroy(),
  };
}
