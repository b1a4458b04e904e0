import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyReply } from 'fastify';
import { catalogue, type ErrorCode, extensionsOf } from '../errors/codes.ts';
import { answerHeaders } from '../util/security-headers.ts';

/** Answers a request that GraphQL never sees with a status and a coded error, in the form of a GraphQL answer. */
export function refuse(reply: FastifyReply, status: number, code: ErrorCode, message?: string): FastifyReply {
  return reply.code(status).send(answer(code, message));
}

const unreadable: Readonly<Record<string, readonly [status: number, message: string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'The address and the headers are larger than 16 KiB.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request did not arrive in time.'],
};

const longAddress = [414, 'The address is longer than 16 KiB: send the operation by POST.'] as const;

/** Node's error of a request that it cannot read: https://nodejs.org/api/http.html#event-clienterror */
type ClientError = NodeJS.ErrnoException & { readonly rawPacket?: Buffer; readonly bytesParsed?: number };

/** Whether the first line alone was too long. Node shows only the last piece of a request. */
function isInAddress(error: NodeJS.ErrnoException): boolean {
  const { code, rawPacket, bytesParsed } = error as ClientError;
  if (code !== 'HPE_HEADER_OVERFLOW' || rawPacket === undefined) return false;
  const read = rawPacket.subarray(0, bytesParsed);
  return /^[A-Z]+ $/.test(read.subarray(0, read.indexOf(' ') + 1).toString()) && !read.includes('\n');
}

/**
 * Milliseconds for which a connection takes what the client still sends after it was refused. Closed at once, it would be
 * reset, and the answer with it: https://www.rfc-editor.org/rfc/rfc9112#section-9.6
 */
const lingerMs = 2000;

const refused = new WeakSet<Socket>();

/** The same for what never became a request: too long in its head, too slow, or no HTTP at all. */
export function refuseUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  const { code = '' } = error;
  // Node says so again of each piece that follows.
  if (refused.has(socket) && code !== 'ECONNRESET') return;
  if (code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, message] = isInAddress(error) ? longAddress : (unreadable[code] ?? [400, undefined]);
  refused.add(socket);
  endWith(socket, status, answer('BAD_REQUEST', message));
}

/** Answers a connection that is one too many before it says anything. */
export function refuseConnection(socket: Socket): void {
  // The server reads and drops its bytes, so that closing does not reset the answer.
  socket.on('error', () => {}).resume();
  endWith(socket, 503, answer('TOO_MANY_CONNECTIONS'));
}

/** An answer without a request. */
function endWith(socket: Socket, status: number, content: object): void {
  const body = JSON.stringify(content);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
    ...Object.entries(answerHeaders).map(([name, value]) => `${name}: ${value}`),
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  const timer = setTimeout(() => socket.destroy(), lingerMs).unref();
  socket.once('close', () => clearTimeout(timer));
}

/** The text of a refusal: a GraphQL answer without data, with one coded error. */
export function answer(code: ErrorCode, message?: string) {
  return { errors: [{ message: message ?? catalogue[code].cause, extensions: extensionsOf(code) }] };
}
