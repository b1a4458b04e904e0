import { junitCase, junitError, junitReport, junitSuite, xmlText } from '../../util/junit-xml.ts';
import { counts, type DriftReport } from '../report.ts';
import {
  comparisonTitle,
  explainFinding,
  findingLabel,
  notManagedNote,
  notVisibleNote,
  planTitle,
} from './words.ts';

/**
 * JUnit's XML, as CI servers read it: a suite for each comparison, a failed case for each finding that counts.
 * https://github.com/testmoapp/junitxml
 */
export function asJunit({ comparisons, unreachable, failOn }: DriftReport): string {
  const suites = comparisons.map((comparison) => {
    const title = comparisonTitle(comparison);
    const cases = comparison.findings.map((found) => {
      const name = `${findingLabel(found)} ${found.object}: ${found.property}`;
      const { cause, remedy } = explainFinding(comparison, found);
      const body = counts(found, failOn)
        ? `<failure message="${xmlText(cause)}" type="${found.breaking ? 'breaking' : 'cosmetic'}">${xmlText(remedy)}</failure>`
        : `<system-out>${xmlText(`${cause}\n${remedy}`)}</system-out>`;
      return junitCase(title, name, body);
    });
    const failures = comparison.findings.filter((found) => counts(found, failOn)).length;
    const { statements, notes } = comparison.plan;
    const plan = planTitle(comparison);
    const said = [
      notManagedNote(comparison),
      notVisibleNote(comparison),
      ...notes,
      ...(plan === null ? [] : [`${plan}:`, ...statements.map((sql) => `${sql};`)]),
    ].filter((line) => line !== null);
    const note = said.length === 0 ? null : said.join('\n');
    return junitSuite(title, cases.length === 0 ? [junitCase(title, 'no drift')] : cases, { failures, note });
  });
  const errors = unreachable.map(({ source, code, cause, remedy }) =>
    junitError(source.toLowerCase(), 'answers', { type: code, message: cause, body: remedy }),
  );
  return junitReport('tandem drift', [...suites, ...errors]);
}
