/** Step 6: a grown tree added to scores: by leaf ranges for the rows it was grown on, by walking bins for others. */
import { type BinnedMatrix, MISSING_BIN } from '../tree/binning.ts';
import type { GrownTree } from './grower.ts';
import type { Steps } from './steps.ts';

/** Adds each leaf's value to the scores of its range. */
export function addByRanges(tree: GrownTree, steps: Steps): void {
  const { trees, start, end } = tree;
  for (let node = 0; node < trees.feature.length; node++) {
    if (trees.feature[node] < 0) steps.addToScores(start[node], end[node], trees.value[node]);
  }
}

/** Adds the tree to `rows[from … to - 1]` by walking each row's bins. */
export function addByWalk(tree: GrownTree, binned: BinnedMatrix, rows: Int32Array, from: number, to: number, scores: Float64Array): void {
  const { feature, left, right, missingLeft, value } = tree.trees;
  for (let i = from; i < to; i++) {
    const row = rows[i];
    let node = 0;
    while (feature[node] >= 0) {
      const bin = binned.byColumn[feature[node] * binned.rows + row];
      const goesLeft = bin === MISSING_BIN ? missingLeft[node] === 1 : bin <= tree.bin[node];
      node = goesLeft ? left[node] : right[node];
    }
    scores[row] += value[node];
  }
}
