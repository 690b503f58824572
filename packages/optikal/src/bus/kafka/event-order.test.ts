import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventOrder, type OrderLimits } from './event-order.ts';

const T0 = Date.UTC(2026, 0, 5, 9);
const NOW = T0 + 86_400_000;
const MINUTE = 60_000;
const ALL = Number.MAX_SAFE_INTEGER;
const LIMITS: OrderLimits = { messages: 1000, bytes: 100_000, pauseBytes: 300, waitMs: 3000 };

function orderOf(places: readonly string[], limits: Partial<OrderLimits> = {}) {
  const order = new EventOrder<string>({ ...LIMITS, ...limits });
  for (const place of places) order.own(place);
  const put = (place: string, name: string, timeMs: number | null) => order.put(place, name, { timeMs, bytes: 100 }, NOW);
  /** Times in seconds; believed at once, since so many follow one another. */
  const fill = (place: string, from: number, to: number, every = 1) => {
    for (let s = from; s < to; s += every) put(place, `${place}${s}`, T0 + s * 1000);
  };
  return { order, put, fill, take: (nowMs = 0) => order.take(ALL, nowMs) };
}
const secondOf = (name: string) => Number(name.slice(1));

describe('the order of events over partitions', () => {
  it('is that of their times; a message waits while a partition that lags could bring an earlier one', () => {
    const { order, fill, put, take } = orderOf(['a', 'b']);
    fill('a', 0, 20);
    expect(take()).toEqual([]); // nothing is known of b
    fill('b', 0, 40, 2);
    expect(take().map(secondOf)).toEqual([...Array(20).keys(), 0, 2, 4, 6, 8, 10, 12, 14, 16, 18].toSorted((x, y) => x - y));
    put('a', 'a31', T0 + 31_000);
    expect(take()).toEqual(['b20', 'b22', 'b24', 'b26', 'b28', 'b30', 'a31']);
    order.setLag('a', false);
    expect(take()).toEqual(['b32', 'b34', 'b36', 'b38']);
    expect([order.held, order.outOfOrder]).toEqual([0, 0]);
  });

  it('lets everything go on at once when every partition is at its end', () => {
    const { order, put, take } = orderOf(['a', 'b']);
    for (const place of ['a', 'b']) order.setLag(place, false);
    put('a', 'late', T0 + MINUTE);
    expect(take()).toEqual(['late']);
    put('b', 'early', T0);
    expect(take()).toEqual(['early']);
  });

  it('is what a sort gives, whatever the chunks in which partitions are read', () => {
    const chunks = fc.array(fc.tuple(fc.nat(3), fc.integer({ min: 1, max: 30 })), { minLength: 1, maxLength: 60 });
    const gaps = fc.array(fc.array(fc.nat(20_000), { maxLength: 120 }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(gaps, chunks, fc.integer({ min: 1, max: 50 }), (lanes, reads, max) => {
        const messages = lanes.map((lane, p) => {
          let timeMs = T0;
          return lane.map((gap, n) => {
            timeMs += gap;
            return { p, n, timeMs };
          });
        });
        const order = new EventOrder<{ p: number; n: number; timeMs: number }>({ ...LIMITS, messages: 10_000, bytes: 1e9 });
        const next = messages.map(() => 0);
        for (const p of messages.keys()) {
          order.own(`${p}`);
          order.setLag(`${p}`, messages[p].length > 0);
        }
        const taken: { p: number; n: number; timeMs: number }[] = [];
        const read = (p: number, count: number) => {
          for (const message of messages[p].slice(next[p], next[p] + count))
            order.put(`${p}`, message, { timeMs: message.timeMs, bytes: 1 }, NOW);
          next[p] = Math.min(next[p] + count, messages[p].length);
          order.setLag(`${p}`, next[p] < messages[p].length);
          taken.push(...order.take(max, 0));
        };
        for (const [p, count] of reads) read(p, count);
        for (const p of messages.keys()) read(p, ALL);
        taken.push(...order.take(ALL, 0));
        expect(taken.map(({ timeMs }) => timeMs)).toEqual(
          messages
            .flat()
            .map(({ timeMs }) => timeMs)
            .toSorted((x, y) => x - y),
        );
        for (const [p, lane] of messages.entries()) expect(taken.filter((one) => one.p === p)).toEqual(lane);
        expect([order.held, order.outOfOrder]).toEqual([0, 0]);
      }),
    );
  });

  it('keeps the order of a partition whose times go back or cannot be read', () => {
    const { order, put, take } = orderOf(['a', 'b']);
    put('a', 'first', null);
    put('a', 'two', T0 + 2000);
    put('a', 'none', null);
    put('a', 'one', T0 + 1000);
    put('a', 'ancient', 0);
    order.setLag('a', false);
    put('b', 'between', T0 + 1500);
    order.setLag('b', false);
    expect(take()).toEqual(['first', 'between', 'two', 'none', 'one', 'ancient']);
  });
});

describe('times that cannot be true', () => {
  it('of the future of the wall clock go on in their place and move nothing', () => {
    const { order, fill, put, take } = orderOf(['a', 'b']);
    fill('a', 0, 20);
    put('a', 'a19.5', NOW + 6 * MINUTE);
    fill('a', 20, 40);
    order.setLag('a', false);
    fill('b', 0, 40);
    order.setLag('b', false);
    expect(take().map(secondOf)).toEqual([...Array(80).keys()].map((n) => n >> 1).toSpliced(40, 0, 19.5));
  });

  it('far ahead of their partition do not let the others run ahead, and are taken back when the next message does not agree', () => {
    const { order, fill, put, take } = orderOf(['a', 'b']);
    fill('a', 0, 20);
    put('a', 'a19.5', T0 + 600 * MINUTE);
    fill('b', 0, 900);
    expect(Math.max(...take().map(secondOf))).toBe(19); // a may still bring its 20th second
    fill('a', 20, 60);
    const taken = take().map(secondOf);
    expect(taken).toEqual(taken.toSorted((x, y) => x - y));
    expect([taken[0], taken.at(-1)]).toEqual([19.5, 59]);
    expect(order.outOfOrder).toBe(0);
  });

  it('far ahead are true after a gap', () => {
    const { order, fill, take } = orderOf(['a', 'b']);
    fill('a', 0, 20);
    fill('b', 0, 20);
    take();
    fill('a', 7200, 7230);
    fill('b', 3600, 7230);
    order.setLag('b', false);
    const taken = take().map(secondOf);
    expect(taken).toEqual(taken.toSorted((x, y) => x - y));
    expect(taken).toHaveLength(3660);
  });
});

describe('what is held back', () => {
  it('is bounded: the earliest goes on regardless, and is counted', () => {
    const { order, fill, take } = orderOf(['a', 'b'], { messages: 50 });
    fill('a', 0, 60);
    expect(take().map(secondOf)).toEqual([...Array(10).keys()]);
    expect([order.held, order.outOfOrder]).toEqual([50, 10]);
    const bytes = orderOf(['a', 'b'], { bytes: 1000 });
    bytes.fill('a', 0, 12);
    expect(bytes.take()).toHaveLength(2);
  });

  it('waits so long for a partition that brings nothing, and for it again once it brings something', () => {
    const { order, fill, take } = orderOf(['a', 'b']);
    fill('a', 0, 20);
    expect([take(1000), take(3999)]).toEqual([[], []]);
    expect(take(4000)).toHaveLength(20);
    expect(order.outOfOrder).toBe(1);
    fill('a', 20, 40);
    expect(take(4001)).toHaveLength(20);
    fill('b', 0, 20);
    fill('a', 40, 50);
    expect(take(4002).map(secondOf)).toEqual([...Array(20).keys()]);
  });

  it('goes with its partition when that is lost', () => {
    const { order, fill, take } = orderOf(['a', 'b']);
    fill('a', 0, 20);
    order.disown('a');
    expect([order.held, take()]).toEqual([0, []]);
    fill('a', 0, 20); // not ours
    expect(order.held).toBe(0);
    order.own('a');
    fill('a', 0, 20);
    order.disown('b');
    expect(take()).toHaveLength(20);
  });

  it('pauses the partitions that hold enough, never the one that the others wait for', () => {
    const { order, fill, put } = orderOf(['a', 'b']);
    fill('a', 0, 3);
    expect(order.paused()).toEqual(new Set()); // its start is not believed yet
    fill('a', 3, 20);
    put('b', 'b', T0);
    expect(order.paused()).toEqual(new Set(['a']));
  });
});
