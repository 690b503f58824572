import { describe, expect, it } from 'vitest';
import { logistic } from '../math.ts';
import { createRandom } from '../random.ts';
import { expectRefusal } from '../test-support/refusals.ts';
import { betaLogOdds, fitBeta } from './beta.ts';
import { fitCalibration } from './choose.ts';
import { fitPlatt } from './platt.ts';

function drawn(rows: number, a: number, b: number, seed = 0) {
  const random = createRandom(`choose ${seed}`);
  const truth = { kind: 'beta', slope: 1, intercept: 0, a, b, c: -1, prevalence: 0.5 } as const;
  const margins = Float64Array.from({ length: rows }, () => 2 * random.nextGaussian());
  const labels = Uint8Array.from(margins, (m) => (random.nextFloat() < logistic(betaLogOdds(truth, m)) ? 1 : 0));
  return { margins, labels, groups: Array.from({ length: rows }, (_, i) => `agent ${i % 20}`) };
}

describe('fitCalibration', () => {
  it('takes the bend where there is one, and says by how much it is better', () => {
    const { margins, labels, groups } = drawn(4000, 0.2, 2);
    const { calibration, chosen, logLoss, gain, judgedCount } = fitCalibration(margins, labels, { groups });
    expect(chosen).toBe('beta');
    expect(calibration).toEqual(fitBeta(margins, labels));
    expect(gain).toBeGreaterThan(0.005);
    expect(logLoss!.platt - logLoss!.beta).toBeCloseTo(gain, 12);
    expect(judgedCount).toBe(4000);
  });

  it('takes the straight line in most samples where the bend is noise', () => {
    const found = Array.from({ length: 12 }, (_, seed) => {
      const { margins, labels, groups } = drawn(300, 1, 1, seed);
      const { calibration, chosen, logLoss, gain } = fitCalibration(margins, labels, { groups, seed });
      expect(chosen).toBe(logLoss!.beta < logLoss!.platt ? 'beta' : 'platt');
      expect(calibration).toEqual(chosen === 'beta' ? fitBeta(margins, labels) : fitPlatt(margins, labels));
      expect(gain).toBeLessThan(0.02);
      return chosen;
    });
    expect(found.filter((chosen) => chosen === 'platt').length).toBeGreaterThanOrEqual(7);
  });

  it('judges each row by fits that did not see its group: worked for two groups', () => {
    const margins = [-1, 1, -2, 0, 2, 1];
    const labels = [0, 1, 0, 1, 1, 0];
    const groups = ['a', 'a', 'b', 'b', 'b', 'b'];
    const { logLoss } = fitCalibration(margins, labels, { groups, folds: 2 });
    const [onA, onB] = [fitPlatt(margins.slice(0, 2), labels.slice(0, 2)), fitPlatt(margins.slice(2), labels.slice(2))];
    const losses = margins.map((m, i) => {
      const { slope, intercept } = i < 2 ? onB : onA;
      const p = logistic(slope * m + intercept);
      return -Math.log(labels[i] === 1 ? p : 1 - p);
    });
    expect(logLoss!.platt).toBeCloseTo(losses.reduce((sum, x) => sum + x, 0) / 6, 9);
  });

  it('takes Platt where no fold leaves both classes to fit on', () => {
    const found = fitCalibration([1, 2, 3, 4], [1, 1, 0, 0], { groups: ['a', 'a', 'b', 'b'], folds: 2 });
    expect(found).toMatchObject({ chosen: 'platt', logLoss: null, gain: 0, judgedCount: 0 });
  });

  it('gives the same for the same seed', () => {
    const { margins, labels } = drawn(200, 1, 2);
    expect(fitCalibration(margins, labels, { seed: 'x' })).toEqual(fitCalibration(margins, labels, { seed: 'x' }));
    expect(fitCalibration(margins, labels, { seed: 'x' }).logLoss).not.toEqual(fitCalibration(margins, labels, { seed: 'y' }).logLoss);
  });

  it('refuses groups of another length, fewer groups than folds, and options that nobody reads', () => {
    const { margins, labels } = drawn(20, 1, 1);
    expectRefusal(() => fitCalibration(margins, labels, { groups: ['a'] }), 'ML_SHAPE_MISMATCH');
    expectRefusal(() => fitCalibration(margins, labels, { groups: Array.from(margins, () => 'a') }), 'ML_EMPTY_INPUT');
    expectRefusal(() => fitCalibration(margins, labels, { folds: 1 }), 'ML_BAD_OPTION');
    const unknown = { folds: 3, fold: 3 };
    expectRefusal(() => fitCalibration(margins, labels, unknown), 'ML_UNKNOWN_OPTION');
    expectRefusal(() => fitCalibration([1, Number.NaN], [0, 1]), 'ML_NOT_FINITE');
  });
});
