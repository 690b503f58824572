import { describe, expect, it } from 'vitest';
import { matchHours } from './hours.ts';

const HOUR = 3_600_000;
const hourly = (hours: number, start = 0) => Float64Array.from({ length: hours }, (_, i) => start + i * HOUR);
const days = (times: Float64Array) => Int32Array.from(times, (time) => Math.floor(time / (24 * HOUR)));

describe('matchHours', () => {
  it('weighs the hours of the week that are live, where the reference knows them', () => {
    const times = hourly(24 * 7 * 4);
    // Two live rows of one hour, one of the next: 2/3 and 1/3 over four weeks each.
    const matched = matchHours(times, days(times), [10 * HOUR, 10 * HOUR, 11 * HOUR]);
    expect(matched.match).toBe('hour of week');
    expect(matched.usedCount).toBe(3);
    const weighted = Array.from(times, (time, i) => [time / HOUR, matched.weights[i]]).filter(([, weight]) => weight > 0);
    expect(weighted.map(([hour]) => hour)).toEqual([10, 11, 178, 179, 346, 347, 514, 515]);
    expect(weighted[0][1]).toBeCloseTo(1 / 6, 14);
    expect(weighted[1][1]).toBeCloseTo(1 / 12, 14);
  });

  it('falls back to the hour of the day on few weeks, and to nothing on few days', () => {
    const week = hourly(24 * 7);
    const matched = matchHours(week, days(week), [10 * HOUR]);
    expect(matched.match).toBe('hour of day');
    expect(matched.weights.filter((weight) => weight > 0)).toEqual(new Float64Array(7).fill(1 / 7));
    const short = hourly(24 * 3);
    expect(matchHours(short, days(short), [10 * HOUR]).match).toBe('none');
    // Many streams know an hour within a day.
    expect(
      matchHours(
        new Float64Array(40),
        Int32Array.from({ length: 40 }, (_, i) => i),
        [5],
      ).match,
    ).toBe('hour of day');
  });

  it('leaves out live rows of hours that the reference does not know, unless most are such', () => {
    const office = hourly(24 * 7).filter((time) => (time / HOUR) % 24 >= 8);
    const some = matchHours(office, days(office), [10 * HOUR, 11 * HOUR, 3 * HOUR]);
    expect(some.match).toBe('hour of day');
    expect([...some.used]).toEqual([1, 1, 0]);
    expect(some.weights.reduce((sum, weight) => sum + weight)).toBeCloseTo(1, 12);
    const most = matchHours(office, days(office), [10 * HOUR, 2 * HOUR, 3 * HOUR]);
    expect(most.match).toBe('none');
    expect(most.usedCount).toBe(3);
  });
});
