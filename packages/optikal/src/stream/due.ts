/** The order in which windows close: a binary heap over (due, window end, agent key), with stale entries dropped when they surface. */

export interface DueEntry {
  readonly dueMs: number;
  readonly endMs: number;
  readonly key: string;
}

/**
 * A queue of agents whose oldest window falls due. An agent may be queued several times (its due time moves as records arrive): the caller
 * checks an entry that it popped against the agent's present due time.
 */
export class DueQueue {
  readonly #heap: DueEntry[] = [];

  get size(): number {
    return this.#heap.length;
  }

  push(entry: DueEntry): void {
    const heap = this.#heap;
    let child = heap.push(entry) - 1;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!before(heap[child]!, heap[parent]!)) break;
      [heap[child], heap[parent]] = [heap[parent]!, heap[child]!];
      child = parent;
    }
  }

  /** Removes and returns the first entry that is due at `clockMs`, or null. */
  popDue(clockMs: number): DueEntry | null {
    const heap = this.#heap;
    const first = heap[0];
    if (first === undefined || first.dueMs > clockMs) return null;
    const last = heap.pop()!;
    if (heap.length > 0) {
      heap[0] = last;
      this.#sink(0);
    }
    return first;
  }

  /** Keys that will be due at `clockMs`, in no order: what must be loaded before a tick is processed. */
  *keysDue(clockMs: number, index = 0): Generator<string> {
    const entry = this.#heap[index];
    if (entry === undefined || entry.dueMs > clockMs) return;
    yield entry.key;
    yield* this.keysDue(clockMs, 2 * index + 1);
    yield* this.keysDue(clockMs, 2 * index + 2);
  }

  #sink(start: number): void {
    const heap = this.#heap;
    let parent = start;
    for (;;) {
      let least = parent;
      for (const child of [2 * parent + 1, 2 * parent + 2])
        if (child < heap.length && before(heap[child]!, heap[least]!)) least = child;
      if (least === parent) return;
      [heap[parent], heap[least]] = [heap[least]!, heap[parent]!];
      parent = least;
    }
  }
}

function before(a: DueEntry, b: DueEntry): boolean {
  if (a.dueMs !== b.dueMs) return a.dueMs < b.dueMs;
  if (a.endMs !== b.endMs) return a.endMs < b.endMs;
  return a.key < b.key;
}
