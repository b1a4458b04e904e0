import { ensureLocal, localStatus, resetLocal, stopLocal } from '../local/local.ts';
import { reportLocal } from './report-local.ts';
import { say, sayAbout } from './terminal.ts';

/** `tandem local start`: two databases that stay up until `tandem local stop`. */
export async function localStart(): Promise<void> {
  const pair = await ensureLocal({ report: reportLocal(), detached: true });
  if (pair.origin === 'settings') say('AZURE_DB_HOST and GCP_DB_HOST are set: nothing to start.');
  else if (pair.origin === 'recorded') say('They run already.');
  else say('They stay up until `tandem local stop`. Tandem and the MikroORM CLI find them by themselves.');
}

/** `tandem local status`: what is recorded and whether it runs. */
export async function localStatusCommand({ json }: { readonly json: boolean }): Promise<void> {
  const status = await localStatus();
  if (json) process.stdout.write(`${JSON.stringify(status)}\n`);
  else say(JSON.stringify(status, null, 2));
}

/** `tandem local stop`: ends the recorded servers; the data stays. */
export async function localStop(): Promise<void> {
  await stopLocal();
  sayAbout('databases', 'stopped; their data stays');
}

/** `tandem local reset`: ends the recorded servers and deletes their data. */
export async function localReset(): Promise<void> {
  await resetLocal();
  sayAbout('databases', 'stopped, and their data deleted');
}
