import { setImmediate as nextTurn } from 'node:timers/promises';
import { isLargeAnswer } from '../graphql/pipeline/mark-large-answers.ts';
import { isRawNumber } from '../scalars/json-text.ts';

/** Milliseconds of one turn of the event loop: others' requests are served between two. */
const turnMs = 10;
/** Characters that the writer collects before it passes them on. */
const pieceLength = 16_384;

/** Writes an answer as JSON: one that is large in several turns of the event loop, since nothing else is served meanwhile. */
export function stringify(answer: { readonly data?: unknown }): string | Promise<string> {
  return isLargeAnswer(answer.data) ? inTurns(answer) : JSON.stringify(answer);
}

async function inTurns(answer: object): Promise<string> {
  const whole: string[] = [];
  let piece = '';
  let until = performance.now() + turnMs;
  for (const text of textsOf(answer)) {
    piece += text;
    if (piece.length < pieceLength) continue;
    whole.push(piece);
    piece = '';
    if (performance.now() < until) continue;
    await nextTurn();
    until = performance.now() + turnMs;
  }
  whole.push(piece);
  return whole.join('');
}

/** The text that `JSON.stringify` writes of a plain value, in pieces: an answer has no other values. */
function* textsOf(value: object): Generator<string> {
  const isList = Array.isArray(value);
  let before = isList ? '[' : '{';
  for (const name in value) {
    const part = (value as Record<string, unknown>)[name];
    // JSON has null for it in a list, and leaves it out of an object.
    if (part === undefined && !isList) continue;
    yield isList ? before : `${before}${JSON.stringify(name)}:`;
    before = ',';
    if (isNested(part)) yield* textsOf(part);
    else yield JSON.stringify(part) ?? 'null';
  }
  if (before !== ',') yield before;
  yield isList ? ']' : '}';
}

/** Whether there are lists or objects in it; the writer takes a row without any in one go. */
function isNested(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || isRawNumber(value)) return false;
  if (Array.isArray(value)) return value.length > 0;
  for (const name in value) {
    const part = (value as Record<string, unknown>)[name];
    if (typeof part === 'object' && part !== null) return true;
  }
  return false;
}
