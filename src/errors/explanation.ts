import type { SourceName } from '../source-name.ts';

/**
 * What went wrong and what to do about it: the shape of an entry in every catalogue, of the error codes, of the reasons
 * behind them and of the lint's rules. What is printed for programs has it under names that stay as they are: `message`
 * and `remedy` in an answer of the API, `detail` and `remedy` in preflight, `detail` and `next` in `migrate`, `message` and
 * `safer` in the lint.
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
