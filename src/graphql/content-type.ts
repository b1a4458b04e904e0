import { LRUCache } from 'lru-cache';
import Negotiator from 'negotiator';

/** How an answer to an operation is written. */
export interface AnswerType {
  /** The value of Content-Type. */
  readonly contentType: string;
  /**
   * Whether the client asks for `application/json` by its name, and gets it: its statuses say nothing of the operation.
   * https://graphql.github.io/graphql-over-http/draft/#sec-application-json
   */
  readonly legacy: boolean;
}

const json = 'application/json; charset=utf-8';
/** In the order in which they are chosen where the client prefers none: as Apollo has it. */
const offered = [json, 'application/graphql-response+json; charset=utf-8'];

/** Types by the text of Accept: a few clients with one text each. Characters of all texts, and of one. */
const known = new LRUCache<string, { readonly type: AnswerType | null }>({
  max: 100,
  maxSize: 16_384,
  maxEntrySize: 1024,
  sizeCalculation: (_type, accept) => accept.length + 1,
});

/**
 * The type that a client prefers, after RFC 9110: https://www.rfc-editor.org/rfc/rfc9110#field.accept
 *
 * @returns null where Accept allows neither
 */
export function answerTypeOf(accept = ''): AnswerType | null {
  const before = known.get(accept);
  if (before !== undefined) return before.type;
  const type = negotiate(accept);
  known.set(accept, { type });
  return type;
}

function negotiate(accept: string): AnswerType | null {
  if (accept === '') return { contentType: json, legacy: false };
  const negotiator = new Negotiator({ headers: { accept } });
  const contentType = negotiator.mediaType(offered);
  if (contentType === undefined) return null;
  const named = negotiator.mediaTypes().some((type) => type.toLowerCase() === 'application/json');
  return { contentType, legacy: contentType === json && named };
}
