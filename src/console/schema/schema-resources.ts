import { gql, type ResultOf } from '../api/graphql.ts';
import { request } from '../api/request.ts';
import type { Cloud } from '../ui/cloud.tsx';
import { useResource } from '../use-resource.ts';
import { may } from '../viewer.ts';

const drift = gql(`
  query Drift {
    drift {
      sources { ...Comparison }
      azure { ...Comparison }
      gcp { ...Comparison }
    }
  }
  fragment Comparison on DriftComparison {
    left right notVisible notManaged
    findings { kind object property left right breaking statements losesData }
    plan { statements notes }
  }
`);

const erd = gql(
  `query Erd($source: Source!, $compare: Boolean!) { erd(source: $source, compare: $compare) { svg } }`,
);

type Drift = NonNullable<ResultOf<typeof drift>['drift']>;
export type DriftComparisonReport = NonNullable<Drift['sources']>;
export type DriftEntry = DriftComparisonReport['findings'][number];

export const useDrift = () =>
  useResource('drift', (signal) => request(drift, {}, signal), {
    enabled: may('drift'),
    remembers: true,
  });

export const useErd = (source: Cloud, compare: boolean) =>
  useResource(`erd ${source} ${compare}`, (signal) => request(erd, { source, compare }, signal), {
    enabled: may('erd'),
    remembers: true,
  });
