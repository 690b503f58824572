/** The order in which windows close: a binary heap over (due, window end, tenant, agent), with stale entries dropped when they surface. */

export interface DueEntry {
  readonly dueMs: number;
  readonly endMs: number;
  /** `tenant|agent`. */
  readonly key: string;
}

interface Ranked {
  readonly entry: DueEntry;
  /** The key with a separator below every character of an id, so that text order is (tenant, agent) order. */
  readonly rank: string;
}

/**
 * A queue of agents whose oldest window falls due, each queued once at its earliest known time. A due time that moves back is not written:
 * the caller checks an entry that it popped against the agent's present due time and puts it back. So a busy agent costs no heap.
 */
export class DueQueue {
  readonly #heap: Ranked[] = [];
  readonly #queued = new Map<string, Ranked>();

  /** Agents in the queue. */
  get size(): number {
    return this.#queued.size;
  }

  /** Entries held, stale ones included: at most one for each time that an agent's due time moved forward. */
  get heapSize(): number {
    return this.#heap.length;
  }

  /** Queues an agent, or moves it forward; a later entry than the one that is queued changes nothing. */
  push(entry: DueEntry): void {
    const queued = this.#queued.get(entry.key);
    if (queued !== undefined && compareTimes(entry, queued.entry) >= 0) return;
    const ranked = { entry, rank: entry.key.replace('|', '\n') };
    this.#queued.set(entry.key, ranked);
    const heap = this.#heap;
    let child = heap.push(ranked) - 1;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!before(heap[child]!, heap[parent]!)) break;
      [heap[child], heap[parent]] = [heap[parent]!, heap[child]!];
      child = parent;
    }
  }

  /** Removes and returns the first entry that is due at `clockMs`, or null. */
  popDue(clockMs: number): DueEntry | null {
    for (;;) {
      const first = this.#heap[0];
      if (first === undefined || first.entry.dueMs > clockMs) return null;
      this.#removeFirst();
      if (this.#queued.get(first.entry.key) !== first) continue;
      this.#queued.delete(first.entry.key);
      return first.entry;
    }
  }

  /** Keys that will be due at `clockMs`, in no order: what must be loaded before a tick is processed. */
  *keysDue(clockMs: number): Generator<string> {
    const heap = this.#heap;
    const places = [0];
    for (let place = places.pop(); place !== undefined; place = places.pop()) {
      const ranked = heap[place];
      if (ranked === undefined || ranked.entry.dueMs > clockMs) continue;
      if (this.#queued.get(ranked.entry.key) === ranked) yield ranked.entry.key;
      places.push(2 * place + 2, 2 * place + 1);
    }
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop()!; // the caller saw a first entry
    if (heap.length === 0) return;
    heap[0] = last;
    let parent = 0;
    for (;;) {
      let least = parent;
      for (const child of [2 * parent + 1, 2 * parent + 2]) if (child < heap.length && before(heap[child]!, heap[least]!)) least = child;
      if (least === parent) return;
      [heap[parent], heap[least]] = [heap[least]!, heap[parent]!];
      parent = least;
    }
  }
}

function compareTimes(a: DueEntry, b: DueEntry): number {
  return a.dueMs - b.dueMs || a.endMs - b.endMs;
}

function before(a: Ranked, b: Ranked): boolean {
  const times = compareTimes(a.entry, b.entry);
  return times === 0 ? a.rank < b.rank : times < 0;
}
