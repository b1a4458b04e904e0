import type { SourceName } from '../source-name.ts';
import { requestErrors } from './codes/request-errors.ts';
import { sourceErrors } from './codes/source-errors.ts';
import { explain } from './explanation.ts';

/**
 * Every error that Tandem knows: what went wrong and what to do next. API, CLI and docs/errors.md read it here.
 */
export const catalogue = { ...sourceErrors, ...requestErrors } as const;

export type ErrorCode = keyof typeof catalogue;

/** The extensions of a client's error, beside the message. */
export interface CodedExtensions {
  readonly code: ErrorCode;
  readonly source?: SourceName;
  readonly remedy: string;
  /** Whether the same may be sent again, after a pause: nothing was changed, and it may then succeed. */
  readonly retryable: boolean;
}

export function extensionsOf(code: ErrorCode, source?: SourceName): CodedExtensions {
  const { remedy } = explain(catalogue[code], source);
  const of = source === undefined ? {} : { source };
  return { code, ...of, remedy, retryable: catalogue[code].retry === 'later' };
}

export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(catalogue, code);
}
