import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { afterEnd, noRestarts } from '../../src/cluster/restarts.ts';
import { openLine, type Port } from '../../src/cluster/rpc.ts';

describe('a worker that ends', () => {
  const settled = { listened: true, livedMs: 60_000 };
  const young = { listened: true, livedMs: 500 };
  const unborn = { listened: false, livedMs: 500 };

  function nextAfter(...ends: readonly { listened: boolean; livedMs: number }[]) {
    let restarts = noRestarts;
    return ends.map((end) => {
      const result = afterEnd(restarts, end);
      restarts = result.restarts;
      return result.next;
    });
  }

  it('is replaced at once after it had worked', () => {
    expect(nextAfter(settled, settled)).toEqual([{ replaceAfterMs: 0 }, { replaceAfterMs: 0 }]);
  });

  it('is replaced after a delay that doubles to 5 s while workers die young, and for ever', () => {
    const delays = nextAfter(...Array.from({ length: 9 }, () => young));
    expect(delays.map((next) => next !== 'give up' && next.replaceAfterMs)).toEqual([
      100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000,
    ]);
  });

  it('is not replaced any more when five in a row did not come as far as listening', () => {
    expect(nextAfter(unborn, unborn, unborn, unborn, unborn).at(-1)).toBe('give up');
    expect(nextAfter(unborn, unborn, unborn, unborn, young, unborn)).not.toContain('give up');
  });

  it('starts the count afresh once one has worked', () => {
    expect(nextAfter(unborn, unborn, settled, unborn).at(-1)).toEqual({ replaceAfterMs: 100 });
  });
});

describe('a line between processes', () => {
  /** Two ports that hand each other what is sent, as JSON does. */
  function pair(): [Port, Port] {
    const [a, b] = [new EventEmitter(), new EventEmitter()];
    const sendTo = (other: EventEmitter) => (message: object) =>
      setImmediate(() => other.emit('message', JSON.parse(JSON.stringify(message))));
    return [Object.assign(a, { send: sendTo(b) }), Object.assign(b, { send: sendTo(a) })];
  }
  interface Sums {
    readonly sum: (of: { a: number; b: number }) => number;
    readonly fail: () => never;
    readonly never: () => Promise<never>;
  }
  function open() {
    const [here, there] = pair();
    openLine(there, {
      sum: ({ a, b }: { a: number; b: number }) => a + b,
      fail: () => {
        throw new Error('no');
      },
      never: () => new Promise(() => {}),
    });
    return { line: openLine<Sums>(here, {}), here };
  }

  it('answers each question with its own answer', async () => {
    const { line } = open();
    const answers = [1, 2, 3].map((a) => line.ask('sum', { a, b: 10 }));
    expect(await Promise.all(answers)).toEqual([11, 12, 13]);
  });

  it('fails when the other end fails, is silent for too long, or is gone', async () => {
    const { line } = open();
    await expect(line.ask('fail', undefined)).rejects.toThrow('could not answer');
    await expect(line.ask('never', undefined, { timeoutMs: 20 })).rejects.toThrow('does not answer');
    const waiting = line.ask('never', undefined);
    line.close();
    await expect(waiting).rejects.toThrow('is gone');
  });

  it('leaves messages of others alone', async () => {
    const { line, here } = open();
    for (const message of ['text', null, { cmd: 'NODE_CLUSTER' }, { tandem: 'answer', id: 99 }]) {
      (here as unknown as EventEmitter).emit('message', message);
    }
    expect(await line.ask('sum', { a: 1, b: 1 })).toBe(2);
  });
});
