import { perSource, type SourceName, sourceNames } from '../source-name.ts';
import type { KeyRange } from './key-range.ts';
import { onBoth } from './on-both.ts';
import type { Checksum } from './range-statements.ts';

/** A range of keys with what each side holds there. */
export interface SummedChunk {
  readonly range: KeyRange;
  readonly sums: Readonly<Record<SourceName, Checksum>>;
  /** Milliseconds that the slower side took. */
  readonly ms: number;
}

export interface SummingOptions {
  /** Reads a range of one side. */
  readonly checksum: (source: SourceName, range: KeyRange) => Promise<Checksum>;
  /**
   * Whether a side goes on with the next range while the other one, or the caller, is still at this one: neither then waits for the
   * slower of the two at each range. It is one range ahead at most.
   */
  readonly ahead: boolean;
}

/** Reads the checksums of ranges on both sides, in their order. The next range is cut while one is read. */
export async function* summedChunks(
  ranges: AsyncIterable<KeyRange>,
  { checksum, ahead }: SummingOptions,
): AsyncGenerator<SummedChunk> {
  let isEnded = false;
  const last: Record<SourceName, Promise<unknown>> = perSource(() => Promise.resolve());
  const sumOn = (source: SourceName, range: KeyRange) => {
    const summed = last[source].then(async () => {
      if (isEnded) throw new Error('This range is no longer awaited.');
      const began = performance.now();
      const sum = await checksum(source, range);
      return { sum, ms: performance.now() - began };
    });
    last[source] = summed;
    return summed;
  };
  const sumOf = async (range: KeyRange): Promise<SummedChunk> => {
    const { AZURE, GCP } = await onBoth((source) => sumOn(source, range));
    return { range, sums: { AZURE: AZURE.sum, GCP: GCP.sum }, ms: Math.max(AZURE.ms, GCP.ms) };
  };
  try {
    let before: Promise<SummedChunk> | undefined;
    for await (const range of ranges) {
      if (before !== undefined && !ahead) {
        yield await before;
        before = undefined;
      }
      const next = sumOf(range);
      // It is awaited only when the caller has come so far.
      next.catch(() => {});
      if (before !== undefined) yield await before;
      before = next;
    }
    if (before !== undefined) yield await before;
  } finally {
    isEnded = true;
    await Promise.allSettled(sourceNames.map((source) => last[source]));
  }
}
