import type { EntityClass } from '@mikro-orm/core';
import type { GraphQLResolveInfo } from 'graphql';
import type { ClassType } from 'type-graphql';
import { keyForApi, type RowKey, tableKeyOf } from '../column-types/table-key.ts';
import type { Context } from '../context.ts';
import { globalId } from '../reads/global-id.ts';
import type { Reader } from '../reads/reader.ts';
import type { Row } from '../reads/row.ts';
import type { SourceName } from '../source-name.ts';
import { unreadableRow } from '../writes/readable-rows.ts';
import type { Answering } from '../writes/run-write.ts';

/** Of which rows of which source a mutation answers, and where it stands in the operation. */
export interface Answered {
  readonly source: SourceName;
  readonly entity: EntityClass<object>;
  readonly info: GraphQLResolveInfo;
}

/** Answers with the row that was written, as the transaction has it, under a field of the payload. */
export function withRow(context: Context, about: Answered, field: string) {
  const { source, entity, info } = about;
  const isPlain = context.readers[source].readsInOneStatement(entity, info, [field]);
  return answering(context, about, isPlain, (reader, keys) =>
    reader
      .many(entity, keys, info, [field])
      .then((rows) => (isWhole(rows, reader, keys, about) ? { [field]: rows[0] as Row } : null)),
  );
}

/** The same for many rows, in the order of the inputs. */
export function withRows(context: Context, about: Answered, field: string) {
  const { entity, info } = about;
  return answering(context, about, false, async (reader, keys) => {
    const rows = await reader.many(entity, keys, info, [field]);
    return isWhole(rows, reader, keys, about) ? { [field]: rows } : null;
  });
}

/** Answers with what the row was that is gone. */
export function withIdentity(context: Context, about: Answered) {
  const { source, entity } = about;
  return answering(context, about, true, async (_reader, [key]) => ({
    key: keyForApi(tableKeyOf(entity as ClassType), key as RowKey),
    id: globalId(source, entity.name, key as RowKey),
  }));
}

function answering<T>(
  { caller, readers, written, requestId, identity }: Context,
  { source, entity, info }: Answered,
  isPlain: boolean,
  read: (reader: Reader, keys: readonly RowKey[]) => Promise<T | null>,
): Answering<T> {
  return {
    caller,
    by: { requestId, identity },
    isPlain,
    payload(keys, reads) {
      // Errors below this field are of no interest unless the change is made.
      const ofTable = tableKeyOf(entity as ClassType);
      written.set(String(info.path.key), { source, keys: keys.map((key) => keyForApi(ofTable, key)) });
      return read(readers[source].within(reads), keys);
    },
  };
}

/**
 * Whether the source has the rows of all keys.
 *
 * @throws TandemError FORBIDDEN where the caller may not read what it has written: nothing is written then
 */
function isWhole(
  rows: readonly Row[],
  reader: Reader,
  keys: readonly RowKey[],
  { source, entity }: Answered,
): boolean {
  if (rows.length < keys.length && reader.isGuarded) throw unreadableRow({ className: entity.name }, source);
  return rows.length === keys.length;
}
