import type { SourceName } from '../source-name.ts';

/**
 * The cause of a failure, and its remedy. Catalogues (error codes, reasons, rules of the lint), faults of settings and
 * entities, problems of preflight and of migrations, findings, and sources that do not answer all have this shape.
 */
export interface Explanation {
  readonly cause: string;
  readonly remedy: string;
}

/** An entry of a catalogue for one source; without one, for any. */
export function explain({ cause, remedy }: Explanation, source?: SourceName): Explanation {
  return { cause: about(cause, source), remedy: about(remedy, source) };
}

/** Puts a source's name into a text of the catalogues: `{source}`, `{source:lower}`. */
export function about(text: string, source: SourceName | undefined): string {
  return text
    .replaceAll('{source:lower}', source?.toLowerCase() ?? 'the source')
    .replaceAll('{source}', source ?? 'the source');
}

/** Lines for a terminal: the cause, after its label where it has one, then the remedy. */
export function explanationLines(
  { cause, remedy }: Explanation,
  { label, indent = '' }: { readonly label?: string; readonly indent?: string } = {},
): string[] {
  return [`${indent}${label === undefined ? '' : `${label}: `}${cause}`, `${indent}Next: ${remedy}`];
}

/** The same on one line: a hint of a command, the message of an error. */
export function explanationLine({ cause, remedy }: Explanation): string {
  return `${cause} Next: ${remedy}`;
}

/** The names in JSON and in the API, which programs rely on: they stay as the first version of each had them. */
const publicNames = {
  creation: { cause: 'refused', remedy: 'next' },
  lint: { cause: 'message', remedy: 'safer' },
  migration: { cause: 'detail', remedy: 'next' },
  preflight: { cause: 'detail', remedy: 'remedy' },
  setting: { cause: 'problem', remedy: 'remedy' },
  source: { cause: 'message', remedy: 'remedy' },
} as const;

type PublicNames = typeof publicNames;
type Public<T, K extends keyof PublicNames> = Omit<T, keyof Explanation> &
  Readonly<Record<PublicNames[K][keyof Explanation], string>>;

/** The same for programs: under the public names of its kind, in the same order. */
export function withPublicNames<T extends Explanation, K extends keyof PublicNames>(
  kind: K,
  explanation: T,
): Public<T, K> {
  const { cause, remedy } = publicNames[kind];
  const entries = Object.entries(explanation).map(([name, value]) => [
    name === 'cause' ? cause : name === 'remedy' ? remedy : name,
    value,
  ]);
  return Object.fromEntries(entries) as Public<T, K>;
}
