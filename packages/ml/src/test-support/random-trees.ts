/** Random tree ensembles for tests: few features, so that a path repeats one, and every routing of NaN. */
import { createRandom, type Random } from '../random.ts';
import { emptyTrees, joinTrees, type TreeEnsemble, trimTree } from '../tree/ensemble.ts';

/** `treeCount` trees of depth up to `maxDepth`, some of them lone leaves. */
export function randomTrees(treeCount: number, featureCount: number, maxDepth: number, seed: number | string): TreeEnsemble {
  const random = createRandom(seed);
  return joinTrees(Array.from({ length: treeCount }, () => randomTree(featureCount, maxDepth, random)));
}

function randomTree(featureCount: number, maxDepth: number, random: Random): TreeEnsemble {
  const tree = emptyTrees(featureCount, 2 ** (maxDepth + 1) - 1, 1);
  const depth = new Int32Array(tree.feature.length);
  tree.cover[0] = 100 + random.nextInt(100);
  let used = 1;
  for (let node = 0; node < used; node++) {
    if (depth[node] === maxDepth || tree.cover[node] < 2 || random.nextFloat() < 0.2) {
      tree.value[node] = random.nextGaussian();
      continue;
    }
    tree.feature[node] = random.nextInt(featureCount);
    tree.threshold[node] = random.nextGaussian();
    tree.missingLeft[node] = random.nextInt(2);
    tree.left[node] = used;
    tree.right[node] = used + 1;
    depth[used] = depth[used + 1] = depth[node] + 1;
    tree.cover[used] = 1 + random.nextInt(tree.cover[node] - 1);
    tree.cover[used + 1] = tree.cover[node] - tree.cover[used];
    used += 2;
  }
  return trimTree(tree, used);
}

/** A row of gaussians with missing and infinite values and exact thresholds mixed in. */
export function randomRow(featureCount: number, random: Random, trees?: TreeEnsemble): Float64Array {
  return Float64Array.from({ length: featureCount }, () => {
    const pick = random.nextInt(10);
    if (pick === 0) return NaN;
    if (pick === 1) return random.nextInt(2) === 0 ? Infinity : -Infinity;
    if (pick === 2 && trees !== undefined) return trees.threshold[random.nextInt(trees.threshold.length)];
    return random.nextGaussian();
  });
}
