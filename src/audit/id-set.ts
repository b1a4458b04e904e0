/** A set of ids that mostly follow each other: a bit for each, where a `Set` would take some 50 bytes. */
export class IdSet {
  readonly #chunks = new Map<number, Uint8Array>();

  add(id: string): void {
    const { chunk, byte, bit } = placeOf(id);
    let bytes = this.#chunks.get(chunk);
    if (bytes === undefined) {
      bytes = new Uint8Array(bytesAChunk);
      this.#chunks.set(chunk, bytes);
    }
    bytes[byte] = (bytes[byte] as number) | bit;
  }

  has(id: string): boolean {
    const { chunk, byte, bit } = placeOf(id);
    return ((this.#chunks.get(chunk)?.[byte] ?? 0) & bit) !== 0;
  }
}

const bytesAChunk = 8192;

function placeOf(id: string) {
  const at = Number(id);
  const byte = Math.floor(at / 8);
  return {
    chunk: Math.floor(byte / bytesAChunk),
    byte: byte % bytesAChunk,
    bit: 1 << (at % 8),
  };
}
