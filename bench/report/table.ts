/** A table's cells; the first row is its head. */
export type Table = readonly (readonly string[])[];

/** How many times the base; a dash where one of both is not known. */
export function ratio(value: number | null | undefined, base: number | null | undefined): string {
  return value == null || base == null || base === 0 ? '–' : (value / base).toFixed(2);
}

/** For a terminal: columns aligned, numbers to the right. */
export function alignTable(table: Table): string {
  const columns = (table[0] as readonly string[]).map((_, column) => {
    const cells = table.map((row) => row[column] as string);
    const width = Math.max(...cells.map((cell) => cell.length));
    return { width, numbers: isNumeric(cells.slice(1)) };
  });
  const line = (row: readonly string[]) =>
    columns.map(({ width, numbers }, at) =>
      numbers ? (row[at] as string).padStart(width) : (row[at] as string).padEnd(width),
    );
  return table.map((row) => `  ${line(row).join('  ').trimEnd()}`).join('\n');
}

export function markdownTable(table: Table): string {
  const [head = [], ...rows] = table;
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const rule = head.map((_, at) => (isNumeric(rows.map((row) => row[at] as string)) ? '--:' : '---'));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}

function isNumeric(cells: readonly string[]): boolean {
  return cells.every((cell) => /^[\d.,–/ ]+(×|MB|s|%)?$/.test(cell));
}

/** How far rounds lie apart: a difference smaller than that is none. */
export function rangeOf(values: readonly number[]): string {
  return `${Math.min(...values).toFixed(2)}–${Math.max(...values).toFixed(2)}`;
}
