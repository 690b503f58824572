/**
 * Step 5: one tree, leaf-wise: always the leaf with the largest gain is split next (LightGBM). Each leaf owns
 * a contiguous range of `rows` and one histogram; of two children only the smaller one's is built from rows.
 */
import { emptyTrees, type TreeEnsemble, trimTree } from '../tree/ensemble.ts';
import { countOf, hessianOf } from './gradients.ts';
import type { LeafSums, Split } from './splitting.ts';
import type { Steps } from './steps.ts';

/** A tree as grown: with its splits in bins and the rows of its leaves, which only training needs. */
export interface GrownTree {
  readonly trees: TreeEnsemble;
  /** Bin of each node's split. */
  readonly bin: Uint8Array;
  /** A leaf's rows are `rows[start … end - 1]`; by node. */
  readonly start: Int32Array;
  readonly end: Int32Array;
}

/** A leaf that may still be split; `slot` has its histogram. */
interface OpenLeaf {
  readonly node: number;
  readonly slot: number;
  readonly split: Split;
}

/** What a tree is grown with. */
export interface GrowerOptions {
  readonly leaves: number;
  readonly learningRate: number;
  /** Of the packed hessians. */
  readonly unit: number;
}

/** Grows a tree on `steps.rows[0 … count - 1]`, reordering them, with splits among `features`. */
export function growTree(steps: Steps, count: number, features: Int32Array, { leaves, learningRate, unit }: GrowerOptions): GrownTree {
  const { finder, binned } = steps;
  const trees = emptyTrees(binned.cols, 2 * leaves - 1, 1);
  const bin = new Uint8Array(2 * leaves - 1);
  const start = new Int32Array(2 * leaves - 1);
  const end = new Int32Array(2 * leaves - 1);
  const free: number[] = [];
  let slots = 0;
  const takeSlot = (): number => free.pop() ?? slots++;
  const open: OpenLeaf[] = [];
  let used = 1;

  function settle(node: number, sums: LeafSums): void {
    trees.cover[node] = sums.count;
    trees.value[node] = learningRate * finder.leafValue(sums);
  }

  function consider(node: number, sums: LeafSums, slot: number): void {
    const split = steps.findSplit(slot, sums);
    if (split === null) free.push(slot);
    else open.push({ node, slot, split });
  }

  steps.begin(features, count);
  end[0] = count;
  const rootSlot = takeSlot();
  steps.buildHistogram(rootSlot, 0, count);
  const { gradient, packed } = steps.sums(count);
  const rootSums = { count: countOf(packed, unit), gradient, hessian: hessianOf(packed, unit), low: -Infinity, high: Infinity };
  settle(0, rootSums);
  consider(0, rootSums, rootSlot);
  for (let leafCount = 1; leafCount < leaves && open.length > 0; leafCount++) {
    const { node, split, slot } = takeBest(open);
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
    const middle = steps.partition(start[node], end[node], split);
    start[left] = start[node];
    end[left] = start[right] = middle;
    end[right] = end[node];
    settle(left, split.left);
    settle(right, split.right);
    if (leafCount + 1 === leaves) break; // no child will be split: no histogram is needed
    const leftIsSmall = middle - start[left] <= end[right] - middle;
    const small = leftIsSmall ? left : right;
    const smallSlot = takeSlot();
    steps.buildHistogram(smallSlot, start[small], end[small]);
    steps.subtractHistogram(slot, smallSlot);
    consider(left, split.left, leftIsSmall ? smallSlot : slot);
    consider(right, split.right, leftIsSmall ? slot : smallSlot);
  }
  return { trees: trimTree(trees, used), bin, start, end };
}

function takeBest(open: OpenLeaf[]): OpenLeaf {
  let best = 0;
  for (let i = 1; i < open.length; i++) if (open[i].split.gain > open[best].split.gain) best = i;
  return open.splice(best, 1)[0];
}
