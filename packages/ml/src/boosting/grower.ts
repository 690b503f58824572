/**
 * Step 5: one tree, leaf-wise: always the leaf with the largest gain is split next (LightGBM). Each leaf owns
 * a contiguous range of `rows` and one histogram; of two children only the smaller one's is built from rows.
 */

import { type BinnedMatrix, MISSING_BIN } from '../tree/binning.ts';
import { emptyTrees, type TreeEnsemble, trimTree } from '../tree/ensemble.ts';
import { countOf, hessianOf } from './gradients.ts';
import { buildHistogram, createHistogram, createWords, FEATURE_STRIDE, type PackedBins, packBins, subtractHistogram } from './histogram.ts';
import type { ResolvedBoostingOptions } from './options.ts';
import { createSplitFinder, type LeafSums, type Split } from './splitting.ts';

/** A tree as grown: with its splits in bins and the rows of its leaves, which only training needs. */
export interface GrownTree {
  readonly trees: TreeEnsemble;
  /** Bin of each node's split. */
  readonly bin: Uint8Array;
  /** A leaf's rows are `rows[start … end - 1]`; by node. */
  readonly start: Int32Array;
  readonly end: Int32Array;
}

/** A leaf that may still be split. */
interface OpenLeaf {
  readonly node: number;
  readonly histogram: Float64Array;
  readonly split: Split;
}

/** Grows trees on one binned matrix; its buffers are reused from tree to tree. */
export interface Grower {
  /** Grows on `rows[0 … count - 1]`, reordering them, with splits among `features`. */
  grow(rows: Int32Array, count: number, gradients: Float64Array, features: Int32Array): GrownTree;
}

export function createGrower(binned: BinnedMatrix, unit: number, options: ResolvedBoostingOptions): Grower {
  const { leaves, learningRate } = options;
  const finder = createSplitFinder(binned.edges, unit, options);
  const rightRows = new Int32Array(binned.rows);
  const pool: Float64Array[] = [];
  const words = createWords(binned.rows, binned.cols);
  let whole: PackedBins | null = null;

  /** Of all features once a fit, of a sample of them for each tree. */
  function pack(rows: Int32Array, count: number, features: Int32Array): PackedBins {
    if (features.length < binned.cols) {
      whole = null;
      return packBins(binned, features, rows, count, words);
    }
    whole ??= packBins(binned, features, rows, binned.rows, words);
    return whole;
  }

  function grow(rows: Int32Array, count: number, gradients: Float64Array, features: Int32Array): GrownTree {
    const trees = emptyTrees(binned.cols, 2 * leaves - 1, 1);
    const bin = new Uint8Array(2 * leaves - 1);
    const start = new Int32Array(2 * leaves - 1);
    const end = new Int32Array(2 * leaves - 1);
    const packed = pack(rows, count, features);
    if (pool[0]?.length !== features.length * FEATURE_STRIDE) pool.length = 0; // another number of features than the last tree had
    const free = pool.slice();
    const takeHistogram = (): Float64Array => {
      const taken = free.pop();
      if (taken !== undefined) return taken;
      const made = createHistogram(features.length);
      pool.push(made);
      return made;
    };
    const open: OpenLeaf[] = [];
    let used = 1;

    function settle(node: number, sums: LeafSums): void {
      trees.cover[node] = sums.count;
      trees.value[node] = learningRate * finder.leafValue(sums);
    }

    function consider(node: number, sums: LeafSums, histogram: Float64Array): void {
      const split = finder.find(histogram, sums, features);
      if (split === null) free.push(histogram);
      else open.push({ node, histogram, split });
    }

    end[0] = count;
    const rootHistogram = takeHistogram();
    buildHistogram(rootHistogram, packed, rows, 0, count, gradients);
    const rootSums = sumsOf(rows, count, gradients);
    settle(0, rootSums);
    consider(0, rootSums, rootHistogram);
    for (let leafCount = 1; leafCount < leaves && open.length > 0; leafCount++) {
      const { node, split, histogram } = takeBest(open);
      const left = used;
      const right = used + 1;
      used += 2;
      trees.feature[node] = split.feature;
      trees.threshold[node] = binned.edges[split.feature][split.bin];
      trees.left[node] = left;
      trees.right[node] = right;
      trees.missingLeft[node] = split.missingLeft ? 1 : 0;
      trees.value[node] = 0;
      bin[node] = split.bin;
      const middle = partition(rows, start[node], end[node], split);
      start[left] = start[node];
      end[left] = start[right] = middle;
      end[right] = end[node];
      settle(left, split.left);
      settle(right, split.right);
      if (leafCount + 1 === leaves) break; // no child will be split: no histogram is needed
      const leftIsSmall = middle - start[left] <= end[right] - middle;
      const small = leftIsSmall ? left : right;
      const smallHistogram = takeHistogram();
      buildHistogram(smallHistogram, packed, rows, start[small], end[small], gradients);
      subtractHistogram(histogram, smallHistogram);
      consider(left, split.left, leftIsSmall ? smallHistogram : histogram);
      consider(right, split.right, leftIsSmall ? histogram : smallHistogram);
    }
    return { trees: trimTree(trees, used), bin, start, end };
  }

  function sumsOf(rows: Int32Array, count: number, gradients: Float64Array): LeafSums {
    let gradient = 0;
    let packed = 0;
    for (let i = 0; i < count; i++) {
      gradient += gradients[2 * rows[i]];
      packed += gradients[2 * rows[i] + 1];
    }
    return { count: countOf(packed, unit), gradient, hessian: hessianOf(packed, unit), low: -Infinity, high: Infinity };
  }

  /** Moves left rows to the front of the range, both sides in their old order, without a branch a row. */
  function partition(rows: Int32Array, from: number, to: number, split: Split): number {
    const first = split.feature * binned.rows;
    const { byColumn } = binned;
    const limit = split.bin;
    const missingLeft = split.missingLeft ? 1 : 0;
    let left = from;
    let right = 0;
    for (let i = from; i < to; i++) {
      const row = rows[i];
      const b = byColumn[first + row];
      const goesLeft = +(b <= limit) | (missingLeft & +(b === MISSING_BIN));
      rows[left] = row;
      rightRows[right] = row;
      left += goesLeft;
      right += 1 - goesLeft;
    }
    rows.set(rightRows.subarray(0, right), left);
    return left;
  }

  return { grow };
}

function takeBest(open: OpenLeaf[]): OpenLeaf {
  let best = 0;
  for (let i = 1; i < open.length; i++) if (open[i].split.gain > open[best].split.gain) best = i;
  return open.splice(best, 1)[0];
}
