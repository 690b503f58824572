/** The inner loops of a fit in WebAssembly (kernels/boosting.ts), over one arena that holds all arrays of the fit. */
import { BOOSTING } from '../kernels/generated/boosting.ts';
import { ARENA_START, instantiate } from '../kernels/instance.ts';
import { rounderOf } from './gradients.ts';
import { FEATURE_STRIDE, wordCountOf } from './histogram.ts';
import { createSplitFinder, LEAST_GAIN } from './splitting.ts';
import { createPacker, type FitData, plainSteps, type Steps } from './steps.ts';

/** Above this, arrays stay outside an arena: its addresses are signed in JavaScript. */
const MOST_BYTES = 2 ** 31 - ARENA_START;
const HISTOGRAM_FEATURE_BYTES = FEATURE_STRIDE * 8;
/** Gain, g, h and count of the left side, then feature, bin and side of the missing. */
const FOUND_BYTES = 48;

interface BoostingKernel {
  computeGradients(count: number, scores: number, labels: number, weights: number, unit: number, rounder: number, gradients: number): void;
  sumGradients(rows: number, count: number, gradients: number, into: number): void;
  buildHistogram(into: number, rows: number, count: number, bins: number, stride: number, featureCount: number, gradients: number): void;
  subtractHistogram(parent: number, child: number, featureCount: number): void;
  partition(rows: number, scratch: number, count: number, column: number, limit: number, missingLeft: number): number;
  addToScores(rows: number, count: number, value: number, scores: number): void;
  findSplit(
    histogram: number,
    featureCount: number,
    binCounts: number,
    count: number,
    gradient: number,
    hessian: number,
    minData: number,
    minHessian: number,
    l1: number,
    l2: number,
    unit: number,
    bestGain: number,
    found: number,
  ): number;
}

/** In WebAssembly where an arena can hold the fit, else in plain TypeScript: the same bits. */
export function createSteps(data: FitData): Steps {
  return kernelSteps(data) ?? plainSteps(data);
}

/** Null where the fit would not go into an arena. */
export function kernelSteps({ binned, labels, packing, options }: FitData): Steps | null {
  const { rows: rowCount, cols } = binned;
  const { weights, minDataInLeaf, l1, l2 } = options;
  const wordCount = wordCountOf(cols);
  const slotBytes = cols * HISTOGRAM_FEATURE_BYTES;
  // A leaf has at least `minDataInLeaf` rows, and no more histograms live at a time than there will be leaves.
  const slotCount = Math.min(options.leaves, Math.max(1, Math.floor(rowCount / minDataInLeaf)));
  let end = ARENA_START;
  const take = (bytes: number): number => {
    const start = end;
    end += Math.ceil(bytes / 16) * 16;
    return start;
  };
  const at = {
    found: take(FOUND_BYTES),
    sums: take(16),
    binCounts: take(cols * 4),
    rows: take(rowCount * 4),
    right: take(rowCount * 4),
    scores: take(rowCount * 8),
    labels: take(rowCount * 8),
    weights: weights === null ? 0 : take(rowCount * 8),
    gradients: take((rowCount + 1) * 16), // gradients are computed two rows at a time
    byColumn: take(rowCount * cols),
    words: take(rowCount * wordCount * 4),
    histograms: take(slotCount * slotBytes),
  };
  if (end - ARENA_START > MOST_BYTES) return null;
  const { memory, functions } = instantiate<BoostingKernel>(BOOSTING, end - ARENA_START);
  const { buffer } = memory;
  const byColumn = new Uint8Array(buffer, at.byColumn, rowCount * cols);
  byColumn.set(binned.byColumn);
  new Float64Array(buffer, at.labels, rowCount).set(labels);
  if (weights !== null) new Float64Array(buffer, at.weights, rowCount).set(weights);
  const here = { ...binned, byColumn };
  const rows = new Int32Array(buffer, at.rows, rowCount);
  const found = new Float64Array(buffer, at.found, 4);
  const place = new Int32Array(buffer, at.found + 32, 3);
  const sums = new Float64Array(buffer, at.sums, 2);
  const binCounts = new Int32Array(buffer, at.binCounts, cols);
  const finder = createSplitFinder(binned.edges, packing.unit, options);
  const pack = createPacker(here, rows, new Int32Array(buffer, at.words, rowCount * wordCount));
  const rounder = rounderOf(packing);
  let features: Int32Array = new Int32Array(0);
  let stride = 0;

  return {
    binned: here,
    rows,
    scores: new Float64Array(buffer, at.scores, rowCount),
    gradients: new Float64Array(buffer, at.gradients, 2 * rowCount),
    finder,
    computeGradients: () => functions.computeGradients(rowCount, at.scores, at.labels, at.weights, packing.unit, rounder, at.gradients),
    begin(ofTree, count) {
      features = ofTree;
      stride = pack(features, count).wordCount * 4;
      for (let k = 0; k < features.length; k++) binCounts[k] = binned.edges[features[k]].length;
    },
    sums(count) {
      functions.sumGradients(at.rows, count, at.gradients, at.sums);
      return { gradient: sums[0], packed: sums[1] };
    },
    buildHistogram(slot, from, to) {
      const into = at.histograms + slot * slotBytes;
      functions.buildHistogram(into, at.rows + 4 * from, to - from, at.words, stride, features.length, at.gradients);
    },
    subtractHistogram: (parent, child) =>
      functions.subtractHistogram(at.histograms + parent * slotBytes, at.histograms + child * slotBytes, features.length),
    findSplit(slot, leaf) {
      const histogram = at.histograms + slot * slotBytes;
      if (finder.constrained) return finder.find(new Float64Array(buffer, histogram, features.length * FEATURE_STRIDE), leaf, features);
      if (!finder.mayBeSplit(leaf)) return null;
      const { count, gradient, hessian } = leaf;
      const toBeat = finder.gainOf(leaf) + LEAST_GAIN;
      const { minHessian } = finder;
      const { unit } = packing;
      const any = functions.findSplit(
        histogram,
        features.length,
        at.binCounts,
        count,
        gradient,
        hessian,
        minDataInLeaf,
        minHessian,
        l1,
        l2,
        unit,
        toBeat,
        at.found,
      );
      if (any === 0) return null;
      const [gain, leftGradient, leftHessian, leftCount] = found;
      return finder.splitOf(leaf, {
        feature: features[place[0]],
        bin: place[1],
        missingLeft: place[2] === 1,
        gain,
        count: leftCount,
        gradient: leftGradient,
        hessian: leftHessian,
      });
    },
    partition(from, to, split) {
      const column = at.byColumn + split.feature * rowCount;
      return from + functions.partition(at.rows + 4 * from, at.right, to - from, column, split.bin, split.missingLeft ? 1 : 0);
    },
    addToScores: (from, to, value) => functions.addToScores(at.rows + 4 * from, to - from, value, at.scores),
  };
}
