import type { ControlLink, ControlledServer } from './control-link.ts';
import type { OpenConnection } from './open-connection.ts';

/** A session that the pool has given up, and that the server may still have. */
export interface OrphanedSession {
  readonly threadId: number;
  /** On the clock of `performance.now()`. */
  readonly bornAt: number;
  /** The server that it is a session of; undefined where that is not known. */
  readonly server?: string | undefined;
}

/** The session of a link that is of no use. It is at most as old as the attempt that made it. */
export function sessionOf({ connection, server }: OpenConnection, startedAt: number): OrphanedSession {
  return { threadId: connection.threadId as number, bornAt: startedAt, server };
}

/** ER_NO_SUCH_THREAD; ER_KILL_DENIED_ERROR: another account's session has the id by now. */
const gone: ReadonlySet<unknown> = new Set([1094, 1095]);
/** Ends a session on its server. Resolves to true where the server is known to have no such session any more. */
export async function killSession(
  link: Pick<ControlLink, 'run'>,
  at: ControlledServer,
  { threadId, bornAt, server }: OrphanedSession,
): Promise<boolean> {
  // The name leads to another server by now, where another session has the id.
  if (server !== undefined && at.link.server !== undefined && server !== at.link.server) return true;
  at.startedAt ??= await startOf(link, at);
  // A server that started since has none of the sessions of before, and perhaps others with their ids.
  if (at.startedAt > bornAt + 1000) return true;
  try {
    await link.run(at, `kill connection ${threadId}`);
    return false;
  } catch (error) {
    if (gone.has((error as { errno?: unknown }).errno)) return true;
    throw error;
  }
}

async function startOf(link: Pick<ControlLink, 'run'>, at: ControlledServer): Promise<number> {
  const [row] = await link.run<{ Value: string }>(at, "show global status like 'Uptime'");
  return performance.now() - Number(row?.Value ?? Number.POSITIVE_INFINITY) * 1000;
}
