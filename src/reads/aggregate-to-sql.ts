import type { EntityMetadata } from '@mikro-orm/core';
import { raw } from '@mikro-orm/mysql';
import type { Codec } from '../column-types/column-type.ts';
import { withExpression } from '../column-types/with-column.ts';
import { isFloatResult } from './aggregate-result-type.ts';
import { columnUnder } from './rows-to-sql.ts';
import type { FunctionCall } from './select-spec.ts';

/** COUNT, MIN, MAX, AVG or SUM as a column of a SELECT. */
export function aggregateToSql(meta: EntityMetadata, { name, property, as }: FunctionCall) {
  if (property === undefined) return raw('count(*) as ??', [as]);
  const { sql, codec } = columnUnder('row', meta, property);
  // AVG of integers is a DECIMAL of four digits behind the point.
  // https://dev.mysql.com/doc/refman/8.4/en/arithmetic-functions.html
  const isFloat = name === 'avg' && isFloatResult(meta, name, property);
  return withExpression(isFloat ? 'avg(cast(?? as double))' : callText(codec, name), sql).as(as);
}

function callText({ select, extreme }: Codec, name: FunctionCall['name']): string {
  if (name === 'count') return 'count(distinct ??)';
  const call = `${name}(??)`;
  if (name !== 'min' && name !== 'max') return call;
  return extreme?.(name) ?? select.replace('??', call);
}
