import { createHash } from 'node:crypto';
import type { Diagram } from './diagram.ts';
import { asSvg } from './svg.ts';

const most = 8;
const drawn = new Map<string, Promise<string>>();
let last: Promise<unknown> = Promise.resolve();

/** The same picture is drawn once, and one at a time: it is work for the processor, and clients can ask for it. */
export function drawOnce(diagram: Diagram): Promise<string> {
  const key = createHash('sha256').update(JSON.stringify(diagram)).digest('base64');
  const known = drawn.get(key);
  if (known !== undefined) return known;
  const drawing = last.then(() => asSvg(diagram));
  last = drawing.catch(() => drawn.delete(key));
  drawn.set(key, drawing);
  if (drawn.size > most) drawn.delete(drawn.keys().next().value as string);
  return drawing;
}
