import { join } from 'node:path';
import { reportLocal } from '../src/commands/report-local.ts';
import { loadConfig } from '../src/config/config.ts';
import { ensureLocal } from '../src/local/local-pair.ts';
import { openParityClient } from '../src/parity/client.ts';
import type { ParityClients } from '../src/parity/on-both.ts';
import { sourceNames } from '../src/source-name.ts';
import { terminal } from './terminal.ts';

const database = 'tandem_scratch_bench';

/** Runs work with an empty database in each of two local servers, which are gone afterwards. */
export async function withParityPair(work: (clients: ParityClients) => Promise<void>): Promise<void> {
  const home = join(process.cwd(), '.tandem', 'bench-parity');
  const ours = Object.entries(process.env).filter(([name]) => !/^(AZURE|GCP)_DB_/.test(name));
  const pair = await ensureLocal({ home, env: Object.fromEntries(ours), report: reportLocal(terminal) });
  try {
    const given = loadConfig(pair.env, home);
    for (const source of sourceNames) {
      await using client = await openParityClient(source, given);
      await client.run(`drop database if exists ${database}`);
      await client.run(`create database ${database}`);
    }
    const config = loadConfig({ ...pair.env, AZURE_DB_NAME: database, GCP_DB_NAME: database }, home);
    await using azure = await openParityClient('AZURE', config);
    await using gcp = await openParityClient('GCP', config);
    await work({ AZURE: azure, GCP: gcp });
    for (const client of [azure, gcp]) await client.run(`drop database ${database}`);
  } finally {
    await pair.stop();
  }
}
