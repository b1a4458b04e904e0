import { signal } from '@preact/signals';
import { gql, type ResultOf } from './api/graphql.ts';
import { type ApiAnswer, request } from './api/request.ts';
import { roleRefused } from './session.ts';

const operation = gql(`query Viewer { viewer { subject role roles features schemaDigest } }`);

type Answer = ResultOf<typeof operation>;
type Viewer = NonNullable<Answer['viewer']>;

/** The caller as the server knows it; null until the server has answered. */
export const viewer = signal<Viewer | null>(null);

/** Asks who calls, and with which schema: the server may have been started again with another one. */
export async function askViewer(abort?: AbortSignal): Promise<ApiAnswer<Answer>> {
  const answer = await request(operation, {}, abort);
  const { data, errors } = answer;
  if (data === null && errors.some(({ code }) => code === 'FORBIDDEN')) roleRefused();
  const known = viewer.value;
  // One that has not changed draws nothing anew.
  if (data?.viewer && JSON.stringify(data.viewer) !== JSON.stringify(known)) viewer.value = data.viewer;
  return answer;
}

/** Whether the caller's role has a feature; true while that is not known, so that nothing flickers. */
export function may(feature: string): boolean {
  return viewer.value?.features.includes(feature) ?? true;
}
