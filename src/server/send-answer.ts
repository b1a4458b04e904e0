import type { FastifyReply, FastifyRequest } from 'fastify';
import { answerHeaders } from '../util/security-headers.ts';
import { compress, type Encoded } from './compress.ts';

/** An answer of GraphQL's, before it is encoded. */
export interface OperationAnswer {
  /** Absent: 200. */
  readonly status: number | undefined;
  /** Beside those that every answer has. The server counts the bytes itself: a content-length here has no effect. */
  readonly headers: Iterable<readonly [name: string, value: string]>;
  readonly text: string;
}

const ofEveryAnswer: readonly string[] = Object.entries(answerHeaders).flat();

/** Characters up to which a text goes to Node as it is. */
const mostCharacters = 12 * 1024;

/**
 * Writes an answer past Fastify's reply, which keeps headers in an object of names and runs its hooks for what it sends. Those for
 * what was answered run all the same: https://fastify.dev/docs/latest/Reference/Reply/#hijack
 *
 * @returns a promise where the answer is compressed in other threads
 */
export function sendAnswer(
  request: FastifyRequest,
  reply: FastifyReply,
  { status = 200, headers, text }: OperationAnswer,
): Promise<void> | undefined {
  const encoded = compress(text, request.headers['accept-encoding']);
  if (encoded instanceof Promise) {
    return encoded.then((later) => write(request, reply, status, headers, later));
  }
  write(request, reply, status, headers, encoded);
  return undefined;
}

function write(
  { id }: FastifyRequest,
  reply: FastifyReply,
  status: number,
  given: OperationAnswer['headers'],
  { body, headers: ofEncoding }: Encoded,
): void {
  // A short text is written together with its head, in one go; Node would copy a long one to write it.
  const content = typeof body === 'string' && body.length > mostCharacters ? Buffer.from(body) : body;
  const headers = ['x-request-id', id, ...ofEveryAnswer, ...ofEncoding];
  for (const [name, value] of given) if (name !== 'content-length') headers.push(name, value);
  headers.push('content-length', String(Buffer.byteLength(content)));
  const { raw } = reply;
  raw.writeHead(status, headers);
  reply.hijack();
  raw.end(content);
}
