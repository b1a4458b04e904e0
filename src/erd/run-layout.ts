import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { ElkNode } from 'elkjs/lib/elk-api.js';
import { TandemError } from '../errors/tandem-error.ts';

/** Milliseconds that a graph may take to be placed: some hundred tables do. */
const mostMs = 30_000;

/** The worker beside this file, be it source, compiled, or in the bundle of a command (scripts/build/bundle-serve.ts). */
const worker = new URL(`../erd/layout-worker${extname(import.meta.url)}`, import.meta.url);

/**
 * Gives each node, port and edge of a graph its place, by ELK. That is seconds of work for the processor where tables are
 * many, so it is done in a thread of its own: the process answers others meanwhile.
 *
 * @throws TandemError OPERATION_TOO_COMPLEX where it takes too long
 */
export async function place(graph: ElkNode, { timeoutMs = mostMs } = {}): Promise<ElkNode> {
  const thread = new Worker(worker, { workerData: graph });
  try {
    const [placed] = await once(thread, 'message', { signal: AbortSignal.timeout(timeoutMs) });
    return placed as ElkNode;
  } catch (error) {
    throw (error as Error).name === 'AbortError' ? tooLarge(graph, timeoutMs) : error;
  } finally {
    await thread.terminate();
  }
}

function tooLarge({ children = [] }: ElkNode, timeoutMs: number): TandemError {
  return new TandemError('OPERATION_TOO_COMPLEX', {
    message: `A picture of ${children.length} tables takes longer than ${timeoutMs / 1000} s; as Mermaid’s text it is there at once.`,
  });
}
