/**
 * The inner loops of a fit, over arrays that live as long as it does: what the grower and the rounds are written in. Two implementations
 * give the same bits: `plainSteps` here, the text to read first and the oracle; `kernelSteps` in WebAssembly.
 */
import type { BinnedMatrix } from '../tree/binning.ts';
import { partitionRows } from '../tree/partition.ts';
import { computeGradients, type HessianPacking } from './gradients.ts';
import { buildHistogram, createHistogram, createWords, FEATURE_STRIDE, type PackedBins, packBins, subtractHistogram } from './histogram.ts';
import type { Labels, ResolvedBoostingOptions } from './options.ts';
import { createSplitFinder, type LeafSums, type Split, type SplitFinder } from './splitting.ts';

/** What a fit is made of. */
export interface FitData {
  readonly binned: BinnedMatrix;
  readonly labels: Labels;
  readonly packing: HessianPacking;
  readonly options: ResolvedBoostingOptions;
}

/** Histograms have a slot each; a leaf owns a range of `rows`. */
export interface Steps {
  readonly binned: BinnedMatrix;
  /** Row indices: those of the tree that grows come first. */
  readonly rows: Int32Array;
  readonly scores: Float64Array;
  /** g and packed h of each row. */
  readonly gradients: Float64Array;
  readonly finder: SplitFinder;
  /** Gradients of all rows from their scores. */
  computeGradients(): void;
  /** Before a tree: its features, and how many of `rows` it grows on. */
  begin(features: Int32Array, count: number): void;
  /** Σg and packed Σh of `rows[0 … count - 1]`. */
  sums(count: number): { readonly gradient: number; readonly packed: number };
  /** The histogram of a range. */
  buildHistogram(slot: number, from: number, to: number): void;
  /** parent - child, in the parent's slot. */
  subtractHistogram(parent: number, child: number): void;
  /** The best split of a leaf from its histogram, or null where none has a gain. */
  findSplit(slot: number, leaf: LeafSums): Split | null;
  /** Moves left rows to the front of the range, both sides in their old order; returns the first right one. */
  partition(from: number, to: number, split: Split): number;
  addToScores(from: number, to: number, value: number): void;
}

/** The bins of the tree's features by row: of all features packed once a fit, of a sample of them for each tree. */
export function createPacker(
  binned: BinnedMatrix,
  rows: Int32Array,
  words: Int32Array,
): (features: Int32Array, count: number) => PackedBins {
  let whole: PackedBins | null = null;
  return (features, count) => {
    if (features.length < binned.cols) {
      whole = null;
      return packBins(binned, features, rows, count, words);
    }
    whole ??= packBins(binned, features, rows, binned.rows, words);
    return whole;
  };
}

/** In plain TypeScript. */
export function plainSteps({ binned, labels, packing, options }: FitData): Steps {
  const rows = new Int32Array(binned.rows);
  const right = new Int32Array(binned.rows);
  const scores = new Float64Array(binned.rows);
  const gradients = new Float64Array(2 * binned.rows);
  const finder = createSplitFinder(binned.edges, packing.unit, options);
  const pack = createPacker(binned, rows, createWords(binned.rows, binned.cols));
  const histograms: Float64Array[] = [];
  let tree: PackedBins;
  let split: Int32Array;

  function slotOf(slot: number): Float64Array {
    histograms[slot] ??= createHistogram(split.length);
    return histograms[slot];
  }

  return {
    binned,
    rows,
    scores,
    gradients,
    finder,
    computeGradients: () => computeGradients(scores, labels, options.weights, packing, gradients),
    begin(features, count) {
      split = features;
      tree = pack(features, count);
      if (histograms[0]?.length !== features.length * FEATURE_STRIDE) histograms.length = 0; // another number of features than the last tree had
    },
    sums(count) {
      let gradient = 0;
      let packed = 0;
      for (let i = 0; i < count; i++) {
        gradient += gradients[2 * rows[i]];
        packed += gradients[2 * rows[i] + 1];
      }
      return { gradient, packed };
    },
    buildHistogram: (slot, from, to) => buildHistogram(slotOf(slot), tree, rows, from, to, gradients),
    subtractHistogram: (parent, child) => subtractHistogram(slotOf(parent), slotOf(child)),
    findSplit: (slot, leaf) => finder.find(slotOf(slot), leaf, split),
    partition: (from, to, by) => partitionRows(binned, rows, right, from, to, by),
    addToScores(from, to, value) {
      for (let i = from; i < to; i++) scores[rows[i]] += value;
    },
  };
}
