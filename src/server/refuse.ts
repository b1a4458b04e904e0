import type { FastifyReply } from 'fastify';
import { catalogue, type ErrorCode } from '../errors/catalogue.ts';

/** Answers a request that GraphQL never sees with a status and a coded error, in the form of a GraphQL answer. */
export function refuse(reply: FastifyReply, status: number, code: ErrorCode, message?: string): FastifyReply {
  const { cause, remedy } = catalogue[code];
  return reply.code(status).send({ errors: [{ message: message ?? cause, extensions: { code, remedy } }] });
}
