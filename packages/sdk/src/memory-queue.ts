/** Events that wait in memory, in order. Taken from the front; given up by class, the oldest of the least worth first. All steps are O(1) amortised. */
import type { OutgoingEvent } from './transport.ts';
import type { EventClass } from './worth.ts';

export interface Waiting extends OutgoingEvent {
  readonly class: EventClass;
  /** What it holds in memory, about. */
  readonly bytes: number;
}

interface Entry {
  readonly item: Waiting;
  gone: boolean;
}

export class MemoryQueue {
  readonly #all = new Deque<Entry>();
  readonly #byClass: ReadonlyMap<EventClass, Deque<Entry>>;
  count = 0;
  bytes = 0;

  /** `worth`: every class, least worth first. */
  constructor(worth: readonly EventClass[]) {
    this.#byClass = new Map(worth.map((name) => [name, new Deque<Entry>()]));
  }

  push(item: Waiting): void {
    const entry = { item, gone: false };
    this.#all.push(entry);
    this.#deque(item).push(entry);
    this.#count(item, 1);
  }

  /** From the front, at least one if there is one, then while neither limit is passed. */
  take(maxCount: number, maxBytes: number): Waiting[] {
    const taken: Waiting[] = [];
    let bytes = 0;
    for (let entry = this.#front(); entry !== null && taken.length < maxCount; entry = this.#front()) {
      if (taken.length > 0 && bytes + entry.item.bytes > maxBytes) break;
      bytes += entry.item.bytes;
      this.#all.shift();
      this.#deque(entry.item).shift(); // the oldest of all is the oldest of its class
      this.#count(entry.item, -1);
      taken.push(entry.item);
    }
    return taken;
  }

  /** Back to the front, in their order. */
  putBack(items: readonly Waiting[]): void {
    for (const item of items.toReversed()) {
      const entry = { item, gone: false };
      this.#all.unshift(entry);
      this.#deque(item).unshift(entry);
      this.#count(item, 1);
    }
  }

  /** Gives up the oldest event of the least worth; null where none is left. */
  evict(): Waiting | null {
    for (const deque of this.#byClass.values()) {
      const entry = deque.shift();
      if (entry === undefined) continue;
      entry.gone = true;
      this.#count(entry.item, -1);
      // What stands at the front is gone for good; in the middle it waits for its turn, and is cleared when most are such.
      this.#front();
      if (this.#all.length > 64 && this.#all.length > 2 * this.count) this.#all.keep((one) => !one.gone);
      return entry.item;
    }
    return null;
  }

  #front(): Entry | null {
    for (let entry = this.#all.first(); entry !== undefined; entry = this.#all.first()) {
      if (!entry.gone) return entry;
      this.#all.shift();
    }
    return null;
  }

  #deque(item: Waiting): Deque<Entry> {
    return this.#byClass.get(item.class)!; // made of every class
  }

  #count(item: Waiting, sign: 1 | -1): void {
    this.count += sign;
    this.bytes += sign * item.bytes;
  }
}

/** An array that is read from a moving start: `Array.shift` moves everything. */
class Deque<T> {
  #items: T[] = [];
  #start = 0;

  get length(): number {
    return this.#items.length - this.#start;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  first(): T | undefined {
    return this.#items[this.#start];
  }

  shift(): T | undefined {
    if (this.#start === this.#items.length) return undefined;
    const item = this.#items[this.#start];
    this.#start++;
    if (this.#start > 1024 && 2 * this.#start > this.#items.length) {
      this.#items = this.#items.slice(this.#start);
      this.#start = 0;
    }
    return item;
  }

  unshift(item: T): void {
    if (this.#start > 0) this.#items[--this.#start] = item;
    else this.#items.unshift(item);
  }

  keep(wanted: (item: T) => boolean): void {
    this.#items = this.#items.slice(this.#start).filter(wanted);
    this.#start = 0;
  }
}
