import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { defaultCache, homePaths } from '../../src/local/home.ts';
import { dataArguments } from '../../src/local/mysqld/arguments.ts';
import { ensureData } from '../../src/local/mysqld/data.ts';
import { commandLine, runsAsRoot, serverEnv } from '../../src/local/mysqld/program.ts';
import { findProgram } from '../../src/local/origins/order.ts';
import { choosePort } from '../../src/local/ports.ts';
import type { KeyAndCertificate } from '../../src/local/tls/certificates.ts';
import { makeDataFolder } from './data-folder.ts';
import { NATIVE } from './local-home.ts';

/** A MySQL server of a test's own, as the test wants it: nothing is secured that it does not ask for. */
export interface BareServer extends AsyncDisposable {
  readonly port: number;
}

/**
 * Starts one on 127.0.0.1 and waits until it listens. `sql` is run by root before the first connection, a statement
 * each; without a certificate the server offers no TLS.
 */
export async function startBareServer({
  tls,
  sql = [],
  args = [],
}: {
  readonly tls?: KeyAndCertificate;
  readonly sql?: readonly string[];
  readonly args?: readonly string[];
}): Promise<BareServer> {
  const home = makeDataFolder('bare');
  const paths = homePaths(home).server('AZURE');
  mkdirSync(paths.dir);
  const search = { env: process.env, cache: defaultCache(process.env), report: () => {} };
  const { program, template } = await findProgram(NATIVE, search);
  await ensureData(paths, program, template);
  writeFileSync(paths.initFile, sql.map((statement) => `${statement};\n`).join(''));
  if (tls !== undefined) {
    writeFileSync(join(home, 'key.pem'), tls.key, { mode: 0o600 });
    writeFileSync(join(home, 'cert.pem'), tls.certificate);
  }
  const port = await choosePort([], new Set());
  const argv = commandLine(
    program,
    [
      ...dataArguments(paths.data, { asRoot: runsAsRoot() }),
      '--bind-address=127.0.0.1',
      `--port=${port}`,
      '--socket=',
      `--pid-file=${paths.pidFile}`,
      `--init-file=${paths.initFile}`,
      `--log-error=${paths.log}`,
      `--tmpdir=${paths.tmp}`,
      '--skip-name-resolve',
      ...(tls === undefined ? [] : [`--ssl-cert=${home}/cert.pem`, `--ssl-key=${home}/key.pem`]),
      ...args,
    ],
    { mounts: [home] },
  );
  const output = openSync(join(home, 'output'), 'w');
  const [file = '', ...rest] = argv;
  const child = spawn(file, rest, { env: serverEnv(process.env), stdio: ['ignore', output, output] });
  const exited = once(child, 'exit');
  const log = () => {
    try {
      return readFileSync(paths.log, 'utf8');
    } catch {
      return '';
    }
  };
  while (!/ready for connections/.test(log())) {
    if (child.exitCode !== null) throw new Error(`the server ended: ${log()}`);
    await sleep(25);
  }
  // A statement that fails ends the file, and the server starts all the same.
  if (/\[ERROR\]/.test(log())) throw new Error(log());
  return {
    port,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
      rmSync(home, { recursive: true });
    },
  };
}
