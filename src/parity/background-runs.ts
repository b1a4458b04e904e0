import type { Config } from '../config/config.ts';
import { NothingToCompare } from '../drift/comparison-scope.ts';
import { TandemError } from '../errors/tandem-error.ts';
import type { Log } from '../log/log.ts';
import { type SourceName, sourceNames } from '../source-name.ts';
import { openParityClient } from './client.ts';
import type { ParityClients } from './on-both.ts';
import type { ParityReport } from './report.ts';
import { runParity } from './run.ts';
import { RunStopped } from './run-stopped.ts';
import { defaultPace } from './throttle.ts';
import { cancelRun } from './write-run-record.ts';

/** Runs of parity that a server makes for its callers, in its own process. */
export interface ParityRunner {
  /**
   * Resolves as soon as the run has begun; its record shows the rest.
   *
   * @returns its id
   * @throws TandemError: ALREADY_RUNNING, whichever process is at it; BAD_USER_INPUT where there is nothing to compare; and every
   * failure of a database
   */
  start(request: RunnerRequest): Promise<string>;
  /** Cancels a run, whichever process is at it; one that has ended stays as it is. `recordedOn`: the source with its record. */
  cancel(id: string, recordedOn: SourceName): Promise<void>;
  /** Ends what goes on, which its record then shows as ABORTED. */
  close(): Promise<void>;
}

interface RunnerRequest {
  /** Patterns of names; none: all tables. */
  readonly tables: readonly string[];
  /** Go on with the last run that did not end. */
  readonly resume: boolean;
  /** The caller, for the log. */
  readonly subject: string | null;
}

interface Going {
  readonly stop: AbortController;
  readonly ended: Promise<unknown>;
}

/** Nothing is opened before the first run. The caller closes it. */
export function createParityRunner(config: Pick<Config, 'databases' | 'pool'>, log: Log): ParityRunner {
  const going = new Map<string, Going>();
  let closed = false;

  async function start({ subject, ...options }: RunnerRequest): Promise<string> {
    for (const source of sourceNames) checkAccount(config, source);
    if (closed) throw new TandemError('SHUTTING_DOWN');
    const clients = await openClients(config);
    const stop = new AbortController();
    const begun = Promise.withResolvers<string>();
    const progress = {
      begun(id: string | null) {
        if (id === null) stop.abort(new TandemError('SOURCE_ACCESS_DENIED', { message: noRecord }));
        else begun.resolve(id);
      },
    };
    const request = { ...options, ...defaultPace, since: null };
    const ended = runParity(clients, request, progress, stop.signal).finally(() => closeAll(clients));
    ended.then(({ unreachable }) => begun.reject(unavailable(unreachable)), begun.reject);
    const id = await begun.promise.catch((error) => {
      throw error instanceof NothingToCompare
        ? new TandemError('BAD_USER_INPUT', { message: error.message })
        : error;
    });
    log.info({ run: id, subject, tables: options.tables }, 'parity has begun');
    going.set(id, { stop, ended: watch(id, ended) });
    // It may have been closed while the run was opened.
    if (closed) stop.abort(new RunStopped('ABORTED'));
    return id;
  }

  async function watch(id: string, ended: Promise<ParityReport>): Promise<void> {
    try {
      const { verdict, unreachable } = await ended;
      if (verdict === null)
        log.warn(
          { run: id, unreachable: unreachable.map(({ source }) => source) },
          'parity was not finished',
        );
      else log.info({ run: id, verdict }, 'parity has ended');
    } catch (error) {
      if (error instanceof RunStopped) log.info({ run: id, state: error.state }, 'parity was ended');
      else log.error({ err: error, run: id }, 'parity failed');
    } finally {
      going.delete(id);
    }
  }

  return {
    start,
    async cancel(id, recordedOn) {
      const own = going.get(id);
      if (own !== undefined) {
        own.stop.abort(new RunStopped('CANCELLED'));
        await own.ended;
        return;
      }
      await using client = await openParityClient(recordedOn, config);
      await cancelRun(client, id);
    },
    async close() {
      closed = true;
      const all = [...going.values()];
      for (const { stop } of all) stop.abort(new RunStopped('ABORTED'));
      await Promise.all(all.map(({ ended }) => ended));
    },
  };
}

const noRecord =
  'Neither source lets the run keep a record, by which it is followed and cancelled: the migrator’s account needs CREATE on one that takes changes.';

/** The server’s own account has no connections to spare: its pool uses all that the account may have. */
function checkAccount({ databases, pool }: Pick<Config, 'databases' | 'pool'>, source: SourceName): void {
  const { migrator, runtime } = databases[source];
  if (migrator !== runtime || pool.shared) return;
  throw new TandemError('SOURCE_ACCESS_DENIED', {
    source,
    message: `The server compares with the migrator’s account, and none is set for ${source}. Set ${source}_DB_MIGRATOR_USER, or run \`tandem parity\`.`,
  });
}

function unavailable([first]: ParityReport['unreachable']): TandemError {
  return new TandemError('SOURCE_UNAVAILABLE', first && { source: first.source });
}

async function openClients(config: Pick<Config, 'databases' | 'pool'>): Promise<ParityClients> {
  return { AZURE: await openParityClient('AZURE', config), GCP: await openParityClient('GCP', config) };
}

async function closeAll(clients: ParityClients): Promise<void> {
  await Promise.all(sourceNames.map((source) => clients[source].close({ timeoutMs: 300 })));
}
