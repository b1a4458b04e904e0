import { say, style } from '../terminal.ts';
import type { Report } from './report.ts';
import { alignTable } from './table.ts';

/** Shows a section's report at the terminal. */
export function printReport({ parts }: Report): void {
  for (const { title, table, note } of parts) {
    say(`\n${style('bold', title)}`);
    say(alignTable(table));
    if (note !== undefined) say(`  ${note}`);
  }
}
