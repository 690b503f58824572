/**
 * Where a row ends in each tree, without branches and without allocation: four trees walk at a time and a leaf points at itself, so all four
 * take the same fixed number of steps. Leaves are named by where their class shares begin.
 */
import { MlError } from '../errors.ts';
import { lengthOf } from '../options.ts';
import { checkTrees, type TreeEnsemble, treeDepths } from '../tree/ensemble.ts';

const LANES = 4;

/** Walks all trees of one ensemble. */
export interface LeafWalk {
  readonly treeCount: number;
  /** Of each tree, in tree order: the place of the leaf that the last row reached, times the class count. Overwritten by the next walk. */
  readonly leaves: Int32Array;
  /** ML_SHAPE_MISMATCH. */
  walk(row: Float64Array): void;
}

/** The shares' places: leaf i, counted over all trees in node order, has `step` · i; an inner node 0. */
export function leafPlaces(trees: TreeEnsemble, step: number): Int32Array {
  let leaves = 0;
  return trees.feature.map((f) => (f < 0 ? step * leaves++ : 0));
}

/** Lays an ensemble out for walking, checked. ML_BAD_TREE (also for 2^31 / 2 featureCount nodes or more). */
export function prepareLeafWalk(trees: TreeEnsemble, classCount: number): LeafWalk {
  checkTrees(trees);
  const { featureCount } = trees;
  const treeCount = trees.roots.length;
  const groupCount = Math.ceil(treeCount / LANES);
  const nodeCount = trees.feature.length + 1; // one padding leaf
  // A node's left child and the place of its value in `both`, as one number: one load a step.
  const slotBits = 32 - Math.clz32(2 * featureCount - 1);
  const slotMask = (1 << slotBits) - 1;
  const most = 2 ** (31 - slotBits);
  if (nodeCount > most) throw new MlError('ML_BAD_TREE', { name: 'node count', expected: `below ${most}`, found: nodeCount - 1 });
  const places = leafPlaces(trees, classCount);
  const link = Int32Array.from({ length: nodeCount }, (_, i) => i << slotBits);
  const threshold = new Float64Array(nodeCount).fill(Infinity);
  const placeOf = new Int32Array(nodeCount);
  // Trees sorted by depth, so that four neighbours waste few steps; padding lanes write behind the last tree.
  const depths = treeDepths(trees);
  const order = Int32Array.from({ length: treeCount }, (_, i) => i).sort((a, b) => depths[a] - depths[b] || a - b);
  const roots = new Int32Array(groupCount * LANES).fill(nodeCount - 1);
  const treeOfLane = new Int32Array(groupCount * LANES).fill(treeCount);
  const steps = new Int32Array(groupCount);
  let next = 0;
  for (let lane = 0; lane < treeCount; lane++) {
    roots[lane] = next;
    treeOfLane[lane] = order[lane];
    steps[Math.floor(lane / LANES)] = depths[order[lane]]; // ascending: the last of a group is its deepest
    next = layOut(trees.roots[order[lane]], next);
  }
  // The row twice: NaN as +Infinity goes right, NaN as -Infinity goes left, and a node reads the copy that sends NaN its way.
  const both = new Float64Array(2 * featureCount);
  const leaves = new Int32Array(treeCount + 1);

  /** Copies one tree breadth first from `first` on, children as neighbours, and returns the next free node. */
  function layOut(root: number, first: number): number {
    const queue = [root];
    for (let at = 0; at < queue.length; at++) {
      const from = queue[at];
      const feature = trees.feature[from];
      if (feature < 0) {
        placeOf[first + at] = places[from];
        continue;
      }
      link[first + at] = ((first + queue.length) << slotBits) | (feature + (trees.missingLeft[from] === 1 ? featureCount : 0));
      threshold[first + at] = trees.threshold[from];
      queue.push(trees.left[from], trees.right[from]);
    }
    return first + queue.length;
  }

  function walk(row: Float64Array): void {
    if (row.length !== featureCount) lengthOf('row', row, featureCount);
    for (let f = 0; f < featureCount; f++) {
      const x = row[f];
      const missing = Number.isNaN(x);
      both[f] = missing ? Infinity : x;
      both[featureCount + f] = missing ? -Infinity : x;
    }
    for (let group = 0, lane = 0; group < groupCount; group++, lane += LANES) {
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
      leaves[treeOfLane[lane]] = placeOf[a];
      leaves[treeOfLane[lane + 1]] = placeOf[b];
      leaves[treeOfLane[lane + 2]] = placeOf[c];
      leaves[treeOfLane[lane + 3]] = placeOf[d];
    }
  }

  return { treeCount, leaves, walk };
}
