import { ensureLocal, localStatus, resetLocal, stopLocal } from '../local/local.ts';
import type { ServerStatus } from '../local/status.ts';
import { reportLocal } from './report-local.ts';
import { say, sayAbout, style } from './terminal.ts';

/** `tandem local start`: two databases that stay up until `tandem local stop`. */
export async function localStart(): Promise<void> {
  const pair = await ensureLocal({ report: reportLocal(), detached: true });
  if (pair.origin === 'settings') return say('AZURE_DB_HOST and GCP_DB_HOST are set: nothing to start.');
  const { servers } = await localStatus();
  if (servers.every(({ detached }) => detached)) {
    say('They stay up until `tandem local stop`. Tandem and the MikroORM CLI find them by themselves.');
  } else {
    say('They belong to a demo that is running, and end with it.');
  }
}

/** `tandem local status`: what is recorded and whether it runs. Exit code 1 where one does not answer. */
export async function localStatusCommand({ json }: { readonly json: boolean }): Promise<void> {
  const status = await localStatus();
  if (json) process.stdout.write(`${JSON.stringify(status)}\n`);
  else for (const server of status.servers) sayAbout(server.source.toLowerCase(), describe(server));
  if (!status.servers.every(({ answering }) => answering)) process.exitCode = 1;
}

function describe({ answering, running, version, port, pid, dataBytes, log }: ServerStatus): string {
  const size = `${Math.round(dataBytes / 1_000_000)} MB of data`;
  if (answering) return `${style('green', 'answers')} on 127.0.0.1:${port}, ${version}, pid ${pid}, ${size}`;
  if (running) return `${style('red', 'runs but does not answer')}, pid ${pid}; see ${log}`;
  return dataBytes > 0 ? `stopped, ${size}` : 'never started';
}

/** `tandem local stop`: ends the recorded servers; the data stays. */
export async function localStop(): Promise<void> {
  const { stopped } = await stopLocal();
  say(stopped.length === 0 ? 'None was running.' : `Stopped: ${stopped.join(', ')}. The data stays.`);
}

/** `tandem local reset`: ends the recorded servers and deletes their data. */
export async function localReset(): Promise<void> {
  const { stopped, deleted } = await resetLocal();
  if (stopped.length > 0) say(`Stopped: ${stopped.join(', ')}.`);
  say(deleted.length === 0 ? 'Nothing to delete.' : `Deleted: ${deleted.join(', ')}`);
}
