import type { LookupAddress } from 'node:dns';
import { connect, type Socket } from 'node:net';
import { connectionProblemOf, type ProblemSubject, reasonProblem } from '../problem.ts';
import type { StepResult } from '../step.ts';

/** Connects to the first of the addresses that answers, as the driver does. */
export async function connectTcp(
  subject: ProblemSubject,
  addresses: readonly LookupAddress[],
  timeoutMs: number,
): Promise<StepResult<Socket>> {
  const { host, port } = subject.database;
  const socket = connect({
    host,
    port,
    // The addresses are known: the time is that of the connection alone.
    lookup: (_host, options, done) => {
      if (options.all) done(null, [...addresses]);
      else done(null, addresses[0]?.address ?? '', addresses[0]?.family);
    },
  });
  const outcome = await new Promise<NodeJS.ErrnoException | 'connected' | 'late'>((resolve) => {
    const late = setTimeout(resolve, timeoutMs, 'late');
    const settle = (outcome: NodeJS.ErrnoException | 'connected') => {
      clearTimeout(late);
      resolve(outcome);
    };
    socket.once('connect', () => settle('connected'));
    // For as long as the socket lives: what comes later ends in a close, which later steps look for.
    socket.on('error', settle);
  });
  if (outcome === 'connected') return { detail: `connected to ${socket.remoteAddress}`, value: socket };
  socket.destroy();
  const where = `${host}:${port}`;
  const failed =
    outcome === 'late'
      ? reasonProblem(subject, 'CONNECT_TIMEOUT', where, `${timeoutMs} ms`)
      : connectionProblemOf(subject, outcome, where);
  return { detail: outcome === 'late' ? 'no answer' : 'failed', problems: [failed] };
}
