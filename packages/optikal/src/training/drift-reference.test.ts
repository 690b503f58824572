import { FEATURE_SETS } from '@optikal/contracts';
import { createRandom, decodeDrift, MlError } from '@optikal/ml';
import { describe, expect, it } from 'vitest';
import type { WindowSample } from './dataset.ts';
import { DRIFT_FEATURES, driftReferenceOf, driftSamples } from './drift-reference.ts';

const HOUR_MS = 3_600_000;

function samplesOf(agents: number, windows: number): WindowSample[] {
  const random = createRandom('drift samples');
  return Array.from({ length: agents * windows }, (_, i) => ({
    key: `t|agent-${i % agents}`,
    role: 'support',
    startMs: Math.floor(i / agents) * HOUR_MS,
    row: Float64Array.from(FEATURE_SETS.fused1, () => random.nextGaussian()),
    callRows: [],
    callIds: [],
    callLabels: [],
    sequence: [],
    label: 0,
    threat: null,
    intensity: null,
    campaign: null,
    exclude: false,
  }));
}

describe('the drift reference of training windows', () => {
  it('leaves out the calendar, what is against the own history and what repeats another feature', () => {
    for (const name of [
      'hour_of_day',
      'day_of_week',
      'is_night',
      'is_weekend',
      'hour_sin',
      'hour_cos',
      'history',
      'own_order_max',
      'z_cpu',
      'dest_new',
      'response_time_log',
    ])
      expect(DRIFT_FEATURES).not.toContain(name);
    for (const name of ['api_calls_per_min', 'response_time_sec', 'role_surprise_max', 'denied_share'])
      expect(DRIFT_FEATURES).toContain(name);
    expect(driftReferenceOf(samplesOf(12, 4)).names).toEqual(DRIFT_FEATURES);
  });

  it('keeps benign windows alone, in whole stretches, of at most 60 agents', () => {
    const samples = samplesOf(150, 90).map((sample, i): WindowSample => (i % 150 === 0 ? { ...sample, label: 2 } : sample));
    samples[1] = { ...samples[1]!, exclude: true };
    const kept = driftSamples(samples);
    const agents = Map.groupBy(kept, ({ key }) => key);
    expect(agents.size).toBe(60);
    expect(agents.has('t|agent-0')).toBe(false);
    for (const own of agents.values()) {
      expect(own.length).toBeGreaterThan(40);
      for (let i = 1; i < own.length; i++) expect(own[i]!.startMs - own[i - 1]!.startMs).toBe(HOUR_MS);
    }
    expect(new Set([...agents.values()].map(([first]) => first!.startMs)).size).toBeGreaterThan(30);
  });

  it('is a file of at most 300 kB whatever the number of windows, the same for the same windows', () => {
    const samples = samplesOf(80, 120);
    const bytes = driftReferenceOf(samples).encode();
    expect(bytes.length).toBeLessThanOrEqual(300_000);
    expect(bytes.length).toBeGreaterThan(200_000);
    expect(driftReferenceOf(samples.toReversed()).encode()).toEqual(bytes);
    expect(decodeDrift(bytes).encode()).toEqual(bytes);
  });

  it('gives what a quiet agent does not use to the others', () => {
    const busy = samplesOf(4, 2_000);
    const quiet = samplesOf(1, 5).map((sample) => ({ ...sample, key: 't|quiet' }));
    const kept = driftSamples([...busy, ...quiet]);
    expect(kept.filter(({ key }) => key === 't|quiet')).toHaveLength(5);
    expect(kept.length).toBeGreaterThan(2_500);
  });

  it('refuses fewer than 20 windows', () => {
    expect(() => driftReferenceOf(samplesOf(2, 9))).toThrow(expect.objectContaining({ code: 'ML_EMPTY_INPUT' }));
    expect(() => driftReferenceOf([])).toThrow(MlError);
  });
});
