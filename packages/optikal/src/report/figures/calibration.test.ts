import { brierSkill, wilsonInterval } from '@optikal/ml';
import { describe, expect, it } from 'vitest';
import { sampleOf } from '../../training/test-support/samples.ts';
import { binsOf, calibrationOf } from './calibration.ts';

describe('bins of probability', () => {
  it('hold what was said and seen, with Wilson intervals', () => {
    const said = [...Array.from({ length: 20 }, () => 0.002), ...Array.from({ length: 10 }, () => 0.95)];
    const labels = [...Array.from({ length: 20 }, (_, i) => (i === 0 ? 1 : 0)), ...Array.from({ length: 10 }, (_, i) => (i < 8 ? 1 : 0))];
    expect(binsOf(said, labels)).toEqual([
      { count: 20, said: expect.closeTo(0.002, 12), seen: 0.05, ...wilsonInterval(1, 20) },
      { count: 10, said: expect.closeTo(0.95, 12), seen: 0.8, ...wilsonInterval(8, 10) },
    ]);
  });

  it('join a neighbour where they hold too little, so that no window is lost', () => {
    const said = [0.001, 0.05, 0.15, 0.25, 0.5, 0.99];
    const bins = binsOf(said, [0, 0, 0, 1, 1, 1]);
    expect(bins.map(({ count, seen }) => [count, seen])).toEqual([[6, 0.5]]);
  });
});

it('leaves exposed and unscored windows out, and says the skill against the share of attacks', () => {
  const samples = [...Array.from({ length: 12 }, (_, i) => sampleOf({ label: i < 4 ? 2 : 0 })), sampleOf({ label: 1 }), sampleOf()];
  const probabilities = Float64Array.from([0.9, 0.8, 0.7, 0.3, ...Array.from({ length: 8 }, () => 0.1), 0.99, Number.NaN]);
  const found = calibrationOf({ samples, probabilities, calibrator: 'beta' });
  expect(found).toMatchObject({
    method: 'beta',
    prevalence: 1 / 3,
    skill: brierSkill(probabilities.slice(0, 12), [1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]),
  });
  expect(calibrationOf({ samples: samples.slice(0, 4), probabilities, calibrator: null })).toEqual({
    missing: expect.stringContaining('One class'),
  });
});
