/**
 * Scoring without branches and without allocation: four trees walk at a time, a leaf points at itself, so all
 * four take the same fixed number of steps. Branch misses, not memory, are what a plain walk waits for.
 */
import { MlError } from '../errors.ts';
import { lengthOf } from '../options.ts';
import { checkTrees, type TreeEnsemble, treeDepths } from './ensemble.ts';

const LANES = 4;

/**
 * An ensemble laid out for `scoreTrees`. Children are neighbours, so that a step is `left + (x > threshold)`.
 *
 * Missing values cost no step of their own: the row is copied twice, once with NaN as +Infinity (goes right)
 * and once with NaN as -Infinity (goes left), and a node's `slot` names the copy that sends NaN its way.
 */
export interface PreparedTrees {
  readonly featureCount: number;
  readonly treeCount: number;
  /** Root of each lane, trees sorted by depth so that four neighbours waste few steps; padded to a multiple of 4. */
  readonly roots: Int32Array;
  /** The tree that each lane holds; padding lanes write behind the last tree. */
  readonly treeOfLane: Int32Array;
  /** Steps of each group of four. */
  readonly steps: Int32Array;
  /** A node's left child and slot in one number, left << slotBits | slot: one load a step is 15 % faster than two. */
  readonly link: Int32Array;
  readonly slotBits: number;
  readonly threshold: Float64Array;
  readonly value: Float64Array;
  /** Scratch: both copies of the row. */
  readonly both: Float64Array;
  /** Scratch: each tree's leaf value, summed in tree order. */
  readonly leaves: Float64Array;
}

/** Lays an ensemble out for scoring, checked. ML_BAD_TREE (also for 2^31 / 2 featureCount nodes or more). */
export function prepareTrees(trees: TreeEnsemble): PreparedTrees {
  checkTrees(trees);
  const treeCount = trees.roots.length;
  const depths = treeDepths(trees);
  const order = Int32Array.from({ length: treeCount }, (_, i) => i).sort((a, b) => depths[a] - depths[b] || a - b);
  const groups = Math.ceil(treeCount / LANES);
  const nodeCount = trees.feature.length + 1; // one padding leaf
  const slotBits = 32 - Math.clz32(2 * trees.featureCount - 1);
  const most = 2 ** (31 - slotBits);
  if (nodeCount > most) throw new MlError('ML_BAD_TREE', { name: 'node count', expected: `below ${most}`, found: nodeCount - 1 });
  const prepared: PreparedTrees = {
    featureCount: trees.featureCount,
    treeCount,
    roots: new Int32Array(groups * LANES).fill(nodeCount - 1),
    treeOfLane: new Int32Array(groups * LANES).fill(treeCount),
    steps: new Int32Array(groups),
    link: Int32Array.from({ length: nodeCount }, (_, i) => i << slotBits),
    slotBits,
    threshold: new Float64Array(nodeCount).fill(Infinity),
    value: new Float64Array(nodeCount),
    both: new Float64Array(trees.featureCount * 2),
    leaves: new Float64Array(treeCount + 1),
  };
  let next = 0;
  for (let lane = 0; lane < treeCount; lane++) {
    const tree = order[lane];
    prepared.roots[lane] = next;
    prepared.treeOfLane[lane] = tree;
    const group = Math.floor(lane / LANES);
    prepared.steps[group] = Math.max(prepared.steps[group], depths[tree]);
    next = layOut(trees, trees.roots[tree], prepared, next);
  }
  return prepared;
}

/**
 * The sum of the trees' leaf values for one row, in tree order; 0 for no trees. NaN is missing, an infinite
 * value is a very large or very small one. Allocates nothing. ML_SHAPE_MISMATCH.
 */
export function scoreTrees(prepared: PreparedTrees, row: Float64Array): number {
  const { featureCount, both, roots, steps, link, slotBits, threshold, value, leaves, treeOfLane, treeCount } = prepared;
  const slotMask = (1 << slotBits) - 1;
  if (row.length !== featureCount) lengthOf('row', row, featureCount);
  for (let f = 0; f < featureCount; f++) {
    const x = row[f];
    const missing = Number.isNaN(x);
    both[f] = missing ? Infinity : x;
    both[featureCount + f] = missing ? -Infinity : x;
  }
  for (let group = 0, lane = 0; group < steps.length; group++, lane += LANES) {
    let a = roots[lane];
    let b = roots[lane + 1];
    let c = roots[lane + 2];
    let d = roots[lane + 3];
    for (let step = steps[group]; step > 0; step--) {
      const linkA = link[a];
      const linkB = link[b];
      const linkC = link[c];
      const linkD = link[d];
      a = (linkA >>> slotBits) + +(both[linkA & slotMask] > threshold[a]);
      b = (linkB >>> slotBits) + +(both[linkB & slotMask] > threshold[b]);
      c = (linkC >>> slotBits) + +(both[linkC & slotMask] > threshold[c]);
      d = (linkD >>> slotBits) + +(both[linkD & slotMask] > threshold[d]);
    }
    leaves[treeOfLane[lane]] = value[a];
    leaves[treeOfLane[lane + 1]] = value[b];
    leaves[treeOfLane[lane + 2]] = value[c];
    leaves[treeOfLane[lane + 3]] = value[d];
  }
  let sum = 0;
  for (let tree = 0; tree < treeCount; tree++) sum += leaves[tree];
  return sum;
}

/** The plain walk that `scoreTrees` must equal bit for bit: its oracle, and the text to read first. */
export function scoreTreesPlainly(trees: TreeEnsemble, row: ArrayLike<number>): number {
  let sum = 0;
  for (const root of trees.roots) sum += trees.value[leafOf(trees, root, row)];
  return sum;
}

/** The leaf that a row reaches from a node. */
export function leafOf(trees: TreeEnsemble, root: number, row: ArrayLike<number>): number {
  let node = root;
  while (trees.feature[node] >= 0) {
    const x = row[trees.feature[node]];
    const goesLeft = Number.isNaN(x) ? trees.missingLeft[node] === 1 : x <= trees.threshold[node];
    node = goesLeft ? trees.left[node] : trees.right[node];
  }
  return node;
}

/** Copies one tree breadth first from `first` on and returns the next free index. */
function layOut(trees: TreeEnsemble, root: number, prepared: PreparedTrees, first: number): number {
  const queue = [root];
  for (let at = 0; at < queue.length; at++) {
    const from = queue[at];
    const to = first + at;
    const feature = trees.feature[from];
    if (feature < 0) {
      prepared.value[to] = trees.value[from];
      continue;
    }
    const slot = feature + (trees.missingLeft[from] === 1 ? trees.featureCount : 0);
    prepared.link[to] = ((first + queue.length) << prepared.slotBits) | slot;
    prepared.threshold[to] = trees.threshold[from];
    queue.push(trees.left[from], trees.right[from]);
  }
  return first + queue.length;
}
