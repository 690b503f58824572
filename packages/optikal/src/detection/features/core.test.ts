import { FEATURE_SETS } from '@optikal/contracts';
import { describe, expect, it } from 'vitest';
import type { RawValues } from '../content.ts';
import { columnsOf } from './columns.ts';
import { coreWriter } from './core.ts';

const COLUMNS = columnsOf('core18');
const RAW: RawValues = {
  cpu: 50,
  memory: 2048,
  network: 10,
  files: 4,
  api: 19,
  errors: 5,
  hour: 6,
  weekday: 5,
  diversity: 0.25,
  responseMs: 999,
  success: 0.75,
};

function row(raw: RawValues, minutes = 1): Record<string, number> {
  const values = new Float64Array(COLUMNS.length).fill(Number.NaN);
  coreWriter(COLUMNS)(values, raw, minutes);
  return Object.fromEntries(FEATURE_SETS.core18.map(({ name }, i) => [name, values[i]!]));
}

describe('core18', () => {
  it('has the values of the formulas', () => {
    const worked: Record<string, number> = {
      api_calls_per_min: 19,
      errors_per_min: 5,
      file_ops_per_min: 4,
      network_calls_per_min: 10,
      cpu_usage: 0.5,
      memory_usage_gb: 2,
      resource_intensity: 1,
      error_rate: 0.25,
      query_diversity_score: 0.25,
      success_rate_score: 0.75,
      is_night: 1,
      is_weekend: 1,
      hour_sin: 1,
      hour_cos: 0,
      response_time_sec: 0.999,
      response_time_log: Math.log(1000),
      activity_score: (0.19 + 0.2 + 0.4) / 3,
      suspicion_score: 0.3 * 0.75 + 0.3 * 0.25 + 0.2 + 0.2 * 0.25,
    };
    const found = row(RAW);
    expect(Object.keys(found)).toEqual(Object.keys(worked));
    for (const [name, value] of Object.entries(worked)) expect(found[name], name).toBeCloseTo(value, 12);
  });

  it('counts per minute of the window', () => {
    const found = row(RAW, 2);
    expect([found.api_calls_per_min, found.errors_per_min, found.file_ops_per_min, found.network_calls_per_min]).toEqual([9.5, 2.5, 2, 5]);
  });

  it('calls 0 to 6 o’clock night and Saturday and Sunday the weekend', () => {
    expect([0, 6, 7, 23].map((hour) => row({ ...RAW, hour }).is_night)).toEqual([1, 1, 0, 0]);
    expect([0, 4, 5, 6].map((weekday) => row({ ...RAW, weekday }).is_weekend)).toEqual([0, 0, 1, 1]);
  });

  it('is missing, never zero, exactly where a metric is missing', () => {
    const needs: Record<keyof RawValues, string[]> = {
      cpu: ['cpu_usage', 'resource_intensity'],
      memory: ['memory_usage_gb', 'resource_intensity'],
      network: ['network_calls_per_min', 'activity_score'],
      files: ['file_ops_per_min', 'activity_score'],
      api: ['api_calls_per_min', 'error_rate', 'activity_score', 'suspicion_score'],
      errors: ['errors_per_min', 'error_rate', 'suspicion_score'],
      hour: ['is_night', 'hour_sin', 'hour_cos', 'suspicion_score'],
      weekday: ['is_weekend'],
      diversity: ['query_diversity_score', 'suspicion_score'],
      responseMs: ['response_time_sec', 'response_time_log'],
      success: ['success_rate_score', 'suspicion_score'],
    };
    const all = row(RAW);
    for (const [metric, names] of Object.entries(needs)) {
      const found = row({ ...RAW, [metric]: Number.NaN });
      for (const name of Object.keys(all))
        expect(found[name], `${name} without ${metric}`).toBe(names.includes(name) ? Number.NaN : all[name]);
    }
  });
});
