/** Step 5: what the forest says of its training rows through the trees that did not see them: Breiman 1996, "Out-of-bag estimation". */
import type { Matrix } from '../matrix.ts';
import type { TreeEnsemble } from '../tree/ensemble.ts';
import type { Distributions } from './distributions.ts';
import type { ClassLabels } from './options.ts';

/** How the forest does on rows that it was not fitted on, without rows held back. */
export interface OutOfBag {
  /** Training rows that at least one tree did not see: about all from 20 trees on. */
  readonly rowCount: number;
  /** Share of these rows whose likeliest class is not their label, in [0, 1]; lower is better. NaN where there are none. */
  readonly error: number;
  /** These rows by label and likeliest class: label i taken for class j at i * classCount + j. */
  readonly confusion: Int32Array;
  /** Mean class shares over the trees that did not see row r, from r * classCount on; NaN where every tree saw it. */
  readonly probabilities: Float64Array;
}

/** Gathers votes tree by tree. */
export interface OutOfBagVotes {
  /** Lets one tree vote on the rows without draws. */
  add(tree: TreeEnsemble, draws: Int32Array): void;
  result(): OutOfBag;
}

export function createOutOfBagVotes(
  { rows, cols, values }: Matrix,
  labels: ClassLabels,
  classCount: number,
  distributions: Distributions,
): OutOfBagVotes {
  const sums = new Float64Array(rows * classCount);
  const votes = new Int32Array(rows);

  function add({ feature, threshold, left, right, missingLeft, value }: TreeEnsemble, draws: Int32Array): void {
    const shares = distributions.shares();
    for (let r = 0; r < rows; r++) {
      if (draws[r] > 0) continue;
      let node = 0;
      while (feature[node] >= 0) {
        const x = values[r * cols + feature[node]];
        const goesLeft = Number.isNaN(x) ? missingLeft[node] === 1 : x <= threshold[node];
        node = goesLeft ? left[node] : right[node];
      }
      const at = value[node] * classCount;
      for (let k = 0; k < classCount; k++) sums[r * classCount + k] += shares[at + k];
      votes[r]++;
    }
  }

  function result(): OutOfBag {
    const probabilities = new Float64Array(rows * classCount).fill(NaN);
    const confusion = new Int32Array(classCount * classCount);
    let rowCount = 0;
    let wrong = 0;
    for (let r = 0; r < rows; r++) {
      if (votes[r] === 0) continue;
      rowCount++;
      for (let k = 0; k < classCount; k++) probabilities[r * classCount + k] = sums[r * classCount + k] / votes[r];
      const likeliest = likeliestClass(probabilities.subarray(r * classCount, (r + 1) * classCount));
      confusion[labels[r] * classCount + likeliest]++;
      if (likeliest !== labels[r]) wrong++;
    }
    return { rowCount, error: wrong / rowCount, confusion, probabilities };
  }

  return { add, result };
}

/** The class of the greatest probability; of equal ones the first. */
export function likeliestClass(probabilities: Float64Array): number {
  let best = 0;
  for (let k = 1; k < probabilities.length; k++) if (probabilities[k] > probabilities[best]) best = k;
  return best;
}
