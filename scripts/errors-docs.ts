// Makes docs/errors.md of the catalogues in src/errors: `npm run docs`.
import { catalogue, type ErrorCode } from '../src/errors/codes.ts';
import { type Reason, reasons, signsOf } from '../src/errors/explain-reason.ts';
import { numbersOf } from '../src/errors/from-mysql.ts';
import { sourceNames } from '../src/source-name.ts';

const codes = Object.keys(catalogue) as ErrorCode[];
const retries = { later: 'yes', never: 'no', look: 'read first' } as const;

/** The whole page. */
export function renderErrors(): string {
  return `${[
    '# Errors',
    '<!-- Made by `npm run docs` from src/errors: do not edit. -->',
    about,
    '## Codes',
    aboutCodes,
    table(['Code', 'Cause', 'Remedy', 'Retry', 'HTTP', 'MySQL'], codes.map(codeRow)),
    '## Reasons',
    aboutReasons,
    table(['Reason', 'Code', 'MySQL, driver'], (Object.keys(reasons) as Reason[]).map(reasonRow)),
    ...(Object.keys(reasons) as Reason[]).flatMap(explain),
  ].join('\n\n')}\n`;
}

const about = [
  'Every error has a code. An answer has it in `extensions.code`; the terminal and the log show it with the reason.',
  'None of them holds SQL, text of the driver or values of rows.',
  'Every row below has a test that causes the error: `tests/integration/error-catalogue.test.ts` and `error-reasons.test.ts`.',
].join(' ');

const aboutCodes = [
  '`extensions` also has `remedy`, `source` (the cloud, for errors of one cloud) and `retryable`: true if the request changed',
  'nothing and may succeed after a pause. *HTTP* is the status if the whole',
  'request fails. If a field fails, the answer is a 200 with the other data, and the field is null. With `accept: application/json`,',
  'a refused operation is a 200 too ([HTTP](http.md)). Codes never change their name or meaning.',
].join(' ');

const aboutReasons = [
  'A client gets only the code, such as that a source is unavailable. The operator gets the cause as `reason`, in the log and in the output',
  'of every command. The server never sends reasons to clients, since they name hosts and accounts.',
].join(' ');

function codeRow(code: ErrorCode): string[] {
  const { cause, remedy, retry, ...entry } = catalogue[code];
  const status = 'status' in entry ? String(entry.status) : '';
  return [`\`${code}\``, plain(cause), plain(remedy), retries[retry], status, numbersOf(code).join(', ')];
}

function reasonRow(reason: Reason): string[] {
  const { code } = reasons[reason];
  return [`[\`${reason}\`](#${reason.toLowerCase()})`, `\`${code}\``, signsOf(reason).join(', ')];
}

/** A reason in full, and what is different in one of the clouds. */
function explain(reason: Reason): string[] {
  const { cause, remedy } = reasons[reason];
  const own = sourceNames.flatMap((source) => {
    const { [source]: here } = reasons[reason] as { AZURE?: string; GCP?: string };
    return here === undefined ? [] : [`- ${source}: ${here}`];
  });
  const what = `${plain(cause)} ${plain(remedy)}`;
  return [`### ${reason}`, what, ...(own.length === 0 ? [] : [own.join('\n')])];
}

/** Which of the two sources, a reader puts in. */
const plain = (text: string) =>
  text
    .replaceAll('{source:lower}', 'azure` or `gcp')
    .replaceAll(/\{source\}(?=_DB_)/g, '…')
    .replaceAll('{source}', 'the source')
    .replace(/^the source/, 'The source');

function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(headings), line(headings.map(() => '---')), ...rows.map(line)].join('\n');
}
