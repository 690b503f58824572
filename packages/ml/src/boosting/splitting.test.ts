import { describe, expect, it } from 'vitest';
import { matrixOf } from '../matrix.ts';
import { createRandom } from '../random.ts';
import { gaussianMatrix, noisyLabels } from '../test-support/data.ts';
import { type BinnedMatrix, binMatrix, findBinEdges, MISSING_BIN } from '../tree/binning.ts';
import { computeGradients, countOf, hessianOf, packingFor } from './gradients.ts';
import { buildHistogram, createHistogram, createWords, type PackedBins, packBins, subtractHistogram } from './histogram.ts';
import { type BoostingOptions, resolveBoostingOptions } from './options.ts';
import { createSplitFinder, type LeafSums } from './splitting.ts';

interface Problem {
  readonly binned: BinnedMatrix;
  readonly gradients: Float64Array;
  readonly unit: number;
  readonly leaf: LeafSums;
  readonly histogram: Float64Array;
}

function problem(seed: number, cols: number): Problem {
  const matrix = gaussianMatrix(300, cols, seed, 0.1);
  for (let r = 0; r < 300; r++) matrix.values[r * cols] = Math.round(matrix.values[r * cols]);
  const binned = binMatrix(matrix, findBinEdges(matrix));
  const random = createRandom(seed);
  const scores = Float64Array.from({ length: 300 }, () => random.nextGaussian());
  const packing = packingFor(300, 300);
  const gradients = new Float64Array(600);
  computeGradients(scores, noisyLabels(matrix, seed), null, packing, gradients);
  const rows = Int32Array.from({ length: 300 }, (_, r) => r);
  const histogram = histogramOf(binned, identity(cols), rows, gradients);
  return { binned, gradients, unit: packing.unit, leaf: sums(gradients, packing.unit, () => true), histogram };
}

const identity = (count: number): Int32Array => Int32Array.from({ length: count }, (_, i) => i);

function pack(binned: BinnedMatrix, features: Int32Array, rows: Int32Array): PackedBins {
  return packBins(binned, features, rows, rows.length, createWords(binned.rows, features.length));
}

function histogramOf(binned: BinnedMatrix, features: Int32Array, rows: Int32Array, gradients: Float64Array): Float64Array {
  const histogram = createHistogram(features.length);
  buildHistogram(histogram, pack(binned, features, rows), rows, 0, rows.length, gradients);
  return histogram;
}

function sums(gradients: Float64Array, unit: number, takes: (row: number) => boolean): LeafSums {
  let gradient = 0;
  let packed = 0;
  for (let r = 0; r < gradients.length / 2; r++) {
    if (!takes(r)) continue;
    gradient += gradients[2 * r];
    packed += gradients[2 * r + 1];
  }
  return { count: countOf(packed, unit), gradient, hessian: hessianOf(packed, unit), low: -Infinity, high: Infinity };
}

/** Every feature, bin and side of the missing, each from its rows: the slow oracle. */
function exhaustiveGain({ binned, gradients, unit, leaf }: Problem, l1: number, l2: number, minData: number): number {
  const term = ({ gradient, hessian }: LeafSums): number => Math.max(0, Math.abs(gradient) - l1) ** 2 / (hessian + l2);
  let best = 0;
  for (let f = 0; f < binned.cols; f++) {
    for (let b = 0; b < 255; b++) {
      for (const missingLeft of [false, true]) {
        const left = sums(gradients, unit, (r) => {
          const bin = binned.byColumn[f * binned.rows + r];
          return bin === MISSING_BIN ? missingLeft : bin <= b;
        });
        const right = {
          ...leaf,
          count: leaf.count - left.count,
          gradient: leaf.gradient - left.gradient,
          hessian: leaf.hessian - left.hessian,
        };
        if (left.count < minData || right.count < minData || left.hessian < 1e-3 || right.hessian < 1e-3) continue;
        best = Math.max(best, term(left) + term(right) - term(leaf));
      }
    }
  }
  return best;
}

function finderOf({ binned, unit }: Problem, options: BoostingOptions): ReturnType<typeof createSplitFinder> {
  return createSplitFinder(binned.edges, unit, resolveBoostingOptions(options, binned.rows, binned.cols));
}

const both = new Int32Array([0, 1]);

describe('histogram', () => {
  it('sums by bin as a plain loop does, for any features in any order', () => {
    for (const features of [[0], [0, 1, 2], [0, 1, 2, 3], [5, 0, 3, 1, 4], [...identity(13)], [12, 7, 2, 9, 0, 4, 11, 3]]) {
      const { binned, gradients } = problem(features.length, Math.max(...features) + 1);
      const rows = Int32Array.from({ length: 200 }, (_, i) => i + (i >> 1)); // every third row is left out
      const plain = new Float64Array(features.length * 512);
      for (const r of rows) {
        features.forEach((feature, k) => {
          plain[k * 512 + 2 * binned.byColumn[feature * 300 + r]] += gradients[2 * r];
          plain[k * 512 + 2 * binned.byColumn[feature * 300 + r] + 1] += gradients[2 * r + 1];
        });
      }
      expect(histogramOf(binned, Int32Array.from(features), rows, gradients)).toEqual(plain);
    }
  });

  it('gives the sibling by subtraction', () => {
    const { binned, gradients, histogram } = problem(3, 4);
    const rows = Int32Array.from({ length: 300 }, (_, r) => r);
    const first = createHistogram(4);
    const second = createHistogram(4);
    const packed = pack(binned, identity(4), rows);
    buildHistogram(first, packed, rows, 0, 100, gradients);
    buildHistogram(second, packed, rows, 100, 300, gradients);
    subtractHistogram(histogram, first);
    for (let i = 0; i < histogram.length; i++) expect(Math.abs(histogram[i] - second[i])).toBeLessThan(1e-12);
  });
});

describe('split finder', () => {
  it('finds the split by hand: four rows, one feature', () => {
    const matrix = matrixOf([[1], [2], [3], [4]]);
    const binned = binMatrix(matrix, findBinEdges(matrix));
    const packing = packingFor(4, 4);
    const gradients = new Float64Array(8);
    computeGradients(new Float64Array(4), new Uint8Array([0, 0, 1, 1]), null, packing, gradients);
    const histogram = histogramOf(binned, identity(1), identity(4), gradients);
    const finder = createSplitFinder(binned.edges, packing.unit, resolveBoostingOptions({ minDataInLeaf: 1 }, 4, 1));
    const split = finder.find(
      histogram,
      sums(gradients, packing.unit, () => true),
      new Int32Array([0]),
    );
    // g = ±1/2, h = 1/4: left (1, 1/2), right (-1, 1/2), gain 2 + 2 - 0, values -2 and 2.
    expect(split?.bin).toBe(1);
    expect(split?.gain).toBeCloseTo(4, 12);
    expect(split && [finder.leafValue(split.left), finder.leafValue(split.right)]).toEqual([-2, 2]);
  });

  it('has the gain of an exhaustive search, with penalties, least leaf sizes and missing values', () => {
    for (const [seed, options] of [
      [1, {}],
      [2, { l2: 3 }],
      [3, { l1: 2, l2: 1 }],
      [4, { minDataInLeaf: 100 }],
      [5, { minDataInLeaf: 1 }],
    ] as const) {
      const given = problem(seed, 2);
      const settings = { l1: 0, l2: 0, minDataInLeaf: 20, ...options };
      const split = finderOf(given, options).find(given.histogram, given.leaf, both);
      expect(split?.gain).toBeCloseTo(exhaustiveGain(given, settings.l1, settings.l2, settings.minDataInLeaf), 8);
      expect(split?.left.count).toBeGreaterThanOrEqual(settings.minDataInLeaf);
    }
  });

  it('can split off the missing values alone', () => {
    const matrix = matrixOf([[7], [7], [NaN], [NaN]]);
    const binned = binMatrix(matrix, findBinEdges(matrix));
    const packing = packingFor(4, 4);
    const gradients = new Float64Array(8);
    computeGradients(new Float64Array(4), new Uint8Array([0, 0, 1, 1]), null, packing, gradients);
    const histogram = histogramOf(binned, identity(1), identity(4), gradients);
    const finder = createSplitFinder(binned.edges, packing.unit, resolveBoostingOptions({ minDataInLeaf: 1 }, 4, 1));
    const split = finder.find(
      histogram,
      sums(gradients, packing.unit, () => true),
      new Int32Array([0]),
    );
    expect(split?.missingLeft).toBe(false);
    expect(split?.left.count).toBe(2);
  });

  it('finds none where a leaf is too small or nothing is gained', () => {
    const given = problem(6, 2);
    expect(finderOf(given, { minDataInLeaf: 151 }).find(given.histogram, given.leaf, both)).toBeNull();
    expect(finderOf(given, { minHessianInLeaf: 1e6 }).find(given.histogram, given.leaf, both)).toBeNull();
    expect(finderOf(given, { l1: 1e6 }).find(given.histogram, given.leaf, both)).toBeNull();
  });

  it('with a monotone feature, orders the children and bounds them at their middle', () => {
    for (const sign of [-1, 1]) {
      const given = problem(7, 2);
      const finder = finderOf(given, { monotone: new Int8Array([sign, sign]) });
      const split = finder.find(given.histogram, given.leaf, both);
      if (split === null) continue;
      const [left, right] = [finder.leafValue(split.left), finder.leafValue(split.right)];
      expect(sign * (right - left)).toBeGreaterThanOrEqual(0);
      expect(sign > 0 ? split.left.high : split.left.low).toBe(sign > 0 ? split.right.low : split.right.high);
    }
  });

  it('gains the same with bounds that do not bind as with none', () => {
    const given = problem(8, 2);
    const second = new Int32Array([1]);
    const histogram = histogramOf(given.binned, second, identity(300), given.gradients);
    const free = finderOf(given, { l1: 1 }).find(histogram, given.leaf, second);
    const bounded = finderOf(given, { l1: 1, monotone: new Int8Array([1, 0]) }).find(histogram, given.leaf, second);
    expect(free?.feature).toBe(1);
    expect(bounded?.bin).toBe(free?.bin);
    expect(bounded?.gain).toBeCloseTo(free?.gain ?? NaN, 9);
  });
});
