import type { EntityClass } from '@mikro-orm/core';
import type { GraphQLResolveInfo } from 'graphql';
import type { Context } from '../context.ts';
import { globalId } from '../reads/global-id.ts';
import type { Reader } from '../reads/reader.ts';
import type { Row } from '../reads/row.ts';
import type { SourceName } from '../source-name.ts';
import { unreadableRow } from '../writes/readable-rows.ts';
import type { Answering } from '../writes/writer.ts';

/** Of which rows of which source a mutation answers, and where it stands in the operation. */
export interface Answered {
  readonly source: SourceName;
  readonly entity: EntityClass<object>;
  readonly info: GraphQLResolveInfo;
}

/** Answers with the row that was written, as the transaction has it, under a field of the payload. */
export function withRow(context: Context, about: Answered, field: string) {
  return answering(context, about, async (reader, keys) => {
    const [row] = await rowsOf(reader, keys, about, field);
    return { [field]: row as Row };
  });
}

/** The same for many rows, in the order of the inputs. */
export function withRows(context: Context, about: Answered, field: string) {
  return answering(context, about, async (reader, keys) => ({
    [field]: await rowsOf(reader, keys, about, field),
  }));
}

/** Answers with what the row was that is gone. */
export function withIdentity(context: Context, about: Answered) {
  const { source, entity } = about;
  return answering(context, about, async (_reader, [key]) => ({
    key: key as number,
    id: globalId(source, entity.name, key as number),
  }));
}

function answering<T>(
  { caller, readers, written, requestId, identity }: Context,
  { source, info }: Answered,
  read: (reader: Reader, keys: readonly number[]) => Promise<T>,
): Answering<T> {
  return {
    caller,
    by: { requestId, identity },
    payload(keys, reads) {
      // Errors below this field are of no interest unless the transaction commits.
      written.set(String(info.path.key), { source, keys });
      return read(readers[source].within(reads), keys);
    },
  };
}

/**
 * @throws TandemError FORBIDDEN where the caller may not read what it has written: nothing is written then
 * @throws where the transaction does not see what it wrote, as where a trigger gave a row another key
 */
async function rowsOf(
  reader: Reader,
  keys: readonly number[],
  { source, entity, info }: Answered,
  field: string,
): Promise<Row[]> {
  const rows = await reader.many(entity, keys, info, [field]);
  if (rows.length < keys.length && reader.isGuarded) throw unreadableRow({ className: entity.name }, source);
  if (rows.length < keys.length) throw new Error('Written rows have other keys than MySQL reported.');
  return rows;
}
