import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Diagram } from './diagram.ts';
import { asSvg } from './svg.ts';

/** Drawings, and characters of all of them. */
const bounds = { max: 8, maxSize: 2 ** 23 };
const drawn = new LRUCache<string, Promise<string>>(bounds);
let last: Promise<unknown> = Promise.resolve();

/** The same picture is drawn once, and one at a time: it is work for the processor, and clients can ask for it. */
export function drawOnce(diagram: Diagram): Promise<string> {
  const key = createHash('sha256').update(JSON.stringify(diagram)).digest('base64');
  const known = drawn.get(key);
  if (known !== undefined) return known;
  const drawing = last.then(() => asSvg(diagram));
  drawn.set(key, drawing, { size: 1 });
  last = drawing.then(
    // Its size is known now; one larger than all of them together is not kept.
    ({ length }) => drawn.has(key) && drawn.set(key, drawing, { size: length }),
    () => drawn.delete(key),
  );
  return drawing;
}
