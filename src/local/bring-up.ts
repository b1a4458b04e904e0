import { type SourceName, sourceNames } from '../source-name.ts';
import { otherOriginRuns } from './errors.ts';
import type { HomePaths } from './home.ts';
import { readLocalEnv, secretsOf, settingsOf, writeLocalEnv } from './local-env.ts';
import { assertReadable, ensureData } from './mysqld/data.ts';
import { findProgram } from './origins/order.ts';
import { makePair, recordedFrom, type Started, startOnFreePort, stopStarted } from './pair.ts';
import { PREFERRED_PORTS } from './ports.ts';
import { endRecorded, isAnswering, type LocalRecord, readRecord, writeRecord } from './recorded-servers.ts';
import { ensureTls, tlsFiles } from './tls/files.ts';
import type { LocalPair, ReportProgress, ServerOrigin } from './types.ts';

export interface BringUp {
  paths: HomePaths;
  env: NodeJS.ProcessEnv;
  cache: string;
  report: ReportProgress;
  detached: boolean;
  mysqldOptions: readonly string[];
}

/** Uses the recorded servers that are alive and starts those that are missing. Call it under the home's lock. */
export async function bringUp(order: readonly ServerOrigin[], context: BringUp): Promise<LocalPair> {
  const { paths, report } = context;
  const alive = await answering(paths);
  assertAskedFor(alive, order);
  if (!sourceNames.every((source) => alive[source])) return startMissing(alive, order, context);
  report({ kind: 'origin', origin: 'recorded', what: `the servers already running in ${paths.home}` });
  return pairOf('recorded', paths, alive, null);
}

/** The recorded servers that still answer; one that runs but does not answer is ended. */
async function answering(paths: HomePaths): Promise<LocalRecord> {
  const record = readRecord(paths);
  const alive: LocalRecord = {};
  await Promise.all(
    sourceNames.map(async (source) => {
      const server = record[source];
      if (!server) return;
      if (await isAnswering(paths, server)) alive[source] = server;
      else await endRecorded(paths, server);
    }),
  );
  return alive;
}

function assertAskedFor(alive: LocalRecord, order: readonly ServerOrigin[]): void {
  for (const server of Object.values(alive)) {
    const { origin } = server.program;
    if (!order.includes('recorded') && !order.includes(origin)) throw otherOriginRuns(origin, order);
  }
}

async function startMissing(
  alive: LocalRecord,
  order: readonly ServerOrigin[],
  { paths, env, cache, report, detached, mysqldOptions }: BringUp,
): Promise<LocalPair> {
  const { program, template } = await findProgram(order, { env, cache, report });
  report({ kind: 'origin', origin: program.origin, what: `mysql ${program.version}` });
  await ensureTls(paths.tls);
  const settings = readLocalEnv(paths.env);
  const started: Started = { paths, servers: new Map() };
  const avoid = new Set<number>();
  const missing = sourceNames.filter((source) => !alive[source]);
  for (const source of missing) assertReadable(program.version, paths.server(source));
  await settle(missing.map((source) => ensureData(paths.server(source), program, template)));
  const starts = missing.map(async (source) => {
    const wanted = Number(settings[`${source}_DB_PORT`]) || PREFERRED_PORTS[source];
    const options = {
      program,
      paths,
      source,
      secrets: secretsOf(settings, source),
      detached,
      mysqldOptions,
      env,
      report,
    };
    started.servers.set(source, await startOnFreePort(options, wanted, avoid));
  });
  await settle(starts).catch(async (error) => {
    await stopStarted(started);
    throw error;
  });
  const record = { ...alive };
  const written = { ...settings };
  for (const [source, { running, options }] of started.servers) {
    record[source] = recordedFrom(running, options);
    const { ca } = tlsFiles(paths.tls, source);
    Object.assign(written, settingsOf(source, { port: options.port, secrets: options.secrets, ca }));
  }
  await writeLocalEnv(paths.env, written);
  await writeRecord(paths, record);
  return pairOf(program.origin, paths, record, started);
}

/** Waits for all, also after one has failed: nothing may go on behind the back of who cleans up. */
async function settle(works: readonly Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(works)).find((outcome) => outcome.status === 'rejected');
  if (failed) throw failed.reason;
}

function pairOf(
  origin: ServerOrigin,
  paths: HomePaths,
  record: LocalRecord,
  started: Started | null,
): LocalPair {
  const { AZURE, GCP } = record;
  if (!AZURE || !GCP) throw new Error('A pair was made with a server missing; please report this');
  const servers = { AZURE: shown(AZURE), GCP: shown(GCP) };
  return makePair(origin, servers, readLocalEnv(paths.env), started);
}

function shown({ source, host, port, pid, version }: NonNullable<LocalRecord[SourceName]>) {
  return { source, host, port, pid, version };
}
