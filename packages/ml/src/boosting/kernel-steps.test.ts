import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Matrix } from '../matrix.ts';
import { createRandom } from '../random.ts';
import { gaussianMatrix, noisyLabels } from '../test-support/data.ts';
import { binMatrix, findBinEdges } from '../tree/binning.ts';
import { fitBoosting, fitWith } from './boosting.ts';
import { countOf, hessianOf, packingFor } from './gradients.ts';
import { kernelSteps } from './kernel-steps.ts';
import { type BoostingOptions, resolveBoostingOptions } from './options.ts';
import type { LeafSums } from './splitting.ts';
import { type FitData, plainSteps, type Steps } from './steps.ts';

/** Bell-shaped columns with gaps, the first one rounded (heavy bins), the last one without gaps. */
function mixedMatrix(rows: number, cols: number, seed: number): Matrix {
  const matrix = gaussianMatrix(rows, cols, seed, 0.15);
  for (let r = 0; r < rows; r++) {
    matrix.values[r * cols] = Math.round(matrix.values[r * cols]);
    const last = r * cols + cols - 1;
    if (Number.isNaN(matrix.values[last])) matrix.values[last] = 0;
  }
  return matrix;
}

/** Both implementations over the same made-up fit, scores drawn, gradients computed, rows in a random order. */
function pairOf(rows: number, cols: number, seed: number, options: BoostingOptions = {}): { plain: Steps; kernel: Steps; unit: number } {
  const matrix = mixedMatrix(rows, cols, seed);
  const weights = options.weights;
  const total = weights === undefined ? rows : weights.reduce((a, b) => a + b, 0);
  const packing = packingFor(rows, total);
  const data: FitData = {
    binned: binMatrix(matrix, findBinEdges(matrix)),
    labels: noisyLabels(matrix, seed),
    packing,
    options: resolveBoostingOptions(options, rows, cols),
  };
  const [plain, kernel] = [plainSteps(data), kernelSteps(data)];
  if (kernel === null) throw new Error('too large for an arena');
  const random = createRandom(seed);
  const order = random.shuffle(Int32Array.from({ length: rows }, (_, r) => r));
  const scores = Float64Array.from({ length: rows }, () => 3 * random.nextGaussian());
  for (const steps of [plain, kernel]) {
    steps.rows.set(order);
    steps.scores.set(scores);
    steps.computeGradients();
  }
  return { plain, kernel, unit: packing.unit };
}

const features = (...of: number[]): Int32Array => Int32Array.from(of);

function leafOf(steps: Steps, count: number, unit: number): LeafSums {
  const { gradient, packed } = steps.sums(count);
  return { count: countOf(packed, unit), gradient, hessian: hessianOf(packed, unit), low: -Infinity, high: Infinity };
}

describe('kernel steps', () => {
  it('compute g and h by hand: score 0, label 1 gives -1/2 and 1/4', () => {
    const { kernel, unit } = pairOf(51, 2, 1);
    kernel.scores.fill(0);
    kernel.computeGradients();
    for (let r = 0; r < 51; r++) {
      expect(Math.abs(kernel.gradients[2 * r])).toBe(0.5);
      expect(kernel.gradients[2 * r + 1] - unit).toBe(0.25);
    }
  });

  it('compute the gradients of plain steps to the bit, for every score that a double can be', () => {
    const extremes = [0, -0, 1e-300, 36.7, 700, 707.9, 708.4, 709.8, 744.4, 745.2, 746, 1e4, 1e300];
    for (const weights of [undefined, Float64Array.from({ length: 27 }, (_, r) => r / 3)]) {
      const { plain, kernel } = pairOf(27, 2, 2, weights === undefined ? {} : { weights });
      for (const steps of [plain, kernel]) {
        steps.scores.set(extremes.flatMap((x) => [x, -x]));
        steps.computeGradients();
      }
      expect(kernel.gradients).toEqual(plain.gradients);
    }
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 27, maxLength: 27 }), (scores) => {
        const { plain, kernel } = pairOf(27, 1, 3);
        for (const steps of [plain, kernel]) {
          steps.scores.set(scores);
          steps.computeGradients();
        }
        expect(kernel.gradients).toEqual(plain.gradients);
      }),
      { numRuns: 50 },
    );
  });

  it('sum, fill and subtract histograms of any features, partition and score as plain steps do, to the bit', () => {
    for (const [rows, split] of [
      [3, features(0)],
      [200, features(2, 0, 1)],
      [333, features(0, 1, 2, 3)],
      [500, features(6, 1, 4, 0, 3)],
      [500, features(0, 1, 2, 3, 4, 5, 6)],
      [2001, features(8, 7, 6, 5, 4, 3, 2, 1, 0)],
    ] as const) {
      const { plain, kernel, unit } = pairOf(rows, Math.max(...split) + 1, rows);
      const count = rows - (rows >> 2);
      const middle = count >> 1;
      const found = [plain, kernel].map((steps) => {
        steps.begin(split, count);
        const leaf = leafOf(steps, count, unit);
        steps.buildHistogram(0, 0, count);
        const ofRoot = steps.findSplit(0, leaf);
        steps.buildHistogram(1, 0, middle);
        steps.subtractHistogram(0, 1);
        const half = leafOf(steps, middle, unit);
        const ofHalf = steps.findSplit(1, half);
        const rest = {
          ...leaf,
          count: leaf.count - half.count,
          gradient: leaf.gradient - half.gradient,
          hessian: leaf.hessian - half.hessian,
        };
        const ofRest = steps.findSplit(0, rest);
        const middles = [ofRoot, ofHalf, ofRest].map((by) => (by === null ? -1 : steps.partition(1, count, by)));
        steps.addToScores(1, middle, 0.1);
        return { leaf, ofRoot, ofHalf, ofRest, middles, rows: steps.rows.slice(), scores: steps.scores.slice() };
      });
      expect(found[1]).toEqual(found[0]);
      if (rows > 200) expect(found[0].ofRoot).not.toBeNull();
    }
  });

  it('find the split of plain steps, whatever the penalties, limits and gaps', () => {
    const options = fc.record({
      l1: fc.constantFrom(0, 0.3, 20),
      l2: fc.constantFrom(0, 1, 50),
      minDataInLeaf: fc.constantFrom(1, 7, 60),
      minHessianInLeaf: fc.constantFrom(0, 1e-3, 8),
    });
    let splits = 0;
    fc.assert(
      fc.property(options, fc.integer({ min: 1, max: 5 }), fc.integer({ min: 2, max: 400 }), fc.nat(), (opts, cols, rows, seed) => {
        const { plain, kernel, unit } = pairOf(rows, cols, seed, opts);
        const all = Int32Array.from({ length: cols }, (_, c) => c);
        const [expected, found] = [plain, kernel].map((steps) => {
          steps.begin(all, rows);
          steps.buildHistogram(0, 0, rows);
          return steps.findSplit(0, leafOf(steps, rows, unit));
        });
        expect(found).toEqual(expected);
        if (expected !== null) splits++;
      }),
      { numRuns: 200 },
    );
    expect(splits).toBeGreaterThan(50);
  });

  it('fit the model of plain steps, byte for byte', () => {
    const matrix = mixedMatrix(1501, 7, 5);
    const labels = noisyLabels(matrix, 5);
    const held = { matrix: mixedMatrix(200, 7, 6), labels: noisyLabels(mixedMatrix(200, 7, 6), 6), patience: 3 };
    const weights = Float64Array.from({ length: 1501 }, (_, r) => (r % 5) / 2);
    const all: BoostingOptions[] = [
      {},
      { leaves: 2, learningRate: 1, l1: 0.5, l2: 3 },
      { rowShare: 0.6, columnShare: 0.5, seed: 3, minDataInLeaf: 1 },
      { weights, minHessianInLeaf: 2 },
      { monotone: new Int8Array([1, 0, -1, 0, 0, 0, 0]) },
      { leaves: 200, minDataInLeaf: 2, earlyStopping: held },
      { minDataInLeaf: 2000 },
    ];
    for (const options of all) {
      const plain = fitWith(plainSteps, matrix, labels, { rounds: 12, ...options });
      expect(fitBoosting(matrix, labels, { rounds: 12, ...options }).encode()).toEqual(plain.encode());
    }
  });

  it('leave a fit that no arena holds to plain steps', () => {
    const rows = 2 ** 27;
    const binned = { rows, cols: 1, edges: [new Float64Array([1])], byColumn: new Uint8Array(0) };
    const data = { binned, labels: new Uint8Array(0), packing: packingFor(rows, rows), options: resolveBoostingOptions({}, rows, 1) };
    expect(kernelSteps(data)).toBeNull();
  });
});
