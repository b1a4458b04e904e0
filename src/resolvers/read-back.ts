import type { EntityClass } from '@mikro-orm/core';
import type { GraphQLResolveInfo } from 'graphql';
import { TandemError } from '../errors/tandem-error.ts';
import type { Reader } from '../reads/reader.ts';
import type { Row } from '../reads/row.ts';

/**
 * The payload of a mutation that wrote one row: the row under its field, as the source now holds it.
 *
 * @throws TandemError NOT_FOUND where somebody else has deleted it between the commit and this read
 */
export async function readBack(
  reader: Reader,
  entity: EntityClass<object>,
  key: number,
  info: GraphQLResolveInfo,
  field: string,
): Promise<Record<string, Row>> {
  const row = await reader.one(entity, key, info, [field]);
  if (row !== null) return { [field]: row };
  const message = `The ${entity.name} with the key ${key} was written, and deleted before it could be read back.`;
  throw new TandemError('NOT_FOUND', { message });
}
