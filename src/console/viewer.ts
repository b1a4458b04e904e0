import { signal } from '@preact/signals';
import { gql, type ResultOf } from './api/graphql.ts';
import { isAway, request } from './api/request.ts';
import { roleRefused } from './session.ts';

const operation = gql(`query Viewer { viewer { subject role roles features } }`);

type Viewer = NonNullable<ResultOf<typeof operation>['viewer']>;

/** The caller as the server knows it; null until the server has answered. */
export const viewer = signal<Viewer | null>(null);

/** Milliseconds until a server that does not answer is asked again. */
const againMs = 3000;

export async function loadViewer(): Promise<void> {
  const answer = await request(operation, {});
  // All that lives on the schema waits for it.
  if (isAway(answer)) setTimeout(() => void loadViewer(), againMs);
  const { data, errors } = answer;
  if (data === null && errors.some(({ code }) => code === 'FORBIDDEN')) roleRefused();
  if (data?.viewer) viewer.value = data.viewer;
}

/** Whether the caller's role has a feature; true while that is not known, so that nothing flickers. */
export function may(feature: string): boolean {
  return viewer.value?.features.includes(feature) ?? true;
}
