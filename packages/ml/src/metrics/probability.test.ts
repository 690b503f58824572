import { describe, expect, it } from 'vitest';
import { createRandom } from '../random.ts';
import { expectRefusal } from '../test-support/refusals.ts';
import { balancedAccuracy, brierScore, brierSkill, reliability, wilsonInterval } from './probability.ts';

describe('Brier score and skill', () => {
  it('is the mean squared error by hand', () => {
    expect(brierScore([0.9, 0.2], [1, 0])).toBeCloseTo((0.01 + 0.04) / 2, 12);
  });

  it('is 0 for the base rate, 1 for certainty, negative for worse', () => {
    const labels = [1, 0, 0, 0];
    expect(brierSkill([0.25, 0.25, 0.25, 0.25], labels)).toBeCloseTo(0, 12);
    expect(brierSkill([1, 0, 0, 0], labels)).toBe(1);
    expect(brierSkill([0, 1, 1, 1], labels)).toBeLessThan(0);
    expect(brierSkill([0.25, 0.25, 0.25, 0.25], labels, 0.5)).toBeCloseTo(1 - 0.1875 / 0.25, 12);
  });

  it('refuses what is no probability', () => {
    expectRefusal(() => brierScore([1.1], [1]), 'ML_BAD_OPTION');
    expectRefusal(() => brierScore([NaN], [1]), 'ML_BAD_OPTION');
    expectRefusal(() => brierScore([], []), 'ML_EMPTY_INPUT');
    expectRefusal(() => brierSkill([0.5, 0.5], [1, 1]), 'ML_SINGLE_CLASS');
  });
});

describe('wilsonInterval', () => {
  it('agrees with the published example of 10 in 100 at 95 %', () => {
    // Wilson without continuity correction: 0.0552 … 0.1744 (R: prop.test(10, 100, correct = FALSE)).
    const { low, high } = wilsonInterval(10, 100);
    expect(low).toBeCloseTo(0.0552, 4);
    expect(high).toBeCloseTo(0.1744, 4);
  });

  it('stays within [0, 1] and is not empty for no hits', () => {
    expect(wilsonInterval(0, 10).low).toBe(0);
    // z²/(n + z²) with z = 1.959964
    expect(wilsonInterval(0, 10).high).toBeCloseTo(3.841459 / 13.841459, 6);
    expect(wilsonInterval(10, 10).high).toBe(1);
  });

  it('refuses more hits than there are rows', () => {
    expectRefusal(() => wilsonInterval(3, 2), 'ML_BAD_OPTION');
  });
});

describe('reliability', () => {
  it('covers the truth for honest probabilities', () => {
    const random = createRandom('reliability');
    const said = Array.from({ length: 5000 }, () => random.nextFloat());
    const labels = said.map((p) => (random.nextFloat() < p ? 1 : 0));
    const bins = reliability(said, labels, 10);
    expect(bins.map((bin) => bin.count)).toEqual(Array.from({ length: 10 }, () => 500));
    const covered = bins.filter((bin) => bin.low <= bin.said && bin.said <= bin.high).length;
    expect(covered).toBeGreaterThanOrEqual(8);
  });

  it('keeps equal probabilities together and every row once', () => {
    const bins = reliability([0.5, 0.5, 0.5, 0.1], [1, 0, 1, 0], 4);
    expect(bins.map((bin) => [bin.count, bin.said, bin.seen])).toEqual([
      [1, 0.1, 0],
      [3, 0.5, 2 / 3],
    ]);
  });
});

describe('balancedAccuracy', () => {
  it('is the mean of recall and specificity by hand', () => {
    expect(balancedAccuracy([1, 0, 0, 0, 1], [1, 1, 0, 0, 0])).toBeCloseTo((1 / 2 + 2 / 3) / 2, 12);
  });

  it('refuses scores in place of decisions', () => {
    expectRefusal(() => balancedAccuracy([0.5, 1], [0, 1]), 'ML_BAD_LABEL');
  });
});
