/**
 * A stream of numbers in [0, 1) that depends on its seed alone: mulberry32, by Tommy Ettinger (public domain).
 * The same seed gives the same stream on every machine, which `Math.random` does not.
 */
export function randomStream(seed: number): () => number {
  let state = Math.imul(seed, 0x9e3779b1) | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
