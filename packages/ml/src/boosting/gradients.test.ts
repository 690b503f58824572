import { describe, expect, it } from 'vitest';
import { createRandom } from '../random.ts';
import { computeGradients, countOf, hessianOf, meanLogLoss, packingFor } from './gradients.ts';

describe('gradients', () => {
  const random = createRandom('gradients');
  const scores = Float64Array.from({ length: 50 }, () => 3 * random.nextGaussian());
  const labels = Uint8Array.from({ length: 50 }, () => random.nextInt(2));
  const weights = Float64Array.from({ length: 50 }, () => random.nextFloat() * 2);

  it('is p - y and p(1 - p) by hand at score 0', () => {
    const into = new Float64Array(2);
    const packing = packingFor(1, 1);
    computeGradients(new Float64Array(1), new Uint8Array([1]), null, packing, into);
    expect(into[0]).toBe(-0.5);
    expect(hessianOf(into[1], packing.unit)).toBe(0.25);
  });

  it('agrees with finite differences of the loss', () => {
    const packing = packingFor(50, 100);
    const into = new Float64Array(100);
    computeGradients(scores, labels, weights, packing, into);
    const loss = (r: number, s: number): number => weights[r] * meanLogLoss(new Float64Array([s]), labels.subarray(r, r + 1));
    for (let r = 0; r < 50; r++) {
      const d = 1e-4;
      const first = (loss(r, scores[r] + d) - loss(r, scores[r] - d)) / (2 * d);
      const second = (loss(r, scores[r] + d) - 2 * loss(r, scores[r]) + loss(r, scores[r] - d)) / (d * d);
      expect(into[2 * r]).toBeCloseTo(first, 7);
      expect(hessianOf(into[2 * r + 1], packing.unit)).toBeCloseTo(second, 6);
    }
  });

  it('carries exact counts and an order-free hessian sum, up to the largest hessians', () => {
    const rows = 5000;
    for (const total of [rows, rows * 1e-6, rows * 1e6]) {
      const packing = packingFor(rows, total);
      const weight = new Float64Array(rows).fill(total / rows);
      const into = new Float64Array(2 * rows);
      computeGradients(new Float64Array(rows), new Uint8Array(rows), weight, packing, into);
      let forwards = 0;
      let backwards = 0;
      for (let r = 0; r < rows; r++) {
        forwards += into[2 * r + 1];
        backwards += into[2 * (rows - 1 - r) + 1];
        expect(countOf(forwards, packing.unit)).toBe(r + 1);
      }
      expect(backwards).toBe(forwards);
      expect(hessianOf(forwards, packing.unit) / (total / 4)).toBeCloseTo(1, 6);
    }
  });

  it('stays finite at extreme scores', () => {
    expect(meanLogLoss(new Float64Array([800, -800]), new Uint8Array([1, 0]))).toBe(0);
    expect(meanLogLoss(new Float64Array([-800]), new Uint8Array([1]))).toBe(800);
  });
});
