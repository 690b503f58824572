import { type Event, parseEvent, type RawMetrics, toCloudEvent } from '@optikal/contracts';
import { describe, expect, it } from 'vitest';
import { simulateFleet } from '../index.ts';
import { generateSimpleScenarios } from '../simple/index.ts';
import { addNoise, type NoiseOptions, noiseOf } from './index.ts';

const fleet = simulateFleet({ agents: 12, days: 0.25, seed: 'noise', startHour: 9 });
const clean = [...fleet.events()];
const noisy = (options: NoiseOptions, seed = 'n'): Event[] => [...addNoise(clean, options, seed)];
const byId = (events: readonly Event[]) => new Map(events.map((event) => [event.id, event]));
type Metrics = Extract<Event, { type: 'argus.agent.metrics.v1' }>;
const metrics = (events: readonly Event[]): Metrics[] => events.filter((event) => event.type === 'argus.agent.metrics.v1');
const share = <T>(items: readonly T[], holds: (item: T) => boolean): number => items.filter(holds).length / items.length;

describe('noise', () => {
  it('is none where none is asked for', () => {
    expect(noisy({})).toEqual(clean);
  });

  it('leaves its input as it is, and gives the same for the same seed', () => {
    const before = JSON.stringify(clean);
    const all = noisy(noiseOf(0.2));
    expect(JSON.stringify(clean)).toBe(before);
    expect(noisy(noiseOf(0.2))).toEqual(all);
    expect(noisy(noiseOf(0.2), 'other')).not.toEqual(all);
  });

  it('gives events that the border accepts, with ids, calls and their order as they were: every label still finds its call', () => {
    const callIds = (events: readonly Event[]) => metrics(events).flatMap(({ data }) => data.calls!.map(({ callId }) => callId));
    const all = noisy({ ...noiseOf(0.3), late: 0, duplicated: 0 });
    expect(callIds(all)).toEqual(callIds(clean));
    expect(all.map(({ id }) => id)).toEqual(clean.map(({ id }) => id));
    for (const event of all.slice(0, 2000)) expect(parseEvent(toCloudEvent(event))).toMatchObject({ ok: true, unknownFields: 0 });
    const times = new Map(metrics(clean).flatMap(({ data }) => data.calls!.map((call) => [call.callId, call.time])));
    for (const { data } of metrics(all)) for (const call of data.calls!) expect(call.time).toBe(times.get(call.callId));
  });

  it('does to an event what it does to it among others', () => {
    const options = noiseOf(0.2);
    const among = byId(noisy(options));
    const few = clean.slice(0, 300);
    for (const event of addNoise(few, options, 'n')) expect(among.get(event.id)).toEqual(event);
  });
});

describe('dropped fields', () => {
  const dropped = metrics(noisy({ dropped: 0.1 }));
  const calls = dropped.flatMap(({ data }) => data.calls!);

  it('are null in the wanted share, never zero', () => {
    expect(share(calls, ({ latencyMs }) => latencyMs === null)).toBeCloseTo(0.1, 1);
    expect(share(calls, ({ argBytes }) => argBytes === null)).toBeCloseTo(0.1, 1);
    expect(share(dropped, ({ data }) => data.metrics.api_calls_count === null)).toBeCloseTo(0.1, 1);
    const before = byId(clean);
    for (const { id, data } of dropped) {
      const was = (before.get(id) as Metrics).data.metrics; // same id, same type
      for (const name of Object.keys(was) as (keyof RawMetrics)[])
        if (data.metrics[name] !== null) expect(data.metrics[name]).toBe(was[name]);
    }
  });

  it('are all of them where the share is 1, and what has to be there still is', () => {
    for (const { data } of metrics(noisy({ dropped: 1 }))) {
      expect(Object.values(data.metrics).every((value) => value === null)).toBe(true);
      for (const call of data.calls!) expect(call).toMatchObject({ latencyMs: null, argHmac: null, provenance: null, ok: call.ok });
    }
  });
});

describe('measured values', () => {
  it('tremble by the spread and stay in their range', () => {
    const before = byId(clean);
    const ratios: number[] = [];
    for (const { id, data } of metrics(noisy({ jitter: 0.2 }))) {
      const was = (before.get(id) as Metrics).data; // same id, same type
      const { cpu_usage_percent: cpu, memory_usage_mb: memory, api_calls_count } = data.metrics;
      expect(api_calls_count).toBe(was.metrics.api_calls_count);
      if (cpu === null || memory === null) continue;
      expect(cpu).toBeLessThanOrEqual(100);
      ratios.push(Math.log(memory / was.metrics.memory_usage_mb!));
    }
    const mean = ratios.reduce((sum, value) => sum + value, 0) / ratios.length;
    expect(mean).toBeCloseTo(0, 1);
    expect(Math.sqrt(ratios.reduce((sum, value) => sum + value * value, 0) / ratios.length)).toBeCloseTo(0.2, 1);
  });

  it('of a coarse sensor are multiples of its step, of others untouched', () => {
    const coarse = metrics(noisy({ coarse: 0.5 }));
    const rounded = new Set<string>();
    const agents = new Set(coarse.map(({ agent }) => agent));
    for (const agent of agents) {
      const own = coarse
        .filter((event) => event.agent === agent)
        .flatMap(({ data }) => data.calls!.map(({ latencyMs }) => latencyMs! % 50));
      if (own.length > 5 && own.every((rest) => rest === 0)) rounded.add(agent);
    }
    expect(rounded.size).toBeGreaterThan(1);
    expect(rounded.size).toBeLessThan(agents.size);
    for (const { data } of metrics(noisy({ coarse: 1 }))) {
      expect(data.metrics.cpu_usage_percent === null || data.metrics.cpu_usage_percent % 5 === 0).toBe(true);
      for (const call of data.calls!) expect([call.latencyMs! % 50, call.outBytes! % 256]).toEqual([0, 0]);
    }
  });
});

describe('the way to us', () => {
  it('brings some events twice, the second time later', () => {
    const all = noisy({ duplicated: 0.1 });
    expect(all.length / clean.length).toBeCloseTo(1.1, 1);
    const first = new Map<string, number>();
    all.forEach((event, i) => {
      const at = first.get(event.id);
      if (at === undefined) first.set(event.id, i);
      else expect(all[at]).toEqual(event);
    });
    expect(first.size).toBe(clean.length);
  });

  it('brings some events late, with their own time, in order of arrival', () => {
    const all = noisy({ late: 0.1, lateMs: 60_000 });
    expect(all.map(({ id }) => id).toSorted()).toEqual(clean.map(({ id }) => id).toSorted());
    const before = byId(clean);
    let newest = 0;
    let behind = 0;
    for (const event of all) {
      expect(event).toEqual(before.get(event.id));
      if (event.timeMs < newest) behind++;
      newest = Math.max(newest, event.timeMs);
    }
    expect(behind / all.length).toBeGreaterThan(0.05);
    expect(behind / all.length).toBeLessThan(0.12);
  });

  it('brings verdicts and decisions of a wrong clock, each source wrong by one amount', () => {
    const before = byId(clean);
    const errors = new Map<string, Set<number>>();
    for (const event of noisy({ skewed: 0.5, skewMs: 3000 })) {
      const error = event.timeMs - before.get(event.id)!.timeMs;
      errors.set(event.source, (errors.get(event.source) ?? new Set()).add(error));
      expect(Math.abs(error)).toBeLessThanOrEqual(3000);
      if (event.source.startsWith('/asr/')) expect(error).toBe(0);
    }
    expect([...errors.values()].every((of) => of.size === 1)).toBe(true);
    expect([...errors.values()].filter((of) => !of.has(0)).length).toBeGreaterThan(2);
  });
});

describe('noise on rows', () => {
  const rows = [...generateSimpleScenarios({ rows: 2000, seed: 1 })];

  it('leaves labels and threats, drops and doubles', () => {
    const all = [...addNoise(rows, { dropped: 0.1, duplicated: 0.05, jitter: 0.1 }, 3)];
    expect(all.length / rows.length).toBeCloseTo(1.05, 1);
    expect(share(all, ({ error_count }) => error_count === null)).toBeCloseTo(0.1, 1);
    const alone = [...addNoise(rows, { dropped: 0.1, jitter: 0.1 }, 3)];
    expect(alone.map(({ label, threat }) => [label, threat])).toEqual(rows.map(({ label, threat }) => [label, threat]));
    expect([...addNoise(rows, {}, 3)]).toEqual(rows);
  });
});

describe('options of noise', () => {
  it('outside their range or unknown are refused', () => {
    expect(() => addNoise(clean, { dropped: 1.1 }, 1)).toThrow('expected `dropped` from 0 to 1, found 1.1');
    expect(() => addNoise(clean, { lateMs: 0 }, 1)).toThrow('lateMs');
    const misspelt = { drop: 0.1 } as NoiseOptions; // what plain JavaScript could hand over
    expect(() => addNoise(clean, misspelt, 1)).toThrow('expected a noise option, found `drop`');
    expect(() => noiseOf(0.6)).toThrow('expected a share of noise from 0 to 0.5, found 0.6');
  });
});
