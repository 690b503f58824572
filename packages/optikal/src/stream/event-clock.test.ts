import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventClock, withTicks } from './event-clock.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Ticks as numbers, events as `e` and their time. */
const script = (times: readonly number[]): (number | string)[] =>
  [...withTicks(times.map((timeMs) => ({ timeMs })))].map((entry) => (entry.kind === 'tick' ? entry.timeMs : `e${entry.event.timeMs}`));
/** What the tick before the first event and the last tick add nothing to. */
const inner = (times: readonly number[]) => script(times).slice(0, -1);

describe('the clock of events', () => {
  it('ticks the second of an event before it, once', () => {
    expect(inner([1500, 1700, 2000, 2999, 5001])).toEqual([1000, 'e1500', 'e1700', 2000, 'e2000', 'e2999', 5000, 'e5001']);
  });

  it('ends late enough for the last window to close', () => {
    // Largest time 5001 plus 5 minutes ahead, up to a full second, plus a window and its latest closing.
    expect(script([1500, 5001]).at(-1)).toBe(306_000 + 60_000 + 70_000);
    expect(script([])).toEqual([]);
    expect(new EventClock().end()).toBeNull();
  });

  it('stands still for events that come out of order', () => {
    expect(inner([10_000, 8000, 12_000, 11_000])).toEqual([10_000, 'e10000', 'e8000', 12_000, 'e12000', 'e11000']);
  });

  it('follows a gap of hours, for the event after it is there too', () => {
    expect(inner([1000, 5 * HOUR, 5 * HOUR + 1000])).toEqual([
      1000,
      'e1000',
      5 * HOUR,
      `e${5 * HOUR}`,
      5 * HOUR + 1000,
      `e${5 * HOUR + 1000}`,
    ]);
    expect(inner([0, HOUR, 2 * HOUR, 3 * HOUR])).toEqual([0, 'e0', HOUR, `e${HOUR}`, 2 * HOUR, `e${2 * HOUR}`, 3 * HOUR, `e${3 * HOUR}`]);
  });

  it('does not follow a lone event far ahead in the middle', () => {
    expect(inner([1000, 5 * HOUR, 2000])).toEqual([1000, 'e1000', `e${5 * HOUR}`, 2000, 'e2000']);
  });

  it('does not start at a lone first event far ahead, but at the next', () => {
    expect(inner([5 * HOUR, 2000, 3000])).toEqual([2000, `e${5 * HOUR}`, 'e2000', 3000, 'e3000']);
  });

  it('follows a last event up to a day ahead, and no further', () => {
    expect(script([1000, 5 * HOUR])[2]).toBe(5 * HOUR);
    expect(inner([1000, 400 * DAY])).toEqual([1000, 'e1000', `e${400 * DAY}`]);
    expect(script([1000, 400 * DAY]).at(-1)).toBe(301_000 + 130_000);
  });

  it('follows one agent for a month and two agents for years: an agent with a broken clock sends more than one event', () => {
    const ticks = (...events: { timeMs: number; agent: string }[]) =>
      [...withTicks(events)].flatMap((entry) => (entry.kind === 'tick' ? [entry.timeMs] : [])).slice(0, -1);
    const at = (timeMs: number, agent: string) => ({ timeMs, agent });
    expect(ticks(at(1000, 'a'), at(400 * DAY, 'b'), at(400 * DAY, 'b'), at(2000, 'a'))).toEqual([1000, 2000]);
    expect(ticks(at(1000, 'a'), at(400 * DAY, 'b'), at(400 * DAY, 'a'))).toEqual([1000, 400 * DAY]);
    expect(ticks(at(0, 'a'), at(30 * DAY, 'a'), at(30 * DAY, 'a'))).toEqual([0, 30 * DAY]);
    expect(ticks(at(0, 'a'), at(32 * DAY, 'a'), at(32 * DAY, 'a'))).toEqual([0]);
  });

  it('goes on from where the log stands: a lone event far ahead is no start then', () => {
    const clock = new EventClock(2000);
    expect(clock.before({ timeMs: 400 * DAY }, null)).toBeNull();
    expect(clock.before({ timeMs: 1500 }, null)).toBeNull();
    expect(clock.before({ timeMs: 3500 }, null)).toBe(3000);
  });

  it('starts at a single event, wherever that is', () => {
    expect(inner([400 * DAY])).toEqual([400 * DAY, `e${400 * DAY}`]);
  });

  it('gives rising ticks, every event once and in order, and a clock that none but lone outliers pass by 5 minutes', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 2 * HOUR }), { minLength: 1, maxLength: 40 }), fc.boolean(), (times, sorted) => {
        const given = sorted ? times.toSorted((a, b) => a - b) : times;
        let clock = Number.NEGATIVE_INFINITY;
        const events: number[] = [];
        for (const entry of withTicks(given.map((timeMs) => ({ timeMs })))) {
          if (entry.kind === 'tick') {
            expect(entry.timeMs).toBeGreaterThan(clock);
            expect(entry.timeMs % 1000).toBe(0);
            clock = entry.timeMs;
          } else {
            events.push(entry.event.timeMs);
            if (sorted) expect(entry.event.timeMs - clock).toBeLessThan(1000);
          }
        }
        expect(events).toEqual(given);
        expect(clock).toBeGreaterThanOrEqual(Math.min(...given) + 130_000);
      }),
    );
  });
});
