import { createHash } from 'node:crypto';
import { textsOf } from './source-literals.ts';

/** The checksum of a migration's file. A compiler moves `name = '…'` into the constructor, so the name itself does not count. */
export function checksumOf(name: string, source: string): string {
  const texts = textsOf(source).filter((text) => text !== name);
  return createHash('sha256').update(JSON.stringify(texts)).digest('hex');
}
