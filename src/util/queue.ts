/** The place of an item in a queue. */
export interface QueuePlace<T> {
  readonly item: T;
}

interface Node<T> extends QueuePlace<T> {
  before: Node<T> | undefined;
  after: Node<T> | undefined;
  isIn: boolean;
}

/**
 * Items in the order in which they came; one may leave from its place. A list whose nodes let go of one another when they leave: a Set
 * that items come to and leave all the time makes itself anew, and each of its former tables leads to the next one. The first of them
 * that V8 counts among the old objects then keeps all that follow, and what their items hold, until the next full collection.
 */
export class Queue<T> {
  #first: Node<T> | undefined;
  #last: Node<T> | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(item: T): QueuePlace<T> {
    const node: Node<T> = { item, before: this.#last, after: undefined, isIn: true };
    if (this.#last === undefined) this.#first = node;
    else this.#last.after = node;
    this.#last = node;
    this.#size += 1;
    return node;
  }

  /** Does nothing for a place that was left before. */
  leave(place: QueuePlace<T>): void {
    const node = place as Node<T>;
    if (!node.isIn) return;
    const { before, after } = node;
    if (before === undefined) this.#first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
    node.isIn = false;
    node.before = undefined;
    node.after = undefined;
    this.#size -= 1;
  }

  /** The item that has been there longest, which leaves; undefined where there is none. */
  shift(): T | undefined {
    const node = this.#first;
    if (node === undefined) return undefined;
    this.leave(node);
    return node.item;
  }

  /** Whether the item is there still. */
  has(place: QueuePlace<T>): boolean {
    return (place as Node<T>).isIn;
  }

  /** Of all that are there at this moment, in their order. */
  places(): QueuePlace<T>[] {
    const places: QueuePlace<T>[] = [];
    for (let node = this.#first; node !== undefined; node = node.after) places.push(node);
    return places;
  }
}
