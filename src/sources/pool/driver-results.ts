import type { FieldPacket, TypeCast } from 'mysql2';

/** Rows under the names of their columns; what MySQL says of a change is none. */
export function asObjects(result: unknown, fields: readonly FieldPacket[] = []): unknown {
  if (!Array.isArray(result)) return result;
  return (result as unknown[][]).map((row) =>
    Object.fromEntries(fields.map(({ name }, at) => [name, row[at]])),
  );
}

/** Makes of what comes as text what mysql2 makes of the same when it comes as bytes. */
export const asPrepared: TypeCast = (field, next) => {
  if (field.type === 'FLOAT') {
    const text = field.string();
    return text === null ? null : Math.fround(Number(text));
  }
  if (field.type === 'DATETIME' || field.type === 'TIMESTAMP') {
    return field.string()?.replace(/\.0+$/, '') ?? null;
  }
  if (field.type === 'TIME') {
    const text = field.string();
    return text?.includes('.') ? text.replace(/\.?0+$/, '') : text;
  }
  return next();
};
