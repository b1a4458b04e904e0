import type { Socket } from 'node:net';
import { within } from '../../util/within.ts';
import { type HandshakePacket, parseHandshake } from '../handshake.ts';
import { connectionProblemOf, type ProblemSubject, problem, reasonProblem } from '../problem.ts';
import type { StepResult } from '../step.ts';

/** A server that said who it is. */
export interface Greeted {
  readonly socket: Socket;
  readonly tls: boolean;
}

/** Waits for the server's first packet, which it sends unasked. */
export async function awaitGreeting(
  subject: ProblemSubject,
  socket: Socket,
  timeoutMs: number,
): Promise<StepResult<Greeted>> {
  const { host, port } = subject.database;
  const greeting = await within(timeoutMs, firstPacket(socket), 'late');
  if (greeting === 'late' || greeting === 'closed') {
    socket.destroy();
    const end = greeting === 'late' ? `said nothing in ${timeoutMs} ms` : 'hung up without a word';
    const detail = `${host}:${port} accepted the connection and ${end}.`;
    return { detail: 'silence', problems: [problem(subject, 'SERVER_SILENT', detail)] };
  }
  if (greeting === null) {
    socket.destroy();
    return { detail: 'not MySQL', problems: [reasonProblem(subject, 'NOT_MYSQL', `${host}:${port}`)] };
  }
  if ('errno' in greeting) {
    socket.destroy();
    return { detail: 'refused', problems: [connectionProblemOf(subject, greeting, `${host}:${port}`)] };
  }
  if (/mariadb/i.test(greeting.version)) {
    socket.destroy();
    const detail = `${host}:${port} is MariaDB ${greeting.version}`;
    return { detail: 'MariaDB', problems: [reasonProblem(subject, 'NOT_MYSQL', detail)] };
  }
  return { detail: `MySQL ${greeting.version}`, value: { socket, tls: greeting.tls } };
}

function firstPacket(socket: Socket): Promise<HandshakePacket | null | 'closed'> {
  return new Promise((resolve) => {
    let received = Buffer.alloc(0);
    const read = (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      const greeting = parseHandshake(received);
      if (greeting === undefined) return;
      socket.off('data', read);
      socket.pause();
      resolve(greeting);
    };
    socket.on('data', read);
    // The step `tcp` handles an error; its end is a close as well.
    socket.once('close', () => resolve('closed'));
  });
}
