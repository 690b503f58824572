/** Merges the agents' streams into one in order of event time, with one waiting event per agent: a binary heap over (time, agent). */
import type { Event } from '@optikal/contracts';

interface Head {
  event: Event;
  readonly rank: number;
  readonly stream: Iterator<Event>;
}

export function* mergeByTime(streams: readonly Iterator<Event>[]): Generator<Event> {
  const heap: Head[] = [];
  for (const [rank, stream] of streams.entries()) {
    const first = stream.next();
    if (first.done !== true) heap.push({ event: first.value, rank, stream });
  }
  for (let i = (heap.length >> 1) - 1; i >= 0; i--) siftDown(heap, i);
  while (heap.length > 0) {
    const head = heap[0];
    yield head.event;
    const next = head.stream.next();
    if (next.done !== true) head.event = next.value;
    else {
      const last = heap.pop()!; // not empty inside the loop
      if (heap.length === 0) return;
      heap[0] = last;
    }
    siftDown(heap, 0);
  }
}

function siftDown(heap: Head[], from: number): void {
  const moving = heap[from];
  let at = from;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && before(heap[child + 1], heap[child])) child++;
    if (!before(heap[child], moving)) break;
    heap[at] = heap[child];
    at = child;
  }
  heap[at] = moving;
}

function before(a: Head, b: Head): boolean {
  return a.event.timeMs !== b.event.timeMs ? a.event.timeMs < b.event.timeMs : a.rank < b.rank;
}
