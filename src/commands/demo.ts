import { loadConfig, withDotEnv } from '../config.ts';
import { Patient } from '../entities/patient.ts';
import { ensureLocal } from '../local/local.ts';
import { createLog, type Log } from '../log.ts';
import { type Running, start } from '../main.ts';
import { migrateUp } from '../migrator/up.ts';
import { type Tracing, tracingOf } from '../observability/tracing.ts';
import { seed } from '../seeders/seed.ts';
import { type SourceName, sourceNames } from '../source-name.ts';
import { openSource } from '../sources/source.ts';
import { reportLocal } from './report-local.ts';
import { runUntilSignal } from './run-until-signal.ts';
import { describeSeed } from './seed.ts';
import { say, sayAbout, seconds, style } from './terminal.ts';

type Config = ReturnType<typeof loadConfig>;

/** `tandem demo`: two databases, migrated and seeded, and the server on them, until SIGINT or SIGTERM. */
export async function demo({ patients }: { readonly patients: number }): Promise<void> {
  const started = performance.now();
  say(style('bold', 'Tandem demo'));
  // Before the servers start: a Ctrl-C from here on must not leave them behind.
  const pair = await ensureLocal({ env: withDotEnv(process.env), report: reportLocal() });
  try {
    const config = loadConfig({ ...process.env, ...pair.env });
    const given = pair.origin === 'settings';
    await Promise.all(sourceNames.map((name) => prepare(name, config, patients, given)));
    const tracing = await tracingOf(config);
    const log = createLog({
      level: process.env.LOG_LEVEL ?? 'warn',
      ...(tracing && { fields: tracing.fields }),
    });
    const running = await startSomewhere(config, log, tracing);
    announce(running.url, performance.now() - started, pair.owned);
    await runUntilSignal(
      async () => {
        say('\nStopping …');
        await running.stop();
        await tracing?.close();
        await pair.stop();
      },
      { timeoutMs: config.server.shutdownDelayMs + config.server.shutdownTimeoutMs },
    );
  } finally {
    await pair.stop();
  }
}

async function prepare(name: SourceName, config: Config, patients: number, given: boolean): Promise<void> {
  const database = config.databases[name];
  const applied = await migrateUp(name, database, config.pool);
  await using source = await openSource(name, database, config.pool);
  const label = name.toLowerCase();
  const migrations = applied.length === 0 ? 'tables up to date' : `${applied.length} migration(s) applied`;
  // Somebody's own database may hold real people: invented ones are for empty tables only.
  if (given && (await source.read((em) => em.createQueryBuilder(Patient).limit(1).execute())).length > 0) {
    sayAbout(label, `${migrations}; rows found, none added`);
    return;
  }
  sayAbout(label, `${migrations}; ${describeSeed(await seed(source, patients))}`);
}

/** On the configured port; where that is taken and nobody asked for it by name, on a free one. */
async function startSomewhere(config: Config, log: Log, tracing?: Tracing): Promise<Running> {
  try {
    return await start(config, log, { tracing });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || process.env.PORT !== undefined) throw error;
    sayAbout('server', `port ${config.server.port} is taken, using a free one`);
    return start({ ...config, server: { ...config.server, port: 0 } }, log, { tracing });
  }
}

function announce(url: string, ms: number, owned: boolean): void {
  say();
  sayAbout(
    'Sandbox',
    `${style('cyan', `${url}/graphql`)}   Apollo Sandbox; its page comes from the internet`,
  );
  sayAbout('Explorer', `${style('cyan', `${url}/explorer`)}  the same without the internet`);
  say();
  say(
    `Ready in ${seconds(ms)}. Ctrl-C stops ${owned ? 'server and databases; the data stays' : 'the server'}.`,
  );
}
