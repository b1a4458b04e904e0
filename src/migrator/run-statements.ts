import { leadsElsewhere, statementKindOf } from '../sql/statement-kind.ts';
import { codeTokens, isName, nameIn } from '../sql/tokens.ts';
import type { Blockers } from './blockers.ts';
import { chainOf, setRow } from './journal.ts';
import { retryWhileBlocked } from './lock-timeouts.ts';
import type { MigratorSession } from './migrator-session.ts';
import { findBlockers, type Sessions } from './sessions.ts';
import { committed, markBefore, sent } from './statement-outcome.ts';

export interface StepperOptions {
  readonly statements: readonly string[];
  /** Seconds that statements may wait for locks. */
  readonly lockSeconds: number;
  readonly onBlocked: (blockers: Blockers) => void;
}

/** Runs one statement after another, each with its journal. */
export function createStepper(
  sessions: Sessions,
  work: StepperOptions,
  id: number,
  from: number,
): (sql: string) => Promise<void> {
  const { session, keeper, database } = sessions;
  const { statements, lockSeconds: seconds } = work;
  const before = statements.slice(0, from);
  let done = from;
  let chain = chainOf(before);
  let elsewhere = before.reduce((so, sql) => leadsElsewhere(sql, database) ?? so, false);
  /** Tables whose rows no transaction takes back; asked once. */
  let lasting: Promise<ReadonlySet<string>> | undefined;

  return async (sql: string): Promise<void> => {
    if (keeper.closed) throw lockLost();
    const kind = statementKindOf(sql, { database, elsewhere });
    done += 1;
    chain = chainOf([sql], chain);
    elsewhere = leadsElsewhere(sql, database) ?? elsewhere;
    const progress = { done, chain, fingerprint: null };
    const tried = (run: () => Promise<void>) =>
      retryWhileBlocked(run, {
        seconds,
        onBlocked: async () => work.onBlocked(await findBlockers(sessions, sql)),
      });

    if (kind === 'rows' || kind === 'program') {
      lasting ??= lastingTables(keeper, database);
      const tables = await lasting;
      // A program may change any of them.
      const lasts = kind === 'program' ? tables.size > 0 : mentions(sql, tables);
      if (lasts) await setRow(keeper, id, { fingerprint: sent });
      const inTransaction = () =>
        session.transaction(async () => {
          if (kind === 'program' && !lasts) await setRow(session, id, { fingerprint: committed });
          await session.query(sql);
          await setRow(session, id, progress);
        });
      await (kind === 'rows' && !lasts ? tried(inTransaction) : inTransaction());
      return;
    }
    if (kind !== 'session' && kind !== 'harmless') {
      await setRow(keeper, id, { fingerprint: await markBefore(keeper, database, { sql, kind }) });
    }
    await tried(async () => void (await session.query(sql)));
    await setRow(keeper, id, progress);
  };
}

/** The tables of engines without transactions, in small letters. */
async function lastingTables(keeper: MigratorSession, database: string): Promise<ReadonlySet<string>> {
  const rows = await keeper.query<{ name: string }>(
    `select t.table_name as name from information_schema.tables t
      join information_schema.engines e on e.engine = t.engine
      where t.table_schema = ? and t.table_type = 'BASE TABLE' and coalesce(e.transactions, 'NO') <> 'YES'`,
    [database],
  );
  return new Set(rows.map(({ name }) => name.toLowerCase()));
}

function mentions(sql: string, tables: ReadonlySet<string>): boolean {
  if (tables.size === 0) return false;
  return codeTokens(sql).some((token) => isName(token) && tables.has(nameIn(sql, token).toLowerCase()));
}

function lockLost(): Error {
  return Object.assign(new Error('The connection that held the lock was lost.'), {
    code: 'PROTOCOL_CONNECTION_LOST',
  });
}
