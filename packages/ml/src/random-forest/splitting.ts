/**
 * Step 3: the best split of a node in one column, from a histogram of class counts by bin. Only occupied bins are read and emptied again,
 * so a node of ten rows costs ten bins, not 255. Counts are whole numbers, so that no order of adding them matters.
 */
import { type BinnedMatrix, MAX_BINS, MISSING_BIN } from '../tree/binning.ts';
import type { Criterion } from './criterion.ts';

/** Less gain than this share of the node's weight is rounding. */
const LEAST_GAIN = 1e-12;
/** A tag is draws << CLASS_BITS | class. */
export const CLASS_BITS = 6;
const CLASS_MASK = (1 << CLASS_BITS) - 1;

/** The rows of one node: `rows[from … to - 1]`, each with its tag at the same place. */
export interface NodeRows {
  readonly rows: Int32Array;
  readonly tags: Int32Array;
  readonly from: number;
  readonly to: number;
  /** Draws of each class. */
  readonly counts: Float64Array;
}

/** The best split so far; `feature` is -1 where there is none. */
export interface ClassSplit {
  feature: number;
  /** Bins up to this one go left. */
  bin: number;
  /** Where missing values gain more: 1 left, 0 right, -1 where the node has none. */
  missing: -1 | 0 | 1;
  gain: number;
}

/** Looks for splits; its histogram is reused from node to node. */
export interface ClassSplitter {
  /** No split yet: a split must gain more than rounding could. */
  start(node: NodeRows): ClassSplit;
  /** Puts the best split of `feature` into `best` where it gains more. */
  search(node: NodeRows, feature: number, best: ClassSplit): void;
}

export function createClassSplitter(
  { rows: rowCount, byColumn, edges }: BinnedMatrix,
  criterion: Criterion,
  classCount: number,
  minDataInLeaf: number,
): ClassSplitter {
  const stride = classCount + 1; // draws of each class, then different rows
  const histogram = new Float64Array((MAX_BINS + 1) * stride);
  const occupied = new Int32Array((MAX_BINS + 1) / 32);
  const left = new Float64Array(classCount);
  const leftAndMissing = new Float64Array(classCount);
  const missing = new Float64Array(classCount);
  let purity = 0;

  function start(node: NodeRows): ClassSplit {
    purity = criterion.purity(node.counts);
    return { feature: -1, bin: 0, missing: -1, gain: LEAST_GAIN * criterion.weight(node.counts) };
  }

  function fill({ rows, tags, from, to }: NodeRows, feature: number): void {
    const first = feature * rowCount;
    for (let i = from; i < to; i++) {
      const bin = byColumn[first + rows[i]];
      const tag = tags[i];
      const at = bin * stride;
      histogram[at + (tag & CLASS_MASK)] += tag >>> CLASS_BITS;
      histogram[at + classCount] += 1;
      occupied[bin >>> 5] |= 1 << (bin & 31);
    }
  }

  /** Adds a bin to `into`, empties it, and returns its different rows. */
  function take(bin: number, into: Float64Array): number {
    const at = bin * stride;
    for (let k = 0; k < classCount; k++) {
      into[k] += histogram[at + k];
      histogram[at + k] = 0;
    }
    const rows = histogram[at + classCount];
    histogram[at + classCount] = 0;
    return rows;
  }

  function search(node: NodeRows, feature: number, best: ClassSplit): void {
    fill(node, feature);
    missing.fill(0);
    left.fill(0);
    const missingRows = take(MISSING_BIN, missing);
    occupied[MISSING_BIN >>> 5] &= ~(1 << (MISSING_BIN & 31));
    const mostRows = node.to - node.from - minDataInLeaf;
    let leftRows = 0;
    let last = -1;
    for (let word = 0; word < occupied.length; word++) {
      let bits = occupied[word];
      occupied[word] = 0;
      while (bits !== 0) {
        const lowest = bits & -bits;
        bits ^= lowest;
        const bin = 32 * word + 31 - Math.clz32(lowest);
        // Between two occupied bins the middle of the gap is cut: neither side's values are favoured.
        if (last >= 0) weigh((last + bin - 1) >> 1);
        leftRows += take(bin, left);
        last = bin;
      }
    }
    // All values left, missing ones right, is a split too.
    if (missingRows > 0 && last >= 0 && leftRows >= minDataInLeaf && leftRows <= mostRows) {
      keep(criterion.parted(left, node.counts) - purity, edges[feature].length - 1, 0);
    }

    function weigh(bin: number): void {
      if (leftRows >= minDataInLeaf && leftRows <= mostRows) {
        keep(criterion.parted(left, node.counts) - purity, bin, missingRows > 0 ? 0 : -1);
      }
      if (missingRows === 0 || leftRows + missingRows < minDataInLeaf || leftRows + missingRows > mostRows) return;
      for (let k = 0; k < classCount; k++) leftAndMissing[k] = left[k] + missing[k];
      keep(criterion.parted(leftAndMissing, node.counts) - purity, bin, 1);
    }

    function keep(gain: number, bin: number, side: -1 | 0 | 1): void {
      if (!(gain > best.gain)) return;
      best.gain = gain;
      best.feature = feature;
      best.bin = bin;
      best.missing = side;
    }
  }

  return { start, search };
}
