import { type Config, loadConfig } from '../config/config.ts';
import { withDotEnv, withoutDatabases } from '../config/environment.ts';
import { ensureLocal } from '../local/local-pair.ts';
import { createLog, type Log } from '../log/log.ts';
import { migrateUp } from '../migrator/up.ts';
import { type Tracing, tracingOf } from '../observability/tracing.ts';
import { seed } from '../seeders/seed.ts';
import { type SourceName, sourceNames } from '../source-name.ts';
import { openSource } from '../sources/source.ts';
import { type Running, start } from '../start.ts';
import type { CommandIo } from './command-io.ts';
import { reportLocal } from './report-local.ts';
import { runUntilSignal } from './run-until-signal.ts';
import { describeSeed } from './seed.ts';
import { formatSeconds, type Terminal, terminalOn } from './terminal.ts';

/**
 * `tandem demo`: two databases, migrated and seeded, and the server on them, until SIGINT or SIGTERM. The databases are its own,
 * whatever settings say: invented patients do not belong into a real database.
 */
export async function demo(
  { patients }: { readonly patients: number },
  { env, stderr }: CommandIo,
): Promise<number> {
  const started = performance.now();
  const terminal = terminalOn(stderr);
  const { say, style } = terminal;
  say(style('bold', 'Tandem demo'));
  const given = withDotEnv(env);
  if (given.AZURE_DB_HOST || given.GCP_DB_HOST) {
    say('The demo has databases of its own: those that AZURE_DB_HOST and GCP_DB_HOST name are left alone.');
    say('Use `npm run -s tandem -- serve` to serve them.');
  }
  // Before the servers start: a Ctrl-C from here on must not leave them behind.
  const pair = await ensureLocal({ env: withoutDatabases(given), report: reportLocal(terminal) });
  try {
    const config = loadConfig(env, process.cwd(), pair.env);
    await Promise.all(sourceNames.map((name) => prepare(name, config, patients, terminal)));
    const tracing = await tracingOf(config);
    const log = createLog({
      level: env.LOG_LEVEL ?? 'warn',
      ...(tracing && { fields: tracing.fields }),
    });
    const running = await startSomewhere(config, log, {
      portGiven: env.PORT !== undefined,
      terminal,
      ...(tracing && { tracing }),
    });
    announce(running.url, config, { ms: performance.now() - started, owned: pair.owned }, terminal);
    await runUntilSignal(
      async () => {
        say('\nStopping …');
        await running.stop();
        await tracing?.close();
        await pair.stop();
      },
      {
        timeoutMs: config.server.shutdownDelayMs + config.server.shutdownTimeoutMs,
        giveUp: (why) => say(`Not everything was closed (${why}).`),
      },
    );
    return 0;
  } finally {
    await pair.stop();
  }
}

async function prepare(
  name: SourceName,
  config: Config,
  patients: number,
  { sayAbout }: Terminal,
): Promise<void> {
  const database = config.databases[name];
  const applied = await migrateUp(name, database, config.pool);
  await using source = await openSource(name, database, config.pool);
  const label = name.toLowerCase();
  const migrations = applied.length === 0 ? 'tables up to date' : `${applied.length} migration(s) applied`;
  sayAbout(label, `${migrations}; ${describeSeed(await seed(source, patients))}`);
}

/** On the configured port; if that is taken and no setting names it, on a free one. */
async function startSomewhere(
  config: Config,
  log: Log,
  options: { readonly portGiven: boolean; readonly terminal: Terminal; readonly tracing?: Tracing },
): Promise<Running> {
  const { portGiven, terminal, tracing } = options;
  try {
    return await start(config, log, { tracing });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || portGiven) throw error;
    terminal.sayAbout('server', `port ${config.server.port} is taken, using a free one`);
    return start({ ...config, server: { ...config.server, port: 0 } }, log, { tracing });
  }
}

function announce(
  url: string,
  { sandbox, introspection }: Config,
  { ms, owned }: { readonly ms: number; readonly owned: boolean },
  { say, sayAbout, style }: Terminal,
): void {
  say();
  sayAbout(
    sandbox ? 'Sandbox' : 'API',
    `${style('cyan', `${url}/graphql`)}${sandbox ? '   Apollo Sandbox; its page comes from the internet' : ''}`,
  );
  if (introspection) {
    sayAbout('Console', `${style('cyan', url)}           both clouds side by side, without the internet`);
  }
  say();
  say(
    `Ready in ${formatSeconds(ms)}. Ctrl-C stops ${owned ? 'server and databases; the data stays' : 'the server'}.`,
  );
}
