/** A plain row: properties by their names in the API, relations as nested rows; `source` and `key` whatever is asked for. */
export type Row = Record<string, unknown> & { key: number };

/** Makes a row of the values of a result from some place on. */
export type MakeRow = (values: readonly unknown[], from: number) => Row;

/**
 * A function that makes rows with these columns, in the order of a result's values, and with places for what is put
 * into them later. It is written as an object literal, as the driver's own row parsers are: such an object is
 * allocated once and whole, where one that is filled key by key grows several times. The names are an entity's own.
 */
export function rowMaker(columns: readonly string[], places: readonly string[]): MakeRow {
  const values = columns.map((name, at) => `${JSON.stringify(name)}: values[from + ${at}]`);
  const empty = places
    .filter((name) => !columns.includes(name))
    .map((name) => `${JSON.stringify(name)}: null`);
  return new Function('values', 'from', `return { ${[...values, ...empty].join(', ')} };`) as MakeRow;
}

/** What is neither 0 nor 1 stays as it is: no Boolean, as an enum's unknown item is no item. */
export function toBoolean(value: unknown): unknown {
  return value === 1 ? true : value === 0 ? false : value;
}
