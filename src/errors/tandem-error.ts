import type { SourceName } from '../source-name.ts';
import { catalogue, type ErrorCode } from './catalogue.ts';

/**
 * An error that may be shown to a client: no SQL, no driver text, no value of a row. graphql-js copies
 * `extensions` into the answer (GraphQL spec, section 7.1.2, "Error result format").
 */
export class TandemError extends Error {
  override readonly name = 'TandemError';
  readonly extensions: { readonly code: ErrorCode; readonly source?: SourceName; readonly remedy: string };

  constructor(
    readonly code: ErrorCode,
    { source, message, cause }: { source?: SourceName; message?: string; cause?: unknown } = {},
  ) {
    super(message ?? about(catalogue[code].cause, source), { cause });
    const remedy = about(catalogue[code].remedy, source);
    this.extensions = source === undefined ? { code, remedy } : { code, source, remedy };
  }
}

function about(text: string, source: SourceName | undefined): string {
  return text
    .replaceAll('{source:lower}', source?.toLowerCase() ?? 'the source')
    .replaceAll('{source}', source ?? 'the source');
}
