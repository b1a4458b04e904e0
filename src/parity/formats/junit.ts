import { junitCase, junitError, junitReport, junitSuite, xmlText } from '../../util/junit-xml.ts';
import type { ParityReport } from '../report.ts';
import { countsOf, differenceText, leftOut, rowsText } from './words.ts';

/** A suite for the run, a case for each table: DIFFERENT fails, PARTIAL is skipped. */
export function parityAsJunit({ tables, unreachable }: ParityReport): string {
  const cases = tables.map((table) => {
    const said = [rowsText(table), countsOf(table)].filter(Boolean).join(': ');
    const more = leftOut(table);
    const lines = [
      ...table.differences.map(differenceText),
      ...(more > 0 ? [`and ${more} more`] : []),
      ...table.notes,
    ].join('\n');
    const bodies = {
      SAME: `<system-out>${xmlText(said)}</system-out>`,
      DIFFERENT: `<failure message="${xmlText(said)}" type="DIFFERENT">${xmlText(lines)}</failure>`,
      PARTIAL: `<skipped message="${xmlText([said, lines].filter(Boolean).join('\n'))}"/>`,
    };
    return junitCase('azure ↔ gcp', table.table, bodies[table.verdict ?? 'PARTIAL']);
  });
  const failures = tables.filter(({ verdict }) => verdict === 'DIFFERENT').length;
  const errors = unreachable.map(({ source, code, cause, remedy }) =>
    junitError(source.toLowerCase(), 'answers', { type: code, message: cause, body: remedy }),
  );
  return junitReport('tandem parity', [junitSuite('azure ↔ gcp', cases, { failures }), ...errors]);
}
