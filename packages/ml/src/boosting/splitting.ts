/**
 * Step 4: the best split of a leaf from its histogram. Gain and leaf value as in Chen & Guestrin 2016
 * (equations 5-7) with L1; missing values are tried on both sides. A monotone feature may not put its larger
 * leaf value on the wrong side, and its children are kept apart by bounds (LightGBM's basic method).
 */
import { type BinEdges, MISSING_BIN } from '../tree/binning.ts';
import { FEATURE_STRIDE } from './histogram.ts';
import type { ResolvedBoostingOptions } from './options.ts';

/** Less than this is rounding, not gain. */
export const LEAST_GAIN = 1e-12;

/** Sums over the rows of a leaf, and the range that monotone ancestors leave for its value (before shrinkage). */
export interface LeafSums {
  readonly count: number;
  readonly gradient: number;
  readonly hessian: number;
  readonly low: number;
  readonly high: number;
}

/** A split: rows with bin <= `bin` go left, missing ones where `missingLeft` says. */
export interface Split {
  readonly feature: number;
  readonly bin: number;
  readonly missingLeft: boolean;
  /** Fall of the penalised loss, times 2. */
  readonly gain: number;
  readonly left: LeafSums;
  readonly right: LeafSums;
}

/** What a scan of a histogram comes back with: the left side's sums, and the gain before the parent's is taken off. */
export interface Candidate {
  readonly feature: number;
  readonly bin: number;
  readonly missingLeft: boolean;
  readonly gain: number;
  readonly count: number;
  readonly gradient: number;
  readonly hessian: number;
}

/** Finds splits for one fit: the options and edges do not change within it. */
export interface SplitFinder {
  /** Whether some feature is monotone: then bounds matter, and `find` is the only scan that knows them. */
  readonly constrained: boolean;
  readonly minHessian: number;
  /** Whether the leaf is large enough for any split. */
  mayBeSplit(leaf: LeafSums): boolean;
  /** -2 · the leaf's penalised loss; a candidate must beat it by LEAST_GAIN. */
  gainOf(leaf: LeafSums): number;
  /** The split of a candidate. */
  splitOf(leaf: LeafSums, found: Candidate): Split;
  /** The best split among `features`, or null where none has a gain. */
  find(histogram: Float64Array, leaf: LeafSums, features: Int32Array): Split | null;
  /** The value of a leaf before shrinkage: -soft(G, l1)/(H + l2), within its bounds. */
  leafValue(leaf: LeafSums): number;
}

export function createSplitFinder(edges: BinEdges, unit: number, options: ResolvedBoostingOptions): SplitFinder {
  const { l1, l2, minDataInLeaf, monotone } = options;
  const minHessian = Math.max(options.minHessianInLeaf, Number.MIN_VALUE);
  const constrained = monotone.some((sign) => sign !== 0);
  const inverseUnit = 1 / unit; // a power of two, so exact

  function soft(gradient: number): number {
    if (l1 === 0) return gradient;
    return gradient > l1 ? gradient - l1 : gradient < -l1 ? gradient + l1 : 0;
  }

  function outputOf(gradient: number, hessian: number, low: number, high: number): number {
    const divisor = hessian + l2;
    const value = divisor > 0 ? -soft(gradient) / divisor : 0;
    return value < low ? low : value > high ? high : value;
  }

  /** -2 · (penalised loss) of a leaf with its best value. */
  function freeGain(gradient: number, hessian: number): number {
    const g = soft(gradient);
    return (g * g) / (hessian + l2);
  }

  /** The same with the value that its bounds leave. */
  function boundGain(gradient: number, hessian: number, low: number, high: number): number {
    const value = outputOf(gradient, hessian, low, high);
    return -2 * (gradient * value + l1 * Math.abs(value)) - (hessian + l2) * value * value;
  }

  function mayBeSplit({ count, hessian }: LeafSums): boolean {
    return count >= 2 * minDataInLeaf && hessian >= 2 * minHessian;
  }

  function gainOf({ gradient, hessian, low, high }: LeafSums): number {
    return constrained ? boundGain(gradient, hessian, low, high) : freeGain(gradient, hessian);
  }

  function find(histogram: Float64Array, leaf: LeafSums, features: Int32Array): Split | null {
    if (!mayBeSplit(leaf)) return null;
    const { count, gradient, hessian, low, high } = leaf;
    const mostData = count - minDataInLeaf;
    let bestGain = gainOf(leaf) + LEAST_GAIN;
    let bestFeature = -1;
    let bestBin = 0;
    let bestMissingLeft = false;
    let bestG = 0;
    let bestH = 0;
    let bestCount = 0;
    for (let k = 0; k < features.length; k++) {
      const feature = features[k];
      const base = k * FEATURE_STRIDE;
      const bins = edges[feature].length;
      const sign = monotone[feature];
      const missingG = histogram[base + 2 * MISSING_BIN];
      const missingPacked = histogram[base + 2 * MISSING_BIN + 1];
      const missingCount = Math.floor(missingPacked * inverseUnit);
      const missingH = missingPacked - missingCount * unit;
      // With missing values the last bin is a split too: all values left, missing right.
      const end = base + 2 * (missingCount > 0 ? bins : bins - 1);
      const sides = missingCount > 0 ? 2 : 1;
      let g = 0;
      let packed = 0;
      for (let at = base; at < end; at += 2) {
        const binPacked = histogram[at + 1];
        if (binPacked === 0) continue;
        g += histogram[at];
        packed += binPacked;
        let leftCount = Math.floor(packed * inverseUnit);
        if (leftCount > mostData) break;
        let leftH = packed - leftCount * unit;
        let leftG = g;
        for (let side = 0; side < sides; side++) {
          if (side === 1) {
            leftCount += missingCount;
            leftH += missingH;
            leftG += missingG;
          }
          if (leftCount < minDataInLeaf || leftCount > mostData) continue;
          const rightH = hessian - leftH;
          if (leftH < minHessian || rightH < minHessian) continue;
          const rightG = gradient - leftG;
          const gain = constrained
            ? boundGain(leftG, leftH, low, high) + boundGain(rightG, rightH, low, high)
            : freeGain(leftG, leftH) + freeGain(rightG, rightH);
          if (!(gain > bestGain)) continue;
          if (sign !== 0 && sign * (outputOf(rightG, rightH, low, high) - outputOf(leftG, leftH, low, high)) < 0) continue;
          bestGain = gain;
          bestFeature = feature;
          bestBin = (at - base) / 2;
          bestMissingLeft = missingCount > 0 ? side === 1 : leftCount * 2 >= count;
          bestG = leftG;
          bestH = leftH;
          bestCount = leftCount;
        }
      }
    }
    if (bestFeature < 0) return null;
    return splitOf(leaf, {
      feature: bestFeature,
      bin: bestBin,
      missingLeft: bestMissingLeft,
      gain: bestGain,
      count: bestCount,
      gradient: bestG,
      hessian: bestH,
    });
  }

  function splitOf(leaf: LeafSums, found: Candidate): Split {
    const { low, high } = leaf;
    const { feature, bin, missingLeft } = found;
    let left: LeafSums = { count: found.count, gradient: found.gradient, hessian: found.hessian, low, high };
    let right: LeafSums = {
      count: leaf.count - found.count,
      gradient: leaf.gradient - found.gradient,
      hessian: leaf.hessian - found.hessian,
      low,
      high,
    };
    const sign = monotone[feature];
    if (sign !== 0) {
      const middle = (leafValue(left) + leafValue(right)) / 2;
      left = sign > 0 ? { ...left, high: middle } : { ...left, low: middle };
      right = sign > 0 ? { ...right, low: middle } : { ...right, high: middle };
    }
    return { feature, bin, missingLeft, gain: found.gain - gainOf(leaf), left, right };
  }

  function leafValue(leaf: LeafSums): number {
    return outputOf(leaf.gradient, leaf.hessian, leaf.low, leaf.high);
  }

  return { constrained, minHessian, mayBeSplit, gainOf, splitOf, find, leafValue };
}
