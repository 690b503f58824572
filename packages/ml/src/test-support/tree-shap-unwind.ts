/**
 * The oracle of shap/tree-shap.ts: exact path-dependent TreeSHAP as published: Lundberg, Erion & Lee 2018, "Consistent Individualized Feature Attribution
 * for Tree Ensembles", algorithm 2. O(leaves · depth²) a tree. A feature outside the coalition sends the row
 * both ways in proportion to the covers; a NaN follows `missingLeft` like any value.
 */
import { lengthOf } from '../options.ts';
import { expectedSum, type TreeExplainer } from '../shap/tree-shap.ts';
import { type TreeEnsemble, treeDepths } from '../tree/ensemble.ts';

/**
 * An explainer of Σ trees (+ `offset`). Attributions have the units of the leaf values; positive raises the sum.
 *
 * @example
 * const { baseValue, attributions } = createTreeExplainer(trees).explain(row);
 */
export function createTreeExplainer(trees: TreeEnsemble, offset = 0): TreeExplainer {
  const baseValue = expectedSum(trees) + offset;
  const walk = createWalk(trees);
  return {
    baseValue,
    explain(row) {
      lengthOf('row', row, trees.featureCount);
      const attributions = new Float64Array(trees.featureCount);
      walk(row, attributions);
      return { baseValue, attributions };
    },
  };
}

/**
 * The path of a walk, as four columns: the features on it, the share of coalitions without the feature that
 * flow through (zero), with it (one), and the weights of the coalition sizes. Each depth copies its parent's
 * stretch, so a level d starts at d(d + 1)/2.
 */
function createWalk(trees: TreeEnsemble): (row: Float64Array, into: Float64Array) => void {
  const { roots, feature: split, threshold, left, right, missingLeft, value, cover } = trees;
  const deepest = treeDepths(trees).reduce((a, b) => Math.max(a, b), 0) + 2;
  const room = (deepest * (deepest + 1)) / 2 + deepest;
  const feature = new Int32Array(room);
  const zero = new Float64Array(room);
  const one = new Float64Array(room);
  const weight = new Float64Array(room);

  /** EXTEND of algorithm 2: adds a feature to the path of `length` entries at `at`. */
  function extend(at: number, length: number, zeroShare: number, oneShare: number, f: number): void {
    feature[at + length] = f;
    zero[at + length] = zeroShare;
    one[at + length] = oneShare;
    weight[at + length] = length === 0 ? 1 : 0;
    for (let i = length - 1; i >= 0; i--) {
      weight[at + i + 1] += (oneShare * weight[at + i] * (i + 1)) / (length + 1);
      weight[at + i] = (zeroShare * weight[at + i] * (length - i)) / (length + 1);
    }
  }

  /** UNWIND: takes entry `k` out of the path whose last entry is `last`. */
  function unwind(at: number, last: number, k: number): void {
    const oneShare = one[at + k];
    const zeroShare = zero[at + k];
    let next = weight[at + last];
    for (let i = last - 1; i >= 0; i--) {
      if (oneShare !== 0) {
        const kept = weight[at + i];
        weight[at + i] = (next * (last + 1)) / ((i + 1) * oneShare);
        next = kept - (weight[at + i] * zeroShare * (last - i)) / (last + 1);
      } else {
        weight[at + i] = (weight[at + i] * (last + 1)) / (zeroShare * (last - i));
      }
    }
    for (let i = k; i < last; i++) {
      feature[at + i] = feature[at + i + 1];
      zero[at + i] = zero[at + i + 1];
      one[at + i] = one[at + i + 1];
    }
  }

  /** The sum of the weights after UNWIND of `k`, without changing the path. */
  function unwoundSum(at: number, last: number, k: number): number {
    const oneShare = one[at + k];
    const zeroShare = zero[at + k];
    let next = weight[at + last];
    let sum = 0;
    if (oneShare !== 0) {
      for (let i = last - 1; i >= 0; i--) {
        const term = next / ((i + 1) * oneShare);
        sum += term;
        next = weight[at + i] - term * zeroShare * (last - i);
      }
    } else {
      for (let i = last - 1; i >= 0; i--) sum += weight[at + i] / (zeroShare * (last - i));
    }
    return sum * (last + 1);
  }

  function visit(node: number, at: number, length: number, row: Float64Array, into: Float64Array): void {
    const last = length - 1;
    if (split[node] < 0) {
      const leafValue = value[node];
      if (leafValue === 0) return;
      for (let i = 1; i <= last; i++) into[feature[at + i]] += unwoundSum(at, last, i) * (one[at + i] - zero[at + i]) * leafValue;
      return;
    }
    const f = split[node];
    const x = row[f];
    const goesLeft = Number.isNaN(x) ? missingLeft[node] === 1 : x <= threshold[node];
    const hot = goesLeft ? left[node] : right[node];
    const cold = goesLeft ? right[node] : left[node];
    const total = cover[hot] + cover[cold];
    let zeroShare = 1;
    let oneShare = 1;
    let kept = length;
    for (let i = 1; i <= last; i++) {
      if (feature[at + i] !== f) continue;
      zeroShare = zero[at + i];
      oneShare = one[at + i];
      unwind(at, last, i);
      kept--;
      break;
    }
    step(hot, at, kept, (zeroShare * cover[hot]) / total, oneShare, f, row, into);
    // A child that nobody reached in training and this row does not reach carries no weight at all.
    if (cover[cold] > 0) step(cold, at, kept, (zeroShare * cover[cold]) / total, 0, f, row, into);
  }

  function step(
    node: number,
    from: number,
    length: number,
    zeroShare: number,
    oneShare: number,
    f: number,
    row: Float64Array,
    into: Float64Array,
  ): void {
    const at = from + length + 1;
    for (let i = 0; i < length; i++) {
      feature[at + i] = feature[from + i];
      zero[at + i] = zero[from + i];
      one[at + i] = one[from + i];
      weight[at + i] = weight[from + i];
    }
    extend(at, length, zeroShare, oneShare, f);
    visit(node, at, length + 1, row, into);
  }

  return (row, into) => {
    for (const root of roots) {
      extend(0, 0, 1, 1, -1);
      visit(root, 0, 1, row, into);
    }
  };
}
