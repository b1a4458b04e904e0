// Makes docs/errors.md of the catalogues in src/errors: `npm run docs`.
import { catalogue, type ErrorCode } from '../src/errors/codes.ts';
import { type Reason, reasons, signsOf } from '../src/errors/database-faults.ts';
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
    table(['Code', 'What happened', 'What to do', 'Retry', 'HTTP', 'MySQL'], codes.map(codeRow)),
    '## Reasons',
    aboutReasons,
    table(['Reason', 'Code', 'MySQL, driver'], (Object.keys(reasons) as Reason[]).map(reasonRow)),
    ...(Object.keys(reasons) as Reason[]).flatMap(explain),
  ].join('\n\n')}\n`;
}

const about = [
  'Everything that goes wrong has a code. A client finds it in `extensions.code` of an answer, a person at the terminal',
  'and a reader of the log beside the reason why. No SQL, no text of the driver and no value of a row is in any of them.',
  'Every row below has a test that brings it about: `tests/integration/error-catalogue.test.ts` and `error-reasons.test.ts`.',
].join(' ');

const aboutCodes = [
  '`extensions` also has `remedy` (what to do), `source` (which cloud, where it is one’s) and `retryable`: whether the same',
  'may be sent again, after a pause, since nothing was changed and it may then succeed. *HTTP* is the status where the whole',
  'request fails; where a field fails, the answer is a 200 with the others’ data, and the field is null. With `accept: application/json`,',
  'an operation that is refused is a 200 too ([HTTP](http.md)). Codes are never renamed, nor given another meaning.',
].join(' ');

const aboutReasons = [
  'A client hears that a source is unavailable; whoever runs Tandem needs to know why, and finds it as `reason` in the log and in what',
  'every command prints. Reasons are not sent to clients: hosts and accounts are not their business.',
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
