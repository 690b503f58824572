import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DueEntry, DueQueue } from './due.ts';

const drain = (queue: DueQueue, clockMs: number): string[] => {
  const keys: string[] = [];
  for (let entry = queue.popDue(clockMs); entry !== null; entry = queue.popDue(clockMs)) keys.push(entry.key);
  return keys;
};

describe('the queue of due windows', () => {
  it('gives what is due by due time, then window end, then tenant, then agent', () => {
    const queue = new DueQueue();
    queue.push({ dueMs: 70, endMs: 60, key: 'a.b|x' });
    queue.push({ dueMs: 70, endMs: 60, key: 'a|y' });
    queue.push({ dueMs: 70, endMs: 60, key: 'a|x' });
    queue.push({ dueMs: 70, endMs: 50, key: 'z|z' });
    queue.push({ dueMs: 60, endMs: 60, key: 'z|y' });
    queue.push({ dueMs: 71, endMs: 60, key: 'a|a' });
    // `a` comes before `a.b`, although `.` comes before the separator of the key.
    expect(drain(queue, 70)).toEqual(['z|y', 'z|z', 'a|x', 'a|y', 'a.b|x']);
    expect(drain(queue, 71)).toEqual(['a|a']);
    expect(queue.popDue(Number.POSITIVE_INFINITY)).toBeNull();
  });

  it('queues an agent once, at its earliest time', () => {
    const queue = new DueQueue();
    queue.push({ dueMs: 80, endMs: 60, key: 't|a' });
    queue.push({ dueMs: 90, endMs: 60, key: 't|a' });
    queue.push({ dueMs: 70, endMs: 60, key: 't|a' });
    expect(queue.size).toBe(1);
    expect(queue.popDue(100)).toEqual({ dueMs: 70, endMs: 60, key: 't|a' });
    expect(queue.popDue(100)).toBeNull();
  });

  it('holds one entry of a busy agent, however often its due time moves back', () => {
    const queue = new DueQueue();
    for (let i = 0; i < 10_000; i++) queue.push({ dueMs: 70 + i, endMs: 60, key: 't|busy' });
    expect(queue.heapSize).toBe(1);
  });

  it('names the agents that will be due, without the times that they left', () => {
    const queue = new DueQueue();
    queue.push({ dueMs: 50, endMs: 60, key: 't|a' });
    queue.push({ dueMs: 40, endMs: 60, key: 't|a' });
    queue.push({ dueMs: 45, endMs: 60, key: 't|b' });
    queue.push({ dueMs: 60, endMs: 60, key: 't|c' });
    expect([...queue.keysDue(50)].sort()).toEqual(['t|a', 't|b']);
  });

  it('equals a sorted list', () => {
    const entry = fc.record({
      dueMs: fc.integer({ min: 0, max: 20 }),
      endMs: fc.integer({ min: 0, max: 3 }),
      key: fc.constantFrom('a|x', 'a|y', 'b|x', 'a.b|x', 'c|1'),
    });
    const action = fc.oneof(
      entry.map((push) => ({ push })),
      fc.integer({ min: 0, max: 22 }).map((clockMs) => ({ clockMs })),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 80 }), (actions) => {
        const queue = new DueQueue();
        let list: DueEntry[] = [];
        const order = (a: DueEntry, b: DueEntry): number => {
          const [[ta, aa], [tb, ab]] = [a.key.split('|'), b.key.split('|')];
          return a.dueMs - b.dueMs || a.endMs - b.endMs || (ta! < tb! ? -1 : ta! > tb! ? 1 : aa! < ab! ? -1 : 1);
        };
        for (const action of actions) {
          if ('push' in action) {
            queue.push(action.push);
            const known = list.find(({ key }) => key === action.push.key);
            const earlier =
              known === undefined ||
              action.push.dueMs < known.dueMs ||
              (action.push.dueMs === known.dueMs && action.push.endMs < known.endMs);
            if (earlier) list = [...list.filter((other) => other !== known), action.push];
          } else {
            list.sort(order);
            expect([...queue.keysDue(action.clockMs)].sort()).toEqual(
              list
                .filter(({ dueMs }) => dueMs <= action.clockMs)
                .map(({ key }) => key)
                .sort(),
            );
            const first = list[0] !== undefined && list[0].dueMs <= action.clockMs ? list.shift()! : null;
            expect(queue.popDue(action.clockMs)).toEqual(first);
          }
          expect(queue.size).toBe(list.length);
        }
      }),
      { numRuns: 300 },
    );
  });
});
