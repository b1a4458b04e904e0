import { setTimeout as delay } from 'node:timers/promises';
import { passwordOf } from './driver.ts';
import { type OwnServer, startOwnServer } from './own-server.ts';

const replicating = (id: number) => [
  `--server-id=${id}`,
  '--log-bin=binlog',
  '--gtid-mode=ON',
  '--enforce-gtid-consistency=ON',
  '--sync-binlog=0',
  '--relay-log=relay',
];

/** A primary and its replicas, which replicate by GTID as in both clouds. They have the same accounts and certificate. */
export interface Replicated extends AsyncDisposable {
  readonly primary: OwnServer;
  readonly replicas: readonly OwnServer[];
}

export async function startReplicated(count = 1, more: readonly string[] = []): Promise<Replicated> {
  await using started = new AsyncDisposableStack();
  const primary = started.use(await startOwnServer({ more: [...replicating(1), ...more] }));
  const replicas: OwnServer[] = [];
  for (let at = 0; at < count; at++) {
    replicas.push(
      started.use(await startOwnServer({ like: primary, more: [...replicating(at + 2), ...more] })),
    );
  }
  // What each began with, its accounts, is no matter of replication.
  for (const server of [primary, ...replicas]) await server.sql('reset binary logs and gtids');
  for (const replica of replicas) {
    await replica.sql(`change replication source to source_host = '127.0.0.1', source_port = ${primary.port},
      source_user = '${primary.admin.user}', source_password = '${passwordOf(primary.admin)}',
      source_ssl = 1, source_auto_position = 1, source_connect_retry = 1, source_retry_count = 1000`);
    await replica.sql('start replica');
    await replica.sql('set global super_read_only = on');
  }
  const stack = started.move();
  return { primary, replicas, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Waits until the replica has executed all that the primary has. */
export async function untilCaughtUp({ primary }: Replicated, replica: OwnServer): Promise<void> {
  const [at] = await primary.sql<{ gtids: string }>('select @@global.gtid_executed as gtids');
  for (;;) {
    const [row] = await replica.sql<{ there: number }>(
      `select gtid_subset('${at?.gtids}', @@global.gtid_executed) as there`,
    );
    if (row?.there === 1) return;
    await delay(20);
  }
}
