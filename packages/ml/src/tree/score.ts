/**
 * Scoring without branches and without allocation, in WebAssembly (kernels/trees.ts): twelve trees of one row, or eight rows of one tree,
 * walk at a time. A leaf points at itself, so all of them take the same fixed number of steps. Branch misses and the wait for memory are
 * what a plain walk loses its time to.
 */
import { MlError } from '../errors.ts';
import { TREES } from '../kernels/generated/trees.ts';
import { ARENA_START, instantiate } from '../kernels/instance.ts';
import { lengthOf } from '../options.ts';
import { checkTrees, type TreeEnsemble, treeDepths } from './ensemble.ts';

/** Trees of a group, rows of a batch: as the kernel has them. */
const LANES = 12;
const BATCH = 8;
/** A group's roots, its addresses for leaf values, its steps, four bytes of padding. */
const GROUP_BYTES = (2 * LANES + 2) * 4;
const NODE_BYTES = 16;
/** An arena's addresses are signed in JavaScript. */
const MOST_BYTES = 2 ** 31 - ARENA_START;

interface TreesKernel {
  scoreOne(
    pairs: number,
    row: number,
    copies: number,
    groupCount: number,
    groups: number,
    values: number,
    treeCount: number,
    leaves: number,
  ): number;
  scoreEight(pairs: number, rows: number, copies: number, treeCount: number, trees: number, values: number, sums: number): void;
}

/**
 * An ensemble laid out for `scoreTrees`, in memory of its own: one for each thread that scores. Children are neighbours, so that a step is
 * `left + (x > threshold)`.
 *
 * Missing values cost no step of their own: the row is copied twice, once with NaN as +Infinity (goes right)
 * and once with NaN as -Infinity (goes left), and a node names the copy that sends NaN its way.
 */
export interface PreparedTrees {
  readonly featureCount: number;
  readonly treeCount: number;
  readonly functions: TreesKernel;
  /** Half of the room of a row: an odd feature count is padded. */
  readonly pairs: number;
  readonly groupCount: number;
  /** Addresses in the arena, `values` less half that of the first node. */
  readonly at: Layout;
  /** Scratch: eight rows, and their sums. */
  readonly rows: Float64Array;
  readonly sums: Float64Array;
  /** Scratch: the leaf value of each tree, in tree order, for the last row that `scoreTrees` took. */
  readonly leaves: Float64Array;
}

interface Layout {
  readonly rows: number;
  readonly copies: number;
  readonly leaves: number;
  readonly sums: number;
  /** Trees sorted by depth, so that neighbours waste few steps; the last group padded with a lone leaf. */
  readonly groups: number;
  /** Root and depth of each tree, in tree order. */
  readonly trees: number;
  readonly nodes: number;
  readonly values: number;
}

/** Lays an ensemble out for scoring, checked. ML_BAD_TREE (also where it would need an arena of 2 GB). */
export function prepareTrees(trees: TreeEnsemble): PreparedTrees {
  checkTrees(trees);
  const { featureCount } = trees;
  const treeCount = trees.roots.length;
  const pairs = (featureCount + 1) >> 1;
  const groupCount = Math.ceil(treeCount / LANES);
  const nodeCount = trees.feature.length + 1; // one padding leaf
  let end = ARENA_START;
  const take = (bytes: number): number => {
    const start = end;
    end += Math.ceil(bytes / 16) * 16;
    return start;
  };
  const at: Layout = {
    rows: take(BATCH * pairs * 16),
    copies: take(BATCH * pairs * 32),
    leaves: take((treeCount + 1) * 8),
    sums: take(BATCH * 8),
    groups: take(groupCount * GROUP_BYTES),
    trees: take(treeCount * 8),
    nodes: take(nodeCount * NODE_BYTES),
    values: take(nodeCount * 8),
  };
  const bytes = end - ARENA_START;
  if (bytes > MOST_BYTES) throw new MlError('ML_BAD_TREE', { name: 'bytes', expected: `at most ${MOST_BYTES}`, found: String(bytes) });
  const { memory, functions } = instantiate<TreesKernel>(TREES, bytes);
  layOut(trees, at, pairs, memory.buffer);
  return {
    featureCount,
    treeCount,
    functions,
    pairs,
    groupCount,
    at: { ...at, values: at.values - at.nodes / 2 },
    rows: new Float64Array(memory.buffer, at.rows, BATCH * pairs * 2),
    sums: new Float64Array(memory.buffer, at.sums, BATCH),
    leaves: new Float64Array(memory.buffer, at.leaves, treeCount),
  };
}

/**
 * The sum of the trees' leaf values for one row, in tree order; 0 for no trees. NaN is missing, an infinite
 * value is a very large or very small one. Allocates nothing. ML_SHAPE_MISMATCH.
 */
export function scoreTrees(prepared: PreparedTrees, row: Float64Array): number {
  const { featureCount, treeCount, functions, pairs, groupCount, at, rows } = prepared;
  if (row.length !== featureCount) lengthOf('row', row, featureCount);
  rows.set(row);
  return functions.scoreOne(pairs, at.rows, at.copies, groupCount, at.groups, at.values, treeCount, at.leaves);
}

/**
 * `scoreTrees` of many rows, the same numbers in less time: a score a row, in their order. Writes to `into` where it is
 * given (and long enough), then allocates nothing. ML_SHAPE_MISMATCH.
 *
 * @example
 * const scores = scoreTreesMany(prepareTrees(trees), [row, otherRow]);
 */
export function scoreTreesMany(
  prepared: PreparedTrees,
  scored: readonly Float64Array[],
  into: Float64Array = new Float64Array(scored.length),
): Float64Array {
  const { featureCount, treeCount, functions, pairs, at, rows, sums } = prepared;
  const whole = scored.length - (scored.length % BATCH);
  for (let first = 0; first < whole; first += BATCH) {
    for (let k = 0; k < BATCH; k++) {
      const row = scored[first + k];
      if (row.length !== featureCount) lengthOf('row', row, featureCount);
      rows.set(row, k * pairs * 2);
    }
    functions.scoreEight(pairs, at.rows, at.copies, treeCount, at.trees, at.values, at.sums);
    into.set(sums, first);
  }
  for (let r = whole; r < scored.length; r++) into[r] = scoreTrees(prepared, scored[r]);
  return into;
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

/** Writes groups, trees, nodes and values into the arena; `at.values` is where they start. */
function layOut(trees: TreeEnsemble, at: Layout, pairs: number, buffer: ArrayBuffer): void {
  const words = new Int32Array(buffer);
  const doubles = new Float64Array(buffer);
  const treeCount = trees.roots.length;
  const depths = treeDepths(trees);
  const nodeAt = (node: number): number => at.nodes + node * NODE_BYTES;
  const leaf = (node: number, value: number): void => {
    doubles[nodeAt(node) / 8] = Infinity;
    words[nodeAt(node) / 4 + 2] = nodeAt(node);
    doubles[at.values / 8 + node] = value;
  };
  const order = Int32Array.from({ length: treeCount }, (_, i) => i).sort((a, b) => depths[a] - depths[b] || a - b);
  const padding = trees.feature.length;
  leaf(padding, 0);
  let free = 0;
  for (let lane = 0; lane < Math.ceil(treeCount / LANES) * LANES; lane++) {
    const place = (at.groups + Math.floor(lane / LANES) * GROUP_BYTES) / 4;
    const tree = lane < treeCount ? order[lane] : treeCount; // a padding lane's leaf goes behind those of the trees
    words[place + (lane % LANES)] = nodeAt(tree < treeCount ? free : padding);
    words[place + LANES + (lane % LANES)] = at.leaves + tree * 8;
    if (tree === treeCount) continue;
    words[place + 2 * LANES] = Math.max(words[place + 2 * LANES], depths[tree]);
    words[at.trees / 4 + 2 * tree] = nodeAt(free);
    words[at.trees / 4 + 2 * tree + 1] = depths[tree];
    // Breadth first.
    const queue = [trees.roots[tree]];
    for (let i = 0; i < queue.length; i++) {
      const from = queue[i];
      const feature = trees.feature[from];
      if (feature < 0) {
        leaf(free + i, trees.value[from]);
        continue;
      }
      const to = nodeAt(free + i);
      doubles[to / 8] = trees.threshold[from];
      words[to / 4 + 2] = nodeAt(free + queue.length);
      words[to / 4 + 3] = 8 * (feature + (trees.missingLeft[from] === 1 ? 2 * pairs : 0));
      queue.push(trees.left[from], trees.right[from]);
    }
    free += queue.length;
  }
}
