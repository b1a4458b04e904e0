import { hidingLocalPair } from '../config/environment.ts';
import { explanationLines } from '../errors/explanation.ts';
import { ensureLocal, localStatus, resetLocal, stopLocal } from '../local/local-pair.ts';
import type { ServerStatus } from '../local/status.ts';
import { type CommandIo, printJson } from './command-io.ts';
import { reportLocal } from './report-local.ts';
import { type Terminal, terminalOn } from './terminal.ts';

/** `tandem local start`: two databases that stay up until `tandem local stop`. */
export async function localStart({ env, stderr }: CommandIo): Promise<number> {
  const terminal = terminalOn(stderr);
  const { say } = terminal;
  const pair = await ensureLocal({ env, report: reportLocal(terminal), detached: true });
  if (pair.origin === 'settings') {
    say('AZURE_DB_HOST and GCP_DB_HOST are set: nothing to start.');
    return 0;
  }
  const { servers } = await localStatus();
  const hiding = hidingLocalPair(env);
  if (hiding.length > 0) {
    const lines = explanationLines({
      cause: `They run, and Tandem does not use them: the environment or .env sets ${hiding.join(', ')}.`,
      remedy: 'unset these, or empty their lines in .env. They stay up until `tandem local stop`.',
    });
    for (const line of lines) say(line);
  } else if (servers.every(({ detached }) => detached)) {
    say('They stay up until `tandem local stop`. Tandem and the MikroORM CLI find them by themselves.');
  } else {
    say('They belong to a demo that is running, and end with it.');
  }
  return 0;
}

/** `tandem local status`: what is recorded and whether it runs. Exit code 1 where one does not answer. */
export async function localStatusCommand(
  { json }: { readonly json: boolean },
  { stdout, stderr }: CommandIo,
): Promise<number> {
  const { sayAbout, style } = terminalOn(stderr);
  const status = await localStatus();
  if (json) printJson(stdout, status);
  else for (const server of status.servers) sayAbout(server.source.toLowerCase(), describe(server, style));
  return status.servers.every(({ answering }) => answering) ? 0 : 1;
}

function describe(
  { answering, running, version, port, pid, dataBytes, log }: ServerStatus,
  style: Terminal['style'],
): string {
  const size = `${Math.round(dataBytes / 1_000_000)} MB of data`;
  if (answering) return `${style('green', 'answers')} on 127.0.0.1:${port}, ${version}, pid ${pid}, ${size}`;
  if (running) return `${style('red', 'runs but does not answer')}, pid ${pid}; see ${log}`;
  return dataBytes > 0 ? `stopped, ${size}` : 'never started';
}

/** `tandem local stop`: ends the recorded servers; the data stays. */
export async function localStop({ stderr }: CommandIo): Promise<number> {
  const { say } = terminalOn(stderr);
  const { stopped } = await stopLocal();
  say(stopped.length === 0 ? 'None was running.' : `Stopped: ${stopped.join(', ')}. The data stays.`);
  return 0;
}

/** `tandem local reset`: ends the recorded servers and deletes their data. */
export async function localReset({ stderr }: CommandIo): Promise<number> {
  const { say } = terminalOn(stderr);
  const { stopped, deleted } = await resetLocal();
  if (stopped.length > 0) say(`Stopped: ${stopped.join(', ')}.`);
  say(deleted.length === 0 ? 'Nothing to delete.' : `Deleted: ${deleted.join(', ')}`);
  return 0;
}
