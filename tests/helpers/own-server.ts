import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Account, DatabaseConfig } from '../../src/config/groups/database.ts';
import { makeOnce } from '../../src/local/cache.ts';
import { LocalError } from '../../src/local/errors.ts';
import { defaultCache, homePaths, type ServerPaths } from '../../src/local/home.ts';
import { dataArguments, serverArguments } from '../../src/local/mysqld/arguments.ts';
import { ensureData } from '../../src/local/mysqld/data.ts';
import { launch, release } from '../../src/local/mysqld/guard.ts';
import { commandLine, runsAsRoot, serverEnv } from '../../src/local/mysqld/program.ts';
import { untilReady } from '../../src/local/mysqld/ready.ts';
import { findProgram } from '../../src/local/origins/order.ts';
import { choosePort } from '../../src/local/ports.ts';
import { run } from '../../src/local/run-process.ts';
import { makeCertificates } from '../../src/local/tls/certificates.ts';
import type { Program } from '../../src/local/types.ts';
import { makeDataFolder } from './data-folder.ts';
import { connect } from './driver.ts';
import { hasty } from './hasty-mysqld-options.ts';
import { NATIVE } from './local-home.ts';

interface Options {
  /** The folder in which its data is. */
  readonly on?: string;
  /** Options of mysqld, after all others. */
  readonly more?: readonly string[];
  /** Options that its data must be made with. */
  readonly made?: readonly string[];
  /** Its certificate is as if made then: valid from a day before, for 800 days. */
  readonly certifiedAt?: Date;
  /** The host that its certificate is for. */
  readonly certifiedFor?: { readonly dns: string; readonly ip: string };
  /** It has the accounts and the certificate of another one, as its replica may have. */
  readonly like?: OwnServer;
}

/**
 * A MySQL server that one test owns, with an administrator: global variables, accounts and certificates may be
 * changed at will, which the pair of the run, whose root is locked, does not allow.
 */
export interface OwnServer extends AsyncDisposable {
  readonly port: number;
  /** How the application reaches it: database `tandem`, which is empty, and two accounts as in production. */
  readonly config: DatabaseConfig;
  readonly admin: Account;
  /** Where its certificate is. */
  readonly files: { readonly ca: string; readonly certificate: string; readonly key: string };
  /** Runs a statement as the administrator, over a connection that stays open meanwhile. */
  sql<T extends object>(statement: string): Promise<T[]>;
  /** Starts it again on its data, after it has ended where it still runs, with these options besides. */
  restart(besides?: readonly string[]): Promise<void>;
}

export async function startOwnServer({
  on,
  more = [],
  made = [],
  certifiedAt,
  certifiedFor,
  like,
}: Options = {}): Promise<OwnServer> {
  const home = on === undefined ? makeDataFolder('own') : await mkdtemp(join(on, 'own-'));
  const paths = homePaths(home);
  const files = paths.server('AZURE');
  const tls = like?.files ?? {
    ca: join(home, 'ca.pem'),
    certificate: join(home, 'cert.pem'),
    key: join(home, 'key.pem'),
  };
  const search = { env: process.env, cache: defaultCache(process.env), report: () => {} };
  const { program, template } = await findProgram(NATIVE, search);
  await mkdir(files.dir, { recursive: true });
  const empty = made.length === 0 ? template : await templateOf(program, search.cache, made);
  await ensureData(files, program, empty);

  if (like === undefined) {
    const { ca, servers } = await makeCertificates(['AZURE'], certifiedAt, certifiedFor);
    await writeFile(tls.ca, ca);
    await writeFile(tls.certificate, servers.AZURE?.certificate ?? '');
    await writeFile(tls.key, servers.AZURE?.key ?? '');
  }
  const ca = await readFile(tls.ca, 'utf8');
  const account = (user: string): Account => ({ user, password: randomBytes(18).toString('base64url') });
  const { runtime, migrator } = like?.config ?? {
    runtime: account('tandem'),
    migrator: account('tandem_migrator'),
  };
  const admin = account('admin');
  const makes = [
    'CREATE DATABASE tandem CHARACTER SET utf8mb4',
    ...[admin, runtime, migrator].map(
      ({ user, password }) => `CREATE USER '${user}'@'%' IDENTIFIED BY '${password}'`,
    ),
    "GRANT ALL ON *.* TO 'admin'@'%' WITH GRANT OPTION",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON tandem.* TO 'tandem'@'%'",
    "GRANT ALL ON tandem.* TO 'tandem_migrator'@'%'",
    'ALTER USER root@localhost ACCOUNT LOCK',
  ];
  await writeFile(files.initFile, makes.map((statement) => `${statement};\n`).join(''), { mode: 0o600 });
  const begin = (port: number, besides: readonly string[] = []) =>
    launch({
      argv: commandLine(
        program,
        [
          ...serverArguments(files, tls, { port, asRoot: runsAsRoot() }),
          ...hasty,
          ...made,
          ...more,
          ...besides,
        ],
        { mounts: [home] },
      ),
      env: serverEnv(process.env),
      log: files.log,
      detached: false,
    });
  const begun = await beginOnFreePort(files, begin);
  const { port } = begun;
  let { child } = begun;

  const config: DatabaseConfig = {
    host: '127.0.0.1',
    port,
    name: 'tandem',
    tls: { mode: 'VERIFY_IDENTITY', ca },
    runtime,
    migrator,
  };
  let connection: Awaited<ReturnType<typeof connect>> | undefined;
  return {
    port,
    config,
    admin,
    files: tls,
    async sql<T extends object>(statement: string) {
      connection ??= await connect(config, admin);
      const [rows] = await connection.query(statement);
      return rows as T[];
    },
    async restart(besides) {
      connection?.destroy();
      connection = undefined;
      await release(child);
      // The accounts are there already.
      await writeFile(files.initFile, '');
      const { size } = await stat(files.log);
      child = begin(port, besides);
      await untilReady({ child, source: 'AZURE', port, files, logStart: size, contained: false });
    },
    async [Symbol.asyncDispose]() {
      connection?.destroy();
      await kill(child);
      // The kernel may still be about to end the server behind its guard.
      await rm(home, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

/** Between its choice and its use, a server of another worker can take a port. */
async function beginOnFreePort(files: ServerPaths, begin: (port: number) => ChildProcess) {
  for (let attempt = 1; ; attempt += 1) {
    const port = await choosePort([], new Set());
    const logStart = attempt === 1 ? 0 : (await stat(files.log)).size;
    const child = begin(port);
    try {
      await untilReady({ child, source: 'AZURE', port, files, logStart, contained: false });
      return { port, child };
    } catch (error) {
      if (!(error instanceof LocalError && error.code === 'PORT_TAKEN') || attempt === 5) throw error;
    }
  }
}

/** Ends a server whose data nobody needs any more; to shut down in order takes it a second. */
async function kill(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.ref();
  const ended = once(child, 'exit');
  // A guard and all that it has started are one process group.
  process.kill(-child.pid, 'SIGKILL');
  await ended;
}

/** An empty data directory that was made with some options, to be copied: making one takes seconds. */
async function templateOf(program: Program, cache: string, made: readonly string[]): Promise<string> {
  const name = `tests-${program.version}${made.join('')}`.replace(/[^\w.+-]/g, '_');
  const template = join(cache, 'templates', name);
  await makeOnce(template, async (draft) => {
    const data = join(draft, 'data');
    await mkdir(data, { mode: 0o700 });
    const args = ['--initialize-insecure', ...dataArguments(data, { asRoot: runsAsRoot() })];
    const argv = commandLine(program, [...args, ...made], { mounts: [draft] });
    const { code, stdout, stderr } = await run(argv, { env: serverEnv(process.env), input: '' });
    if (code !== 0) throw new Error(`no data could be made: ${stdout}${stderr}`);
    return data;
  });
  return template;
}
