import { grouped } from '../../util/terminal-text.ts';
import type { RowDifference } from '../difference.ts';
import type { TableParity } from '../report.ts';

/** Such as `1 row differs, 2 only on azure`; empty where there is nothing. */
export function countsOf({ different, onlyAzure, onlyGcp, hot }: TableParity): string {
  return [
    [different, different === 1 ? 'row differs' : 'rows differ'],
    [onlyAzure, 'only on azure'],
    [onlyGcp, 'only on gcp'],
    [hot, 'too hot to compare'],
  ]
    .filter(([count]) => count !== 0)
    .map(([count, words]) => `${grouped(count as number)} ${words}`)
    .join(', ');
}

/** Such as `azure 1,000, gcp 999 rows`. */
export function rowsText({ rows: { AZURE, GCP } }: Pick<TableParity, 'rows'>): string {
  return AZURE === GCP ? `${grouped(AZURE)} rows` : `azure ${grouped(AZURE)}, gcp ${grouped(GCP)} rows`;
}

/** Such as `id=17 differs in diagnosis`. */
export function differenceText({ kind, key, columns, rows }: RowDifference): string {
  if (key === null) return `a row without a key: azure has it ${rows.AZURE} times, gcp ${rows.GCP}`;
  const name = keyText(key);
  if (kind === 'ONLY_AZURE') return `${name} is only on azure`;
  if (kind === 'ONLY_GCP') return `${name} is only on gcp`;
  return columns.length === 0 ? `${name} differs` : `${name} differs in ${columns.join(', ')}`;
}

/** Such as `tenant=7 id=17`. */
export function keyText(key: Readonly<Record<string, string>>): string {
  return Object.entries(key)
    .map(([column, value]) => `${column}=${shownText(value)}`)
    .join(' ');
}

/** On one line, with what a terminal would obey taken out. */
function shownText(value: string): string {
  return /^[\w.:+-]+$/.test(value) ? value : JSON.stringify(value).replace(/[\u007f-\u009f]/g, '\ufffd');
}

/** How many differences a report leaves out. */
export function leftOut({ different, onlyAzure, onlyGcp, differences }: TableParity): number {
  return Math.max(0, different + onlyAzure + onlyGcp - differences.length);
}
