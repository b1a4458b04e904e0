import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { defaultCache } from '../../src/local/home.ts';
import { ensureLocal, localStatus, stopLocal } from '../../src/local/local-pair.ts';
import { findProgram } from '../../src/local/origins/order.ts';
import { killServer } from '../helpers/local-faults.ts';
import { ask, hasNativeServer, NATIVE, processesOf, testHome, until } from '../helpers/local-home.ts';

/**
 * A stand-in for the Docker client: it runs the "container" as a process on this machine. It cannot prove
 * that the image works, but everything on our side of the client is the real thing.
 */
async function actDocker(dir: string): Promise<NodeJS.ProcessEnv> {
  const search = { env: process.env, cache: defaultCache(process.env), report: () => {} };
  const { program } = await findProgram(NATIVE, search);
  if (program.kind !== 'native') throw new Error('a native program was asked for');
  const server = program.command.map((word) => `"${word}"`).join(' ');
  const basedir = program.basedir ? `--basedir=${program.basedir}` : '';
  mkdirSync(dir);
  writeFileSync(
    join(dir, 'docker'),
    `#!/bin/sh
echo "$*" >> ${dir}/calls
for last; do :; done
pidfile=${dir}/$last.pid
case "$1" in
info) echo 28.0.0 ;;
image) exit 0 ;;
inspect) kill -0 "$(cat "$pidfile")" 2>/dev/null && echo true || echo false ;;
stop | rm)
  [ -f "$pidfile" ] || exit 0
  kill -TERM "$(cat "$pidfile")" 2>/dev/null
  while kill -0 "$(cat "$pidfile")" 2>/dev/null; do sleep 0.1; done ;;
run)
  while [ "$1" != mysql:8.4 ]; do [ "$1" = --name ] && echo $$ > "${dir}/$2.pid"; shift; done
  shift
  case "$*" in --version) exec ${server} --version ;; esac
  exec ${server} "$@" ${basedir} --bind-address=127.0.0.1 ;;
esac
`,
  );
  chmodSync(join(dir, 'docker'), 0o755);
  return { ...process.env, PATH: `${dir}:${process.env.PATH}` };
}

describe.skipIf(!(await hasNativeServer()))('a pair in containers', () => {
  test.each([false, true])('starts, serves, is found again and stops (detached: %s)', async (detached) => {
    await using at = testHome('home');
    const dir = join(at.home, '..', 'docker');
    const env = await actDocker(dir);
    const options = { home: at.home, origins: ['recorded', 'docker'] as const, env, detached };
    await using pair = await ensureLocal(options);
    expect(pair).toMatchObject({
      origin: 'docker',
      owned: true,
      servers: { AZURE: { pid: null }, GCP: { pid: null } },
    });
    await ask(pair, 'AZURE', 'runtime', 'SELECT 1');
    await ask(pair, 'GCP', 'migrator', 'SELECT 1');
    expect(await ensureLocal(options)).toMatchObject({ origin: 'recorded', owned: false });
    await expect(killServer(pair, 'AZURE')).rejects.toThrow('works only on native servers');
    expect((await localStatus(at.home)).servers).toMatchObject([{ running: true }, { running: true }]);
    const calls = readFileSync(join(dir, 'calls'), 'utf8');
    expect(calls).not.toContain(pair.env.AZURE_DB_PASSWORD);
    expect(calls.match(/--publish 127\.0\.0\.1:\d+:\d+ /g)).toHaveLength(2);
    if (detached) expect(await stopLocal(at.home)).toEqual({ stopped: ['AZURE', 'GCP'] });
    await pair.stop();
    await until('no process is left', () => processesOf(at.home).length === 0);
  });
});
