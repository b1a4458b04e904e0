import { TandemError } from '../errors/tandem-error.ts';
import type { UnreachableSource } from '../errors/unreachable-source.ts';
import { type SourceName, sourceNames } from '../source-name.ts';
import { within } from '../util/within.ts';
import type { ParityClient, ParitySession } from './client.ts';
import type { ParityClients } from './on-both.ts';
import { unreachableBy } from './open-pair.ts';

/** The right to compare or repair a pair of databases, which one process has at a time. */
export interface ParityLock {
  /**
   * Keeps it: a session that the server ended is opened anew.
   * @throws TandemError ALREADY_RUNNING where another process has it by now, SOURCE_UNAVAILABLE where a source is away
   */
  keep(): Promise<void>;
  release(): Promise<void>;
}

/** User-level locks are the server's, whatever the database, and their names have at most 64 characters. */
const name = "concat('tandem.parity.', left(sha2(database(), 256), 16))";

/** Seconds without a word after which the server frees the lock: of a machine that is cut off it would hear nothing. */
const silentSeconds = 30;
/** Milliseconds for an answer that costs the server nothing: a source that is cut off would be waited for as long as a statement may take. */
const answerMs = 10_000;
/** Milliseconds for what would be good to do at the end, and what the server does by itself later. */
export const goodbyeMs = 2000;
/** Seconds for the server to see that a process has just ended. */
const patienceSeconds = 1;

/**
 * Takes the lock on both servers. It ends with the sessions that hold it, so a process that is killed leaves none.
 * https://dev.mysql.com/doc/refman/8.4/en/locking-functions.html
 *
 * @returns the sources that do not answer, where one does not
 * @throws TandemError ALREADY_RUNNING where another process has it
 */
export async function takeParityLock(
  clients: ParityClients,
): Promise<ParityLock | readonly UnreachableSource[]> {
  const sessions = new Map<SourceName, ParitySession>();
  const release = async () => {
    for (const session of sessions.values()) {
      await within(goodbyeMs, session.rows(`select release_lock(${name})`), []).catch(() => {});
      // Its time-out is none for other work.
      session.destroy();
      session.release();
    }
    sessions.clear();
  };
  try {
    const unreachable = (await Promise.all(sourceNames.map(open))).filter((one) => one !== null);
    if (unreachable.length > 0) {
      await release();
      return unreachable;
    }
    // In one order, so that two that begin at once do not refuse each other.
    for (const source of sourceNames) await lockBy(sessions.get(source), clients[source]);
  } catch (error) {
    await release();
    throw error;
  }
  return {
    async keep() {
      for (const [source, session] of [...sessions]) {
        const isHeld = await isHeldBy(session);
        if (isHeld) continue;
        sessions.delete(source);
        session.destroy();
        session.release();
        if (isHeld === null) throw new TandemError('SOURCE_UNAVAILABLE', { source });
        const next = await clients[source].session();
        sessions.set(source, next);
        await lockBy(next, clients[source]);
      }
    },
    release,
  };

  async function open(source: SourceName): Promise<UnreachableSource | null> {
    try {
      sessions.set(source, await clients[source].session());
      return null;
    } catch (error) {
      return unreachableBy(error, source);
    }
  }
}

interface Locked {
  readonly got: number | null;
}

async function lockBy(session: ParitySession | undefined, { source }: ParityClient): Promise<void> {
  const lock = async () => {
    await session?.rows(`set session wait_timeout = ${silentSeconds}`);
    return (await session?.rows<Locked>(`select get_lock(${name}, ${patienceSeconds}) as got`)) ?? [];
  };
  const rows = await within(answerMs, lock(), null);
  if (rows === null) throw new TandemError('SOURCE_UNAVAILABLE', { source });
  if (Number(rows[0]?.got) !== 1) throw new TandemError('ALREADY_RUNNING', { source });
}

/** @returns null where the server does not answer */
async function isHeldBy(session: ParitySession): Promise<boolean | null> {
  try {
    const asked = session.rows<{ held: number | null }>(
      `select is_used_lock(${name}) = connection_id() as held`,
    );
    const rows = await within(answerMs, asked, null);
    return rows === null ? null : Number(rows[0]?.held) === 1;
  } catch {
    return false;
  }
}
