import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyReply } from 'fastify';
import { catalogue, type ErrorCode, extensionsOf } from '../errors/catalogue.ts';

/** Answers a request that GraphQL never sees with a status and a coded error, in the form of a GraphQL answer. */
export function refuse(reply: FastifyReply, status: number, code: ErrorCode, message?: string): FastifyReply {
  return reply.code(status).send(answer(code, message));
}

const unreadable: Readonly<Record<string, readonly [status: number, message: string]>> = {
  HPE_HEADER_OVERFLOW: [
    431,
    'The address and the headers are larger than 16 KiB: send the operation by POST.',
  ],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request did not arrive in time.'],
};

/** The same for what never became a request: too long in its head, too slow, or no HTTP at all. */
export function refuseUnreadable({ code = '' }: NodeJS.ErrnoException, socket: Socket): void {
  if (code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, message] = unreadable[code] ?? [400, undefined];
  const body = JSON.stringify(answer('BAD_REQUEST', message));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

/** What a refusal says: a GraphQL answer without data, with one coded error. */
export function answer(code: ErrorCode, message?: string) {
  return { errors: [{ message: message ?? catalogue[code].cause, extensions: extensionsOf(code) }] };
}
