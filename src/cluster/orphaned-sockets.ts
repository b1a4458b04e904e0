import type { Worker } from 'node:cluster';

/** A connection as Node's primary holds it, until the worker that it gave it to says that it has it. */
interface Handle {
  close(...args: unknown[]): void;
}

const givenTo = new Map<Handle, Worker>();

/**
 * Closes connections that were on their way to a worker when it ended. Node waits for the worker's word, which never
 * comes, and the client would wait for an answer as long as it likes
 * (https://github.com/nodejs/node/blob/v24.x/lib/internal/cluster/round_robin_handle.js, `handoff`).
 * They are not given to another worker: the dead one may have read a request from them.
 */
export function closeOnEnd(worker: Worker): void {
  const child = worker.process;
  const send = child.send.bind(child) as (message: unknown, ...args: unknown[]) => boolean;
  child.send = (message: unknown, ...args: unknown[]) => {
    if (isConnection(message)) note(args[0] as Handle, worker);
    return send(message, ...args);
  };
  worker.once('exit', () => {
    for (const [handle, to] of givenTo) if (to === worker) handle.close();
  });
}

function note(handle: Handle, worker: Worker): void {
  // A worker that stops refuses it, and the supervisor then passes it to another one.
  const known = givenTo.has(handle);
  givenTo.set(handle, worker);
  if (known) return;
  const close = handle.close.bind(handle);
  handle.close = (...args) => {
    givenTo.delete(handle);
    close(...args);
  };
}

function isConnection(message: unknown): boolean {
  return typeof message === 'object' && message !== null && 'act' in message && message.act === 'newconn';
}
