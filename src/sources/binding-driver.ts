import { type Configuration, isRaw, JsonProperty, type Platform, Utils } from '@mikro-orm/core';
import { MySqlConnection, MySqlDriver, NativeQueryBuilder } from '@mikro-orm/mysql';
import { CompiledQuery } from 'kysely';
import type { Value } from '../sql/literal.ts';

/**
 * MikroORM's driver for MySQL, which hands values over beside the statement. Its own writes them into the text, with backslashes that
 * are none where the sql_mode says so.
 */
export class BindingDriver extends MySqlDriver {
  constructor(config: Configuration) {
    super(config);
    (this as unknown as { connection: MySqlConnection }).connection = new BindingConnection(
      this.config as never,
    );
  }
}

class BindingConnection extends MySqlConnection {
  override execute: MySqlConnection['execute'] = async (query, params = [], method, ctx, loggerContext) => {
    const given = query instanceof NativeQueryBuilder ? query.toRaw() : query;
    const [text, list] = isRaw(given) ? [given.sql, given.params] : [given, params];
    // The ORM makes raw() of named parameters, which is no way that Tandem goes.
    if (!Array.isArray(list)) return super.execute(query, params, method, ctx, loggerContext);
    const values: Value[] = [];
    const sql = bind(this.platform, text, list, values);
    const executor = {
      executeQuery: ({ sql }: CompiledQuery, options?: object) =>
        (ctx ?? this.getClient()).executeQuery(CompiledQuery.raw(sql, values), options),
    };
    return super.execute(sql, [], method, executor as never, loggerContext);
  };
}

/**
 * Takes the ORM's placeholders for MySQL's: `??` is a name, `\?` a question mark, and `?` a value, where a list is several. As the ORM's own
 * `Platform.formatQuery`, but that it puts the values aside.
 */
export function bind(platform: Platform, sql: string, params: readonly unknown[], values: Value[]): string {
  if (params.length === 0) return sql;
  if (isMysqls(sql) && params.every(isValue)) {
    for (const param of params) values.push(param as Value);
    return sql;
  }
  let at = 0;
  return sql.replaceAll(/\\\?|\?\??/g, (found) => {
    if (found === '\\?') return '?';
    const param = params[at++];
    return found === '??' ? platform.quoteIdentifier(param as string) : place(platform, param, values);
  });
}

/** Whether all placeholders of a text are MySQL's, too. */
function isMysqls(sql: string): boolean {
  return !sql.includes('??') && !sql.includes('\\?');
}

/** Whether the driver takes a parameter as it is. */
function isValue(param: unknown): boolean {
  return param === null || typeof param === 'string' || (typeof param === 'number' && Number.isFinite(param));
}

function place(platform: Platform, param: unknown, values: Value[]): string {
  if (isRaw(param)) return bind(platform, param.sql, param.params, values);
  if (Array.isArray(param) && !(JsonProperty in param)) {
    return param
      .map((item) =>
        Array.isArray(item) ? `(${place(platform, item, values)})` : place(platform, item, values),
      )
      .join(', ');
  }
  const value = toValue(param);
  // A Date: as the ORM writes it, in digits.
  if (value === undefined) return platform.quoteValue(param);
  values.push(value);
  return '?';
}

function toValue(param: unknown): Value | undefined {
  if (param === undefined || param === null) return null;
  if (typeof param === 'string' || typeof param === 'boolean' || typeof param === 'bigint') return param;
  if (typeof param === 'number') return Number.isFinite(param) ? param : undefined;
  if (Buffer.isBuffer(param)) return param;
  if (Utils.isPlainObject(param) || JsonProperty in (param as object)) return JSON.stringify(param);
  return undefined;
}
