/** The one flat tree type: scoring, attributions, exporters and model files all read it. */
import { MlError } from '../errors.ts';

/** Features at most: a file may not make its reader allocate without end. */
const MAX_FEATURES = 65_536;
/** Edges on a path at most: leaf-wise growth with 1,024 leaves can't pass it, and TreeSHAP's scratch grows with its square. */
const MAX_DEPTH = 1024;
/** Of values and covers: no fit is near it, and sums of products of larger ones could overflow. */
const MOST = 1e100;

/**
 * A sum of binary trees as parallel arrays, one entry a node. A leaf has `feature` -1; a row goes left where
 * `row[feature] <= threshold`, a NaN goes left where `missingLeft` is 1.
 *
 * INVARIANT (checked by `checkTrees`): children lie behind their parent, every node has one parent or is a
 * root, thresholds are finite, values and covers at most 1e100 from 0, covers at least 0 and those of two
 * siblings not both 0; at most 65,536 features and 1,024 edges on a path.
 */
export interface TreeEnsemble {
  readonly featureCount: number;
  /** Index of each tree's first node. */
  readonly roots: Int32Array;
  readonly feature: Int32Array;
  readonly threshold: Float64Array;
  /** Child indices; 0 at a leaf. */
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly missingLeft: Uint8Array;
  /** What a leaf adds to the sum; 0 at an inner node. */
  readonly value: Float64Array;
  /** Training rows (or their weight) through the node: TreeSHAP's weights. */
  readonly cover: Float64Array;
}

/** Refuses an ensemble that breaks its invariant, so that every walk ends and stays inside. ML_BAD_TREE. */
export function checkTrees(trees: TreeEnsemble): void {
  const count = trees.feature.length;
  const { left, right, missingLeft, threshold, value, cover, roots } = trees;
  const { featureCount } = trees;
  require(Number.isInteger(featureCount) &&
    featureCount > 0 &&
    featureCount <= MAX_FEATURES, 'feature count', `from 1 to ${MAX_FEATURES}`, featureCount);
  for (const array of [left, right, missingLeft, threshold, value, cover]) {
    require(array.length === count, 'array length', `the node count ${count}`, array.length);
  }
  const parents = new Uint8Array(count);
  for (const root of roots) {
    require(root >= 0 && root < count && parents[root] === 0, 'root', 'a node of its own', root);
    parents[root] = 1;
  }
  for (let i = 0; i < count; i++) {
    require(parents[i] === 1, 'node', 'a root or the child of an earlier node', i);
    require(Number.isFinite(threshold[i]), 'threshold', 'finite', threshold[i]);
    require(Math.abs(value[i]) <= MOST, 'value', `at most ${MOST} from 0`, value[i]);
    require(cover[i] >= 0 && cover[i] <= MOST, 'cover', `from 0 to ${MOST}`, cover[i]);
    const feature = trees.feature[i];
    require(feature >= -1 && feature < trees.featureCount, 'feature', `below ${trees.featureCount}`, feature);
    if (feature < 0) continue;
    require(cover[left[i]] + cover[right[i]] > 0, 'cover of two children', 'above 0', cover[i]);
    for (const child of [left[i], right[i]]) {
      require(child > i && child < count && parents[child] === 0, 'child', 'a later node without a parent', child);
      parents[child] = 1;
    }
  }
  const deepest = treeDepths(trees).reduce((a, b) => Math.max(a, b), 0);
  require(deepest <= MAX_DEPTH, 'depth', `at most ${MAX_DEPTH}`, deepest);
}

/** One ensemble out of many, in their order. ML_BAD_TREE where their feature counts differ. */
export function joinTrees(parts: readonly TreeEnsemble[]): TreeEnsemble {
  const nodes = parts.reduce((sum, part) => sum + part.feature.length, 0);
  const joined = emptyTrees(
    parts[0]?.featureCount ?? 0,
    nodes,
    parts.reduce((sum, part) => sum + part.roots.length, 0),
  );
  let node = 0;
  let tree = 0;
  for (const part of parts) {
    require(part.featureCount === joined.featureCount, 'feature count', joined.featureCount, part.featureCount);
    joined.feature.set(part.feature, node);
    joined.threshold.set(part.threshold, node);
    joined.missingLeft.set(part.missingLeft, node);
    joined.value.set(part.value, node);
    joined.cover.set(part.cover, node);
    for (let i = 0; i < part.feature.length; i++) {
      if (part.feature[i] < 0) continue;
      joined.left[node + i] = part.left[i] + node;
      joined.right[node + i] = part.right[i] + node;
    }
    for (const root of part.roots) joined.roots[tree++] = root + node;
    node += part.feature.length;
  }
  return joined;
}

/** Arrays of the right lengths, every node a leaf of value 0. */
export function emptyTrees(featureCount: number, nodeCount: number, treeCount: number): TreeEnsemble {
  return {
    featureCount,
    roots: new Int32Array(treeCount),
    feature: new Int32Array(nodeCount).fill(-1),
    threshold: new Float64Array(nodeCount),
    left: new Int32Array(nodeCount),
    right: new Int32Array(nodeCount),
    missingLeft: new Uint8Array(nodeCount),
    value: new Float64Array(nodeCount),
    cover: new Float64Array(nodeCount),
  };
}

/** The first `nodes` nodes of a single tree that was grown into larger arrays. */
export function trimTree(tree: TreeEnsemble, nodes: number): TreeEnsemble {
  return {
    featureCount: tree.featureCount,
    roots: tree.roots,
    feature: tree.feature.slice(0, nodes),
    threshold: tree.threshold.slice(0, nodes),
    left: tree.left.slice(0, nodes),
    right: tree.right.slice(0, nodes),
    missingLeft: tree.missingLeft.slice(0, nodes),
    value: tree.value.slice(0, nodes),
    cover: tree.cover.slice(0, nodes),
  };
}

/** The depth of each tree: edges on its longest path, 0 for a lone leaf. */
export function treeDepths(trees: TreeEnsemble): Int32Array {
  const height = new Int32Array(trees.feature.length);
  for (let i = height.length - 1; i >= 0; i--) {
    if (trees.feature[i] >= 0) height[i] = 1 + Math.max(height[trees.left[i]], height[trees.right[i]]);
  }
  return trees.roots.map((root) => height[root]);
}

function require(holds: boolean, name: string, expected: string | number, found: number): void {
  if (!holds) throw new MlError('ML_BAD_TREE', { name, expected, found: String(found) });
}
