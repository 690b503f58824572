import { type AlertAttribution, FEATURE_SETS } from '@optikal/contracts';
import { describe, expect, it } from 'vitest';
import { labelOf, mergeTwins, number, percent, quantityOf } from './quantity.ts';

const line = (feature: string, contribution: number, over: Partial<AlertAttribution> = {}): AlertAttribution => ({
  feature,
  label: feature,
  value: 1,
  usual: null,
  unit: '1',
  contribution,
  missing: false,
  ...over,
});

describe('the value of a feature in words', () => {
  it.each([
    ['role_order_max', Math.log(8100), 'nats', '1 in 8,100'],
    ['role_order_max', Math.log(10), 'nats', '1 in 10'],
    ['side_surprise_max', 0, 'nats', 'no side effect'],
    ['injection_max', 0, 'logit', '50 %'],
    ['injection_max', 4, 'logit', '98 %'],
    ['injection_max', -4.2, 'logit', '1.5 %'],
    ['out_bytes_log', Math.log(1 + 442_000), 'ln bytes', '442 kB'],
    ['out_bytes_log', 0, 'ln bytes', '0 B'],
    ['out_bytes_log', Math.log1p(3.2e6), 'ln bytes', '3.2 MB'],
    ['response_time_log', Math.log1p(420), 'ln ms', '420 ms'],
    ['z_memory', 2.4, 'sd', '2.4 standard deviations above'],
    ['z_memory', -1, 'sd', '1 standard deviation below'],
    ['side_effect_share', 0.4, 'share', '40 %'],
    ['call_denied', 1, 'flag', 'yes'],
    ['call_denied', 0, 'flag', 'no'],
    ['since_flagged', 1, '1', 'the very next call'],
    ['since_flagged', 0.5, '1', '1 call later'],
    ['call_since_flagged', 0.25, '1', '3 calls later'],
    ['since_flagged', 0, '1', 'none was flagged'],
    ['calls', 1, 'calls', '1 call'],
    ['calls', 12, 'calls', '12 calls'],
    ['api_calls_per_min', 1234, 'per min', '1,200 per min'],
    ['hour_sin', 0.123, '1', '0.12'],
  ])('%s %f %s is %s', (feature, value, unit, words) => {
    expect(quantityOf(feature, value, unit)).toBe(words);
  });

  it('has words for every unit of the feature tables', () => {
    for (const { name, unit } of [...FEATURE_SETS.fused1, ...FEATURE_SETS.call1])
      expect(quantityOf(name, 2, unit), name).not.toMatch(/nats|logit|ln |\bsd\b|undefined|NaN/);
  });
});

describe('twins', () => {
  it('are one line, their contributions added, the stronger one’s words kept', () => {
    expect(mergeTwins([line('call_injection', 0.4), line('calls', -0.5), line('injection_max', 0.3)])).toEqual([
      line('call_injection', 0.7),
      line('calls', -0.5),
    ]);
  });

  it('keep the sum of all lines', () => {
    const lines = [...FEATURE_SETS.fused1, ...FEATURE_SETS.call1].map(({ name }, i) => line(name, Math.sin(i)));
    const sum = (of: readonly AlertAttribution[]) => of.reduce((total, { contribution }) => total + contribution, 0);
    expect(sum(mergeTwins(lines))).toBeCloseTo(sum(lines), 9);
    expect(mergeTwins(lines).length).toBeLessThan(lines.length);
  });

  it('names features that the tables know', () => {
    const known = new Set([...FEATURE_SETS.fused1, ...FEATURE_SETS.call1].map(({ name }) => name));
    const merged = mergeTwins([...FEATURE_SETS.call1].map(({ name }) => line(name, 1)));
    for (const { feature } of merged) expect(known).toContain(feature);
    expect(labelOf(line('since_flagged', 1))).toBe('after a flagged output');
  });
});

describe('numbers', () => {
  it('have the digits that count', () => {
    expect([0, 7, 999, 1000, 12_345, 0.0123, 123.4, 2.04].map(number)).toEqual(['0', '7', '999', '1,000', '12,000', '0.012', '123', '2']);
    expect([0, 1, 0.5, 0.015, 0.0005, 0.9996, 0.995].map(percent)).toEqual([
      '0 %',
      '100 %',
      '50 %',
      '1.5 %',
      '0.05 %',
      '99.96 %',
      '99.5 %',
    ]);
  });
});
