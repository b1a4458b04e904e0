import { gql } from '../api/graphql.ts';
import { request } from '../api/request.ts';
import { useResource } from '../use-resource.ts';
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

/** Catalogues and records change rarely, and are not free to read: the pool keeps a connection for a while after. */
const rarely = 300_000;
const whileRunning = 10_000;

export const useDriftWord = () =>
  useResource('drift-word', (signal) => request(drift, {}, signal), {
    every: rarely,
    enabled: may('drift'),
    remembers: true,
  });

let isRunning = false;

export const useParityWord = () =>
  useResource(
    'parity-word',
    async (signal) => {
      const answer = await request(parity, {}, signal);
      isRunning = answer.data?.parity?.state === 'RUNNING';
      return answer;
    },
    { every: () => (isRunning ? whileRunning : rarely), enabled: may('parity'), remembers: true },
  );
