/** JUnit's XML, as CI servers read it: https://github.com/testmoapp/junitxml */
export function junitReport(name: string, suites: readonly string[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="${xmlText(name)}">\n${suites.join('')}</testsuites>\n`;
}

/** A suite of cases; `note` is text for the person who reads the report. */
export function junitSuite(
  name: string,
  cases: readonly string[],
  { failures = 0, errors = 0, note = null }: { failures?: number; errors?: number; note?: string | null },
): string {
  const out = note === null ? '' : `    <system-out>${xmlText(note)}</system-out>\n`;
  return `  <testsuite name="${xmlText(name)}" tests="${cases.length}" failures="${failures}" errors="${errors}">\n${cases.join('')}${out}  </testsuite>\n`;
}

/** One case; `body` is what it holds, as XML. */
export function junitCase(suiteName: string, name: string, body = ''): string {
  return `    <testcase classname="${xmlText(suiteName)}" name="${xmlText(name)}">${body}</testcase>\n`;
}

/** A suite of one case that could not be tried. */
export function junitError(
  suiteName: string,
  name: string,
  { type, message, body }: { readonly type: string; readonly message: string; readonly body: string },
): string {
  const error = `<error message="${xmlText(message)}" type="${xmlText(type)}">${xmlText(body)}</error>`;
  return junitSuite(suiteName, [junitCase(suiteName, name, error)], { errors: 1 });
}

/** XML 1.0 has no place for most control characters, not even escaped. */
export function xmlText(text: string): string {
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
