/**
 * Step 2: how pure a node is. A row counts with the weight of its class; wₖ·cₖ is the weight of class k in a node and W their sum.
 * Purity is Σ (wₖcₖ)²/W for Gini and Σ wₖcₖ·ln(wₖcₖ) - W·ln W for entropy (Breiman et al. 1984, chapter 4): W·(1 - impurity), and
 * -W·impurity. Either way a split gains purity(left) + purity(right) - purity(node), which is the weight of the node times the mean fall
 * of its impurity, and never below 0 but for rounding.
 */
import { log } from '../math.ts';

/** Counts are whole numbers by class, in doubles. */
export interface Criterion {
  /** W: the weight of a node. */
  weight(counts: Float64Array): number;
  /** The purity of a node. */
  purity(counts: Float64Array): number;
  /** purity(left) + purity(node - left). */
  parted(left: Float64Array, node: Float64Array): number;
}

/** Gini for these class weights. */
export function createGini(weights: Float64Array): Criterion {
  const squares = weights.map((w) => w * w);
  const classCount = weights.length;

  function purity(counts: Float64Array): number {
    let sum = 0;
    let square = 0;
    for (let k = 0; k < classCount; k++) {
      sum += weights[k] * counts[k];
      square += squares[k] * counts[k] * counts[k];
    }
    return sum > 0 ? square / sum : 0;
  }

  function parted(left: Float64Array, node: Float64Array): number {
    let leftSum = 0;
    let leftSquare = 0;
    let rightSum = 0;
    let rightSquare = 0;
    for (let k = 0; k < classCount; k++) {
      const l = left[k];
      const r = node[k] - l;
      const w = weights[k];
      const square = squares[k];
      leftSum += w * l;
      rightSum += w * r;
      leftSquare += square * l * l;
      rightSquare += square * r * r;
    }
    return leftSquare / leftSum + rightSquare / rightSum;
  }

  return { weight: (counts) => weightOf(weights, counts), purity, parted };
}

/** Entropy for these class weights and counts up to `mostCount`. */
export function createEntropy(weights: Float64Array, mostCount: number): Criterion {
  const classCount = weights.length;
  // w·c·ln(w·c) = w·(c·ln c + c·ln w): logarithms of whole numbers are taken once.
  const countLogs = Float64Array.from({ length: mostCount + 1 }, (_, c) => xLogX(c));
  const weightLogs = weights.map((w) => (w > 0 ? log(w) : 0));

  function purity(counts: Float64Array): number {
    let sum = 0;
    let logs = 0;
    for (let k = 0; k < classCount; k++) {
      const c = counts[k];
      sum += weights[k] * c;
      logs += weights[k] * (countLogs[c] + c * weightLogs[k]);
    }
    return logs - xLogX(sum);
  }

  function parted(left: Float64Array, node: Float64Array): number {
    let leftSum = 0;
    let rightSum = 0;
    let logs = 0;
    for (let k = 0; k < classCount; k++) {
      const l = left[k];
      const r = node[k] - l;
      const w = weights[k];
      leftSum += w * l;
      rightSum += w * r;
      logs += w * (countLogs[l] + countLogs[r] + node[k] * weightLogs[k]);
    }
    return logs - xLogX(leftSum) - xLogX(rightSum);
  }

  return { weight: (counts) => weightOf(weights, counts), purity, parted };
}

function weightOf(weights: Float64Array, counts: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < weights.length; k++) sum += weights[k] * counts[k];
  return sum;
}

function xLogX(x: number): number {
  return x > 0 ? x * log(x) : 0;
}
