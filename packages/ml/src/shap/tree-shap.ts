/**
 * Exact path-dependent SHAP values of trees (Lundberg, Erion & Lee 2018) in time linear in the nodes. A leaf pays its value times the product over
 * the features of its path of `o` where the feature is known (1 = the row goes that way) and of `z`, the share of cover that goes that way, where it
 * is not. Owen's multilinear extension (1972) makes the Shapley value of such a product an integral,
 *   φᵢ = ∫₀¹ (oᵢ − zᵢ) ∏_{j≠i} (t·oⱼ + (1 − t)·zⱼ) dt,
 * of a polynomial, which Gauss–Legendre points give exactly: half as many points as a path has features. Products run down the tree and sums up, so
 * each edge costs one visit (as in Linear TreeSHAP, Yu et al. 2022). A NaN follows `missingLeft` like any value.
 */
import { lengthOf } from '../options.ts';
import type { Attribution } from '../scorer.ts';
import type { TreeEnsemble } from '../tree/ensemble.ts';
import { gaussLegendre } from './quadrature.ts';

/** An ensemble with its base value and the scratch of the walk. */
export interface TreeExplainer {
  /** Cover-weighted mean of the ensemble's sum: the base value. */
  readonly baseValue: number;
  /** The attribution of one row; allocates its result only. ML_SHAPE_MISMATCH. */
  explain(row: Float64Array): Attribution;
}

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

/** The mean of Σ trees with each inner node weighing its children by cover. */
export function expectedSum(trees: TreeEnsemble): number {
  const mean = new Float64Array(trees.feature.length);
  for (let i = mean.length - 1; i >= 0; i--) {
    if (trees.feature[i] < 0) {
      mean[i] = trees.value[i];
      continue;
    }
    const left = trees.left[i];
    const right = trees.right[i];
    mean[i] = (trees.cover[left] * mean[left] + trees.cover[right] * mean[right]) / (trees.cover[left] + trees.cover[right]);
  }
  let sum = 0;
  for (const root of trees.roots) sum += mean[root];
  return sum;
}

/** The nodes tree by tree, parents before children; an edge is named by the node that it leads to. Places count within all trees. */
export interface Edges {
  /** Where each tree begins, and the end. */
  readonly starts: Int32Array;
  /** Of each tree half of the most features that a path has, rounded up: its points. */
  readonly points: Int32Array;
  readonly node: Int32Array;
  /** −1 at a root. */
  readonly parent: Int32Array;
  readonly isLeft: Uint8Array;
  /** The nearest edge above with the same feature; −1 = none. */
  readonly upper: Int32Array;
  /** z of the edge's feature with this edge as the last: the product of the shares of cover over its edges. */
  readonly zero: Float64Array;
}

export function edgesOf({ roots, feature, left, right, cover }: TreeEnsemble): Edges {
  const count = feature.length;
  const starts = new Int32Array(roots.length + 1);
  const points = new Int32Array(roots.length);
  const node = new Int32Array(count);
  const parent = new Int32Array(count);
  const isLeft = new Uint8Array(count);
  const upper = new Int32Array(count);
  const zero = new Float64Array(count);
  const features = new Int32Array(count);
  let end = 0;
  const push = (n: number, above: number, leftChild: boolean, share: number) => {
    let same = above;
    while (same >= 0 && parent[same] >= 0 && feature[node[parent[same]]] !== feature[node[above]]) same = parent[same];
    if (same >= 0 && parent[same] < 0) same = -1;
    node[end] = n;
    parent[end] = above;
    isLeft[end] = leftChild ? 1 : 0;
    upper[end] = same;
    zero[end] = share * (same < 0 ? 1 : zero[same]);
    features[end] = above < 0 ? 0 : features[above] + (same < 0 ? 1 : 0);
    end++;
  };
  roots.forEach((root, tree) => {
    const start = end;
    starts[tree] = start;
    push(root, -1, false, 1);
    for (let at = start; at < end; at++) {
      const n = node[at];
      if (feature[n] < 0) continue;
      const total = cover[left[n]] + cover[right[n]];
      push(left[n], at, true, cover[left[n]] / total);
      push(right[n], at, false, cover[right[n]] / total);
    }
    let most = 0;
    for (let at = start; at < end; at++) most = Math.max(most, features[at]);
    points[tree] = Math.max(1, Math.ceil(most / 2));
  });
  starts[roots.length] = end;
  return { starts, points, node, parent, isLeft, upper, zero };
}

function createWalk(trees: TreeEnsemble): (row: Float64Array, into: Float64Array) => void {
  const { feature: split, threshold, missingLeft, value } = trees;
  const { starts, points, node, parent, isLeft, upper, zero } = edgesOf(trees);
  const sizes = points.map((n, tree) => n * (starts[tree + 1] - starts[tree]));
  const largest = starts.slice(1).reduce((most, end, tree) => Math.max(most, end - starts[tree]), 0);
  const room = sizes.reduce((most, size) => Math.max(most, size), 0);
  const rules = [...new Set(points)].map((n) => [n, ruleOf(n)] as const);
  const ruleFor = new Map(rules);
  /** Of the tree under way, from its start: does the row go left, o of each edge, and at each point the product down to it and the sum below it. */
  const goesLeft = new Uint8Array(largest);
  const one = new Uint8Array(largest);
  const product = new Float64Array(room);
  const sum = new Float64Array(room);

  return (row, into) => {
    for (let tree = 0; tree < points.length; tree++) {
      const start = starts[tree];
      const count = starts[tree + 1] - start;
      if (count === 1) continue; // a single leaf has no driver
      const n = points[tree];
      const rule = ruleFor.get(n)!;
      descend(start, count, n, rule, row);
      ascend(start, count, n, rule, into);
    }
  };

  /** Products down to each node; at a leaf the sum begins. */
  function descend(start: number, count: number, n: number, { t, rest }: Rule, row: Float64Array): void {
    product.fill(1, 0, n);
    sum.fill(0, 0, n * count);
    for (let k = 0, here = 0; k < count; k++, here += n) {
      const at = start + k;
      if (k > 0) {
        const above = parent[at] - start;
        const u = upper[at];
        const known = goesLeft[above] === isLeft[at] && (u < 0 || one[u - start] === 1);
        one[k] = known ? 1 : 0;
        const z = zero[at];
        const from = n * above;
        if (u < 0) {
          if (known) for (let q = 0; q < n; q++) product[here + q] = product[from + q] * (t[q] + rest[q] * z);
          else for (let q = 0; q < n; q++) product[here + q] = product[from + q] * (rest[q] * z);
        } else if (one[u - start] === 0) {
          // Neither way is the row's: only the share of cover changes, and where it was 0 the path stays dead.
          const ratio = zero[u] === 0 ? 0 : z / zero[u];
          for (let q = 0; q < n; q++) product[here + q] = product[from + q] * ratio;
        } else {
          const o = known ? 1 : 0;
          const before = zero[u];
          for (let q = 0; q < n; q++) product[here + q] = (product[from + q] * (o * t[q] + rest[q] * z)) / (t[q] + rest[q] * before);
        }
      }
      const own = node[at];
      const f = split[own];
      if (f >= 0) {
        const x = row[f];
        goesLeft[k] = Number.isNaN(x) ? missingLeft[own] : x <= threshold[own] ? 1 : 0;
      } else {
        const leafValue = value[own];
        for (let q = 0; q < n; q++) sum[here + q] = leafValue * product[here + q];
      }
    }
  }

  /** Sums up to each node; each edge gives its feature its part. */
  function ascend(start: number, count: number, n: number, rule: Rule, into: Float64Array): void {
    for (let k = count - 1, here = n * k; k > 0; k--, here -= n) {
      const at = start + k;
      const above = parent[at];
      const up = n * (above - start);
      for (let q = 0; q < n; q++) sum[up + q] += sum[here + q];
      const u = upper[at];
      let part: number;
      if (u < 0) part = share(here, n, one[k], zero[at], rule);
      // The leaves below were counted at the upper edge with what held there: with no way of the row's the same as here.
      else if (one[u - start] === 0) part = 0;
      else part = share(here, n, one[k], zero[at], rule) - share(here, n, 1, zero[u], rule);
      into[split[node[above]]] += part;
    }
  }

  /** Σ_q w_q (o − z) / (t_q o + (1 − t_q) z) · sum_q: what an edge with this o and z gives its feature for the leaves below. */
  function share(here: number, n: number, o: number, z: number, { t, rest, weight, restWeight }: Rule): number {
    let part = 0;
    if (o === 0) {
      if (z > 0) for (let q = 0; q < n; q++) part -= restWeight[q] * sum[here + q];
    } else if (z !== 1) {
      for (let q = 0; q < n; q++) part += (weight[q] * sum[here + q]) / (t[q] + rest[q] * z);
      part *= 1 - z;
    }
    return part;
  }
}

interface Rule {
  readonly t: Float64Array;
  /** 1 − t. */
  readonly rest: Float64Array;
  readonly weight: Float64Array;
  /** weight / (1 − t). */
  readonly restWeight: Float64Array;
}

function ruleOf(n: number): Rule {
  const { points, weights } = gaussLegendre(n);
  const rest = points.map((t) => 1 - t);
  return { t: points, rest, weight: weights, restWeight: weights.map((weight, q) => weight / rest[q]) };
}
