import { gql } from '../api/graphql.ts';
import { request } from '../api/request.ts';
import { useResource } from '../resource.ts';
import { may } from '../viewer.ts';

const drift = gql(`
  query DriftWord {
    drift {
      sources { findings { kind breaking } }
      azure { findings { kind breaking } }
      gcp { findings { kind breaking } }
    }
  }
`);

const parity = gql(`
  query ParityWord {
    parity { state verdict startedAt seenAt endedAt tables { table verdict different onlyAzure onlyGcp } }
  }
`);

/** Catalogues and records change rarely, and are not free to read: catalogues less so. */
const minute = 60_000;

export const useDriftWord = () =>
  useResource('drift-word', (signal) => request(drift, {}, signal), {
    every: 5 * minute,
    enabled: may('drift'),
  });

export const useParityWord = () =>
  useResource('parity-word', (signal) => request(parity, {}, signal), {
    every: minute,
    enabled: may('parity'),
  });
