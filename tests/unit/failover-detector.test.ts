import { describe, expect, it } from 'vitest';
import { createFailoverDetector } from '../../src/sources/pool/failover-detector.ts';

/** A follower of a name that leads to one server after another, and what it gave up: the server that it keeps to, and whether all others go. */
function following() {
  const left: (readonly [server: string, all: boolean])[] = [];
  let at: string | Error = 'a';
  let looks = 0;
  const follower = createFailoverDetector({
    find: async () => {
      looks += 1;
      if (at instanceof Error) throw at;
      return at;
    },
    leave: (server, all) => left.push([server, all]),
  });
  return {
    left,
    looks: () => looks,
    hurry: follower.hurry,
    async lookAt(seconds: number, server: string | Error = at) {
      at = server;
      follower.look(seconds * 1000);
      // What it found, it is told in a later turn.
      await new Promise((resolve) => setImmediate(resolve));
      return left.at(-1);
    },
  };
}

describe('where a name leads', () => {
  it('is looked at each five seconds', async () => {
    const name = following();
    for (let tenth = 0; tenth < 200; tenth++) await name.lookAt(tenth / 10);
    expect(name.looks()).toBe(3);
  });

  it('is looked at soon after a refusal, and not more than twice a second', async () => {
    const name = following();
    await name.lookAt(0);
    for (let tenth = 0; tenth < 20; tenth++) {
      name.hurry(tenth * 100);
      await name.lookAt(tenth / 10);
    }
    expect(name.looks()).toBe(4);
  });

  it('is where all connections go', async () => {
    const name = following();
    await name.lookAt(0);
    expect(await name.lookAt(5)).toEqual(['a', true]);
    expect(await name.lookAt(10, 'b')).toEqual(['b', true]);
    expect(await name.lookAt(15, 'b')).toEqual(['b', true]);
    // And back, when the other one has been mended.
    expect(await name.lookAt(90, 'a')).toEqual(['a', true]);
  });

  it('is where only those go that were refused a change, if it is several servers in turn', async () => {
    const name = following();
    await name.lookAt(0);
    await name.lookAt(5, 'a');
    await name.lookAt(10, 'b');
    for (const [at, server] of ['a', 'b', 'a', 'b', 'b'].entries()) {
      expect(await name.lookAt(15 + at * 5, server)).toEqual([server, false]);
    }
  });

  it('stays what it was when it cannot be found', async () => {
    const name = following();
    await name.lookAt(0);
    await name.lookAt(5, 'a');
    expect(await name.lookAt(10, new Error('no such name'))).toEqual(['a', true]);
    expect(name.left).toHaveLength(1);
    expect(await name.lookAt(15, 'b')).toEqual(['b', true]);
  });
});
