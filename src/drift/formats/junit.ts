import { counts, type DriftReport } from '../report.ts';
import { findingLabel, notManagedNote, notVisibleNote, planTitle, titleOf, valuesOf } from './words.ts';

/**
 * JUnit's XML, as CI servers read it: a suite for each comparison, a failed case for each finding that counts.
 * https://github.com/testmoapp/junitxml
 */
export function asJunit({ comparisons, unreachable, failOn }: DriftReport): string {
  const suites = comparisons.map((comparison) => {
    const title = titleOf(comparison);
    const cases = comparison.findings.map((found) => {
      const name = `${findingLabel(found)} ${found.object}: ${found.property}`;
      const said = valuesOf(comparison, found);
      const mend = found.statements.map((sql) => `${sql};`).join('\n');
      const body = counts(found, failOn)
        ? `<failure message="${escaped(said)}" type="${found.breaking ? 'breaking' : 'cosmetic'}">${escaped(mend)}</failure>`
        : `<system-out>${escaped(`${said}\n${mend}`)}</system-out>`;
      return testCase(title, name, body);
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
    return suite(title, cases.length === 0 ? [testCase(title, 'no drift')] : cases, { failures, note });
  });
  const errors = unreachable.map(({ source, code, message, remedy }) => {
    const body = `<error message="${escaped(message)}" type="${code}">${escaped(remedy)}</error>`;
    return suite(source.toLowerCase(), [testCase(source.toLowerCase(), 'answers', body)], { errors: 1 });
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="tandem drift">\n${[...suites, ...errors].join('')}</testsuites>\n`;
}

function suite(
  name: string,
  cases: readonly string[],
  { failures = 0, errors = 0, note = null }: { failures?: number; errors?: number; note?: string | null },
): string {
  const out = note === null ? '' : `    <system-out>${escaped(note)}</system-out>\n`;
  return `  <testsuite name="${escaped(name)}" tests="${cases.length}" failures="${failures}" errors="${errors}">\n${cases.join('')}${out}  </testsuite>\n`;
}

function testCase(suiteName: string, name: string, body = ''): string {
  return `    <testcase classname="${escaped(suiteName)}" name="${escaped(name)}">${body}</testcase>\n`;
}

/** XML 1.0 has no place for most control characters, not even escaped. */
function escaped(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out.
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      .replaceAll('\n', '&#10;')
  );
}
