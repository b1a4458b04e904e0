import { setTimeout as delay } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import mysql, { type ConnectionOptions } from 'mysql2/promise';

/**
 * A thread that writes to AZURE, and the same to GCP a little later, as replication does: those of one row in the same order. A
 * thread of its own, since what compares keeps its own one busy. It ends with the message `stop`.
 */
export interface FollowingWrites {
  readonly azure: ConnectionOptions;
  readonly gcp: ConnectionOptions;
  readonly perSecond: number;
  /** Milliseconds after which a write reaches GCP, at most. */
  readonly lagMs: number;
  readonly seed: number;
}

/** What it tells, several times a second. */
export interface WriterNews {
  /** Writes that both sides have. */
  readonly written: number;
  /** Seconds since the first. */
  readonly seconds: number;
  /** Milliseconds between the two sides of the slowest one since the last news. */
  readonly slowestMs: number;
}

/** Connections to each side; a row's writes share one. */
const lanes = 6;
const newsMs = 50;

const { azure, gcp, perSecond, lagMs, seed } = workerData as FollowingWrites;
let state = (seed % 2_147_483_646) + 1;
const random = (below: number) => {
  state = (state * 48_271) % 2_147_483_647;
  return state % below;
};
const until = (at: number) => delay(Math.max(0, at - performance.now()));

let stopped = false;
let written = 0;
let slowestMs = 0;
const pairs = await Promise.all(
  Array.from({ length: lanes }, () => Promise.all([azure, gcp].map((side) => mysql.createConnection(side)))),
);
const began = performance.now();

async function write(lane: number): Promise<void> {
  const [first, second] = pairs[lane] as [mysql.Connection, mysql.Connection];
  let following = Promise.resolve();
  let due = 0;
  for (let count = 0; !stopped; count++) {
    await until(began + ((count * lanes + lane) * 1000) / perSecond);
    const [sql, values] = statement(lane);
    await first.execute(sql, values);
    const at = performance.now();
    due = Math.max(due, at + random(lagMs));
    const reaches = due;
    following = following.then(async () => {
      await until(reaches);
      await second.execute(sql, values);
      written += 1;
      slowestMs = Math.max(slowestMs, performance.now() - at);
    });
  }
  await following;
}

/** Of rows that no test has planted: 100 to 3999, and new ones. */
function statement(lane: number): [string, number[]] {
  const id = 102 + lanes * random(649) + lane;
  const kind = random(10);
  if (kind === 0) return ['delete from busy where id = ?', [id]];
  if (kind === 1) return ["insert ignore into busy values (?, ?, 'n')", [id, random(1000)]];
  return ['update busy set v = ? where id = ?', [random(1000), id]];
}

const telling = setInterval(tell, newsMs);
function tell() {
  parentPort?.postMessage({ written, seconds: (performance.now() - began) / 1000, slowestMs });
  slowestMs = 0;
}

parentPort?.once('message', () => {
  stopped = true;
});
await Promise.all(Array.from({ length: lanes }, (_, lane) => write(lane)));
clearInterval(telling);
tell();
for (const connection of pairs.flat()) connection.destroy();
parentPort?.close();
