import type { SourceName } from '../source-name.ts';
import type { ErrorCode } from './codes.ts';
import { type Explanation, explanationLines, withPublicNames } from './explanation.ts';
import type { TandemError } from './tandem-error.ts';

/** A source that did not answer, so that a report has nothing of it. */
export interface UnreachableSource extends Explanation {
  readonly source: SourceName;
  readonly code: ErrorCode;
}

export function unreachableSource(
  source: SourceName,
  { code, message, extensions }: TandemError,
): UnreachableSource {
  return { source, code, cause: message, remedy: extensions.remedy };
}

/** Lines for a terminal. */
export function unreachableLines(
  sources: readonly UnreachableSource[],
  paint: (format: 'red', text: string) => string,
): string[] {
  return sources.flatMap(({ source, code, ...explanation }) =>
    explanationLines(explanation, { label: `${paint('red', source.toLowerCase())}  ${code}` }),
  );
}

/** As JSON has them. */
export const unreachableForPrograms = (sources: readonly UnreachableSource[]) =>
  sources.map((source) => withPublicNames('source', source));
