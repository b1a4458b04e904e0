/** Colours a text where the stream is a terminal; `unpainted` does not. */
export type Paint = (format: 'bold' | 'red' | 'yellow' | 'green' | 'dim', text: string) => string;

export const unpainted: Paint = (_, text) => text;

/** Such as 30,029. */
export const grouped = (count: number): string => count.toLocaleString('en-US');

/** Such as: 1 row, 30,029 rows. */
export const rowsInWords = (count: number): string => (count === 1 ? '1 row' : `${grouped(count)} rows`);
