/** What drift detection is held to: streams that depend on themselves and follow the day do not alarm, shifts are found. */
import { describe, expect, it } from 'vitest';
import { createRandom, fitDrift, type Random } from '../src/index.ts';

const DAY_MS = 86_400_000;
const STEP_MS = 600_000;
const RUNS = 250;

interface Stream {
  readonly rho: number;
  readonly cycle: number;
  readonly shift: number;
}

/** AR(1) of variance 1 over a daily cycle of that amplitude, a row each ten minutes. */
function draw(random: Random, count: number, fromMs: number, { rho, cycle, shift }: Stream): { values: Float64Array; times: Float64Array } {
  const times = Float64Array.from({ length: count }, (_, i) => fromMs + i * STEP_MS);
  let x = random.nextGaussian();
  const values = times.map((time) => {
    x = rho * x + Math.sqrt(1 - rho * rho) * random.nextGaussian();
    return x + shift + cycle * Math.sin((2 * Math.PI * time) / DAY_MS);
  });
  return { values, times };
}

/** The share of runs that alarm at the 1 % level. */
function alarmShare(seed: string, runs: number, referenceRows: number, liveRows: number, reference: Stream, live: Stream): number {
  const random = createRandom(seed);
  let alarms = 0;
  for (let run = 0; run < runs; run++) {
    const past = draw(random, referenceRows, random.nextFloat() * DAY_MS, reference);
    const detector = fitDrift({ rows: referenceRows, cols: 1, values: past.values }, { times: past.times }).detector({
      bufferSize: liveRows,
    });
    const now = draw(random, liveRows, 60 * DAY_MS + random.nextFloat() * DAY_MS, live);
    now.values.forEach((value, i) => {
      detector.update([value], now.times[i]);
    });
    if (detector.summary().alarm) alarms++;
  }
  return alarms / runs;
}

describe('alarms at the 1 % level', () => {
  const calm = { rho: 0.9, cycle: 1, shift: 0 };
  it.each([
    [1_000, 100],
    [1_000, 500],
  ])('are at most one in 50 of 1,000 runs of AR(1), ρ = 0.9, over a daily cycle: %i reference rows, %i live', (referenceRows, liveRows) => {
    expect(alarmShare(`floor ${liveRows}`, 1_000, referenceRows, liveRows, calm, calm)).toBeLessThanOrEqual(0.02);
  });

  it.each([
    [0, 0, 1_000, 100],
    [0, 0.5, 1_000, 500],
    [1, 0.97, 1_000, 300],
  ])('are at most one in 50 over a cycle of %f and ρ = %f: %i reference rows, %i live', (cycle, rho, referenceRows, liveRows) => {
    const stream = { rho, cycle, shift: 0 };
    expect(alarmShare(`others ${rho}`, RUNS, referenceRows, liveRows, stream, stream)).toBeLessThanOrEqual(0.02);
  });

  it('find shifts: one sigma in 100 rows without dependence, in 500 rows with much of it', () => {
    expect(alarmShare('power', 100, 1_000, 100, { rho: 0, cycle: 1, shift: 0 }, { rho: 0, cycle: 1, shift: 1 })).toBeGreaterThan(0.95);
    expect(alarmShare('power 0.9', 100, 2_000, 500, calm, { ...calm, shift: 1 })).toBeGreaterThan(0.7);
  });

  it('find one sigma beside an outlier at 100', () => {
    const random = createRandom('outlier');
    const reference = draw(random, 500, 0, { rho: 0, cycle: 0, shift: 0 });
    reference.values[250] = 100;
    const detector = fitDrift({ rows: 500, cols: 1, values: reference.values }).detector();
    const live = draw(random, 100, 0, { rho: 0, cycle: 0, shift: 1 });
    live.values[50] = 100;
    for (const value of live.values) detector.update([value], 0);
    expect(detector.summary().alarm).toBe(true);
  });

  it('do not come from an outlier alone, nor from two identical samples of 100 rows', () => {
    const same = draw(createRandom('same'), 100, 0, { rho: 0.9, cycle: 0, shift: 0 });
    const reference = fitDrift({ rows: 100, cols: 1, values: same.values }, { times: same.times });
    const detector = reference.detector();
    const other = reference.detector();
    same.values.forEach((value, i) => {
      detector.update([value], same.times[i]);
      other.update([i === 7 ? 100 : value], same.times[i]);
    });
    expect(detector.summary()).toMatchObject({ alarm: false, band: 'stable' });
    expect(other.summary()).toMatchObject({ alarm: false });
  });
});

describe('alarms over streams of many agents', () => {
  /** Agents with levels of their own, so that rows of one say little about the others. */
  function share(seed: string, liveAgents: number, liveRows: number, shift: number): number {
    const random = createRandom(seed);
    const fleet = (agents: number, rows: number, fromMs: number, moved: number) => {
      const parts = Array.from({ length: agents }, () =>
        draw(random, rows, fromMs, { rho: 0.8, cycle: 0.5, shift: moved + 0.7 * random.nextGaussian() }),
      );
      return {
        values: Float64Array.from(parts.flatMap(({ values }) => [...values])),
        times: Float64Array.from(parts.flatMap(({ times }) => [...times])),
        groups: parts.flatMap((_, agent) => Array.from({ length: rows }, () => agent)),
      };
    };
    let alarms = 0;
    for (let run = 0; run < RUNS; run++) {
      const { values, times, groups } = fleet(30, 80, 0, 0);
      const detector = fitDrift({ rows: values.length, cols: 1, values }, { times, groups }).detector({ bufferSize: 10_000 });
      const now = fleet(liveAgents, liveRows, 28 * DAY_MS, shift);
      now.values.forEach((value, i) => {
        detector.update([value], now.times[i], now.groups[i]);
      });
      if (detector.summary().alarm) alarms++;
    }
    return alarms / RUNS;
  }

  it('are rare for other agents of the same fleet, whatever their number of rows', () => {
    expect(share('short', 20, 40, 0)).toBeLessThanOrEqual(0.02);
    expect(share('long', 10, 160, 0)).toBeLessThanOrEqual(0.02);
  });

  it('are few on days that differ for all agents at once, once the reference has seen such days', () => {
    const random = createRandom('days');
    const hourly = (agents: number, fromMs: number, hours: number) => {
      const shifts = new Map<number, number>();
      const rows: { value: number; time: number; group: number }[] = [];
      for (let group = 0; group < agents; group++) {
        const level = 0.5 * random.nextGaussian();
        for (let i = 0; i < hours; i++) {
          const time = fromMs + i * 3_600_000;
          const day = Math.floor(time / DAY_MS);
          const shift = shifts.get(day) ?? 0.4 * random.nextGaussian();
          shifts.set(day, shift);
          rows.push({ value: random.nextGaussian() + level + shift, time, group });
        }
      }
      return rows;
    };
    const share = (days: number): number => {
      let alarms = 0;
      for (let run = 0; run < 60; run++) {
        const past = hourly(20, 0, 24 * days);
        const detector = fitDrift(
          { rows: past.length, cols: 1, values: Float64Array.from(past, ({ value }) => value) },
          { times: past.map(({ time }) => time), groups: past.map(({ group }) => group) },
        ).detector();
        for (const { value, time, group } of hourly(20, 28 * DAY_MS, 24)) detector.update([value], time, group);
        if (detector.summary().alarm) alarms++;
      }
      return alarms / 60;
    };
    expect(share(8)).toBeLessThan(0.1);
    // A reference of one day cannot know.
    expect(share(1)).toBeGreaterThan(0.3);
  });

  it('find a shift of one sigma in 20 agents', () => {
    expect(share('shifted', 20, 40, 1)).toBeGreaterThan(0.8);
  });
});
