import { sessionLost, token } from '../session.ts';
import type { TypedOperation } from './graphql.ts';

/** An error of an answer, or that there was none. */
export interface ApiError {
  readonly code: string;
  readonly message: string;
  readonly remedy: string | null;
  readonly source: string | null;
}

/** Data and errors may come together: one cloud's rows, and why the other has none. */
export interface ApiAnswer<T> {
  readonly data: T | null;
  readonly errors: readonly ApiError[];
}

/** Sends an operation to Tandem's API. It throws nothing but the abort of its own signal. */
export async function request<Data, Variables extends object>(
  operation: TypedOperation<Data, Variables> | string,
  variables: Variables,
  signal?: AbortSignal,
  headers: Readonly<Record<string, string>> = {},
): Promise<ApiAnswer<Data>> {
  try {
    const response = await fetch('/graphql', {
      method: 'POST',
      headers: {
        accept: 'application/json',
        'content-type': 'application/json',
        ...(token.value && { authorization: `Bearer ${token.value.text}` }),
        ...(token.value?.role && { 'x-tandem-role': token.value.role }),
        ...headers,
      },
      body: JSON.stringify({ query: operation, variables }),
      ...(signal && { signal }),
    });
    const answer = await response.json();
    const errors = (answer.errors ?? []).map(errorOf);
    if (response.status === 401) sessionLost();
    return { data: answer.data ?? null, errors };
  } catch (error) {
    if (signal?.aborted) throw error;
    return { data: null, errors: [unreachable] };
  }
}

/** Whether the server itself gave no answer. */
export const isAway = ({ errors }: ApiAnswer<unknown>) =>
  errors.some(({ code }) => code === unreachable.code);

/** The server itself is away. */
const unreachable: ApiError = {
  code: 'NO_ANSWER',
  message: 'Tandem does not answer.',
  remedy: 'Check that the server runs and that the network reaches it. The page tries again by itself.',
  source: null,
};

interface RawError {
  readonly message: string;
  readonly extensions?: { readonly code?: string; readonly remedy?: string; readonly source?: string };
}

function errorOf({ message, extensions }: RawError): ApiError {
  const { code = 'INTERNAL_SERVER_ERROR', remedy = null, source = null } = extensions ?? {};
  return { code, message, remedy, source };
}
