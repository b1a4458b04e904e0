/** Lists by name. */
export class Lists<T> {
  readonly #lists = new Map<string, T[]>();

  add(name: string, value: T): void {
    const list = this.#lists.get(name);
    if (list === undefined) this.#lists.set(name, [value]);
    else list.push(value);
  }

  get(name: string): readonly T[] {
    return this.#lists.get(name) ?? [];
  }

  all(): ReadonlyMap<string, readonly T[]> {
    return this.#lists;
  }
}
