/** A plain row: properties by their names in the API, relations as nested rows; `source` and `key` whatever is asked for. */
export type Row = Record<string, unknown> & { key: number };

/** Makes a row of the values of a result from some place on. */
export type MakeRow = (values: readonly unknown[], from: number) => Row;

/** A column of a result, and how its values become the API's; null where they are those already. */
export interface RowColumn {
  readonly name: string;
  readonly read: ((value: unknown) => unknown) | null;
}

/**
 * A function that makes rows with these columns, in the order of a result's values, and with places for what is put
 * into them later. It is written as an object literal, as the driver's own row parsers are: such an object is
 * allocated once and whole, where one that is filled key by key grows several times. The names are an entity's own.
 */
export function rowMaker(columns: readonly RowColumn[], places: readonly string[]): MakeRow {
  const values = columns.map(({ name, read }, at) => {
    const value = `values[from + ${at}]`;
    const converted = read === null ? value : `${value} === null ? null : read[${at}](${value})`;
    return `${JSON.stringify(name)}: ${converted}`;
  });
  const empty = places
    .filter((place) => !columns.some(({ name }) => name === place))
    .map((name) => `${JSON.stringify(name)}: null`);
  const make = `return (values, from) => ({ ${[...values, ...empty].join(', ')} });`;
  return new Function('read', make)(columns.map(({ read }) => read)) as MakeRow;
}
