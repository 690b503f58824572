/** Grows one isolation tree: Liu, Ting & Zhou 2008, algorithm 2. */
import type { Matrix } from '../matrix.ts';
import type { Random } from '../random.ts';
import { emptyTrees, type TreeEnsemble, trimTree } from '../tree/ensemble.ts';
import { averagePathLength } from './path-length.ts';

/**
 * Grows a tree on `sample` (row indices, reordered in place) up to `heightLimit`. A node splits a random
 * feature among those with two different values, at a uniform point between their least and greatest. NaN is
 * left out of both and follows the larger child. A leaf's value is `scale` · (depth + c(rows in it)).
 */
export function growIsolationTree(matrix: Matrix, sample: Int32Array, heightLimit: number, scale: number, random: Random): TreeEnsemble {
  const { cols, values } = matrix;
  const tree = emptyTrees(cols, 2 * sample.length - 1, 1);
  const features = Int32Array.from({ length: cols }, (_, f) => f);
  const start = new Int32Array(tree.feature.length);
  const end = new Int32Array(tree.feature.length);
  const depth = new Int32Array(tree.feature.length);
  end[0] = sample.length;
  let used = 1;
  // The ends of the feature that `pickFeature` settled on.
  let low = 0;
  let high = 0;
  for (let node = 0; node < used; node++) {
    const from = start[node];
    const to = end[node];
    tree.cover[node] = to - from;
    const feature = depth[node] < heightLimit && to - from > 1 ? pickFeature(from, to) : -1;
    if (feature < 0) {
      tree.value[node] = scale * (depth[node] + averagePathLength(to - from));
      continue;
    }
    const share = random.nextFloat();
    const threshold = low * (1 - share) + high * share; // high - low may overflow
    tree.feature[node] = feature;
    tree.threshold[node] = threshold >= low && threshold < high ? threshold : low; // rounding may reach `high`, which must go right
    const middle = partition(node, from, to);
    tree.left[node] = used;
    tree.right[node] = used + 1;
    start[used] = from;
    end[used] = middle;
    start[used + 1] = middle;
    end[used + 1] = to;
    depth[used] = depth[used + 1] = depth[node] + 1;
    used += 2;
  }
  return trimTree(tree, used);

  /** Draws features until one has two values; leaves its ends in `low` and `high`. -1 where none has. */
  function pickFeature(from: number, to: number): number {
    for (let left = cols; left > 0; left--) {
      const at = random.nextInt(left);
      const feature = features[at];
      features[at] = features[left - 1];
      features[left - 1] = feature;
      low = Infinity;
      high = -Infinity;
      for (let i = from; i < to; i++) {
        const x = values[sample[i] * cols + feature];
        if (x < low) low = x;
        if (x > high) high = x;
      }
      if (low < high) return feature;
    }
    return -1;
  }

  /** Reorders the node's rows: left ones first. Decides where its NaN go. Returns the first right row. */
  function partition(node: number, from: number, to: number): number {
    const feature = tree.feature[node];
    const threshold = tree.threshold[node];
    let lefts = 0;
    let rights = 0;
    for (let i = from; i < to; i++) {
      const x = values[sample[i] * cols + feature];
      if (x <= threshold) lefts++;
      else if (x > threshold) rights++;
    }
    const missingLeft = lefts >= rights;
    tree.missingLeft[node] = missingLeft ? 1 : 0;
    let middle = from;
    for (let i = from; i < to; i++) {
      const row = sample[i];
      const x = values[row * cols + feature];
      if (!(x <= threshold || (Number.isNaN(x) && missingLeft))) continue;
      sample[i] = sample[middle];
      sample[middle++] = row;
    }
    return middle;
  }
}
