import { explanationLine } from '../../errors/explanation.ts';
import { unreachableLines } from '../../errors/unreachable-source.ts';
import { type Paint, unpainted } from '../../util/terminal-text.ts';
import type { ParityReport } from '../report.ts';
import { countsOf, differenceText, leftOut, rowsText } from './words.ts';

const colours = { SAME: 'green', DIFFERENT: 'red', PARTIAL: 'yellow' } as const;

/** For a person at a terminal; `paint` colours. */
export function parityAsText(report: ParityReport, paint: Paint = unpainted): string {
  const { tables, unreachable, verdict, id } = report;
  const width = Math.max(0, ...tables.map(({ table }) => table.length));
  const lines = tables.flatMap((table) => {
    const word = (table.verdict ?? 'UNFINISHED').padEnd('DIFFERENT'.length);
    const shown = table.verdict === null ? word : paint(colours[table.verdict], word);
    const counts = countsOf(table);
    const more = leftOut(table);
    return [
      `${table.table.padEnd(width)}  ${shown}  ${rowsText(table)}${counts === '' ? '' : `: ${counts}`}`,
      ...table.differences.map((row) => `  ${differenceText(row)}`),
      ...(more > 0 && table.differences.length > 0 ? [paint('dim', `  and ${more} more`)] : []),
      ...table.notes.map((note) => paint('dim', `  ${note}`)),
    ];
  });
  lines.push(...unreachableLines(unreachable, paint));
  if (verdict !== null) lines.push(paint('bold', verdict));
  else if (id !== null)
    lines.push(
      explanationLine({
        cause: 'The comparison has not ended.',
        remedy: 'run `tandem parity --resume` when both answer.',
      }),
    );
  return `${lines.join('\n')}\n`;
}
