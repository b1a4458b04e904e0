import type { EntityClass } from '@mikro-orm/core';
import type { GraphQLResolveInfo } from 'graphql';
import type { Context } from '../context.ts';
import { TandemError } from '../errors/tandem-error.ts';
import { isUnanswered } from '../errors/unanswered.ts';
import type { Reader } from '../reads/reader.ts';
import type { SourceName } from '../source-name.ts';
import type { Source } from '../sources/source.ts';
import type { ReadArgs } from './types/arguments.ts';

type Read<T> = (reader: Reader) => Promise<T>;

/** Reads from a source; where `orElse` names another one, from that where the first does not answer. */
export function readFrom<T>(
  context: Context,
  { source, orElse }: ReadArgs,
  entity: EntityClass<object>,
  info: GraphQLResolveInfo,
  read: Read<T>,
): Promise<T> {
  if (orElse == null) return read(context.readers[source]);
  return readFromEither(context, { source, orElse }, entity, info, read);
}

/**
 * A source whose breaker is open is not asked. Any other has half of the time that is left; when its breaker opens meanwhile, it is
 * waited for no longer. The read runs in one source as a whole, so that all rows below the field are of that.
 *
 * @throws TandemError FORBIDDEN where the caller may not read the table in one of both, whichever would answer
 */
async function readFromEither<T>(
  { caller, readers, sources }: Context,
  { source, orElse }: { readonly source: SourceName; readonly orElse: SourceName },
  entity: EntityClass<object>,
  info: GraphQLResolveInfo,
  read: Read<T>,
): Promise<T> {
  if (orElse === source) {
    throw new TandemError('BAD_USER_INPUT', {
      message: `orElse is ${orElse}, as source is: name the other cloud, or leave it out.`,
    });
  }
  for (const name of [source, orElse]) readers[name].check(entity);
  const now = performance.now();
  const { deadline = Number.POSITIVE_INFINITY } = caller;
  if (isUp(sources[source])) {
    try {
      const first = readers.until(now + (deadline - now) / 2)[source];
      return await whileUp(sources[source], read(first));
    } catch (error) {
      if (!isUnanswered(error) || caller.destroyed || performance.now() >= deadline) throw error;
    }
  }
  const answer = await read(readers[orElse]);
  readers.fallbacks ??= [];
  readers.fallbacks.push({ path: [info.path.key], from: source, to: orElse });
  return answer;
}

const isUp = (source: Source) => source.stats().breaker === 'CLOSED';

/** Milliseconds between looks at a breaker. */
const lookMs = 50;

/** Waits for a read as long as its source's breaker is closed. A statement that has been sent ends by its own deadline. */
function whileUp<T>(source: Source, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setInterval(() => {
      if (!isUp(source)) reject(new TandemError('SOURCE_UNAVAILABLE', { source: source.name }));
    }, lookMs);
    work.then(resolve, reject).finally(() => clearInterval(timer));
  });
}
