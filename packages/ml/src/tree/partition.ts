/** Splitting the rows of a node, for every learner of trees on bins. */
import { type BinnedMatrix, MISSING_BIN } from './binning.ts';

/** Bins up to `bin` of a column go left, missing values where it says. */
export interface BinSplit {
  readonly feature: number;
  readonly bin: number;
  readonly missingLeft: boolean;
}

/**
 * Moves the left rows of rows[from..to) to its front, both sides in their old order, without a branch a row. Returns where the right ones begin.
 * `rightRows` has room for all rows.
 */
export function partitionRows(
  { byColumn, rows: rowCount }: BinnedMatrix,
  rows: Int32Array,
  rightRows: Int32Array,
  from: number,
  to: number,
  { feature, bin: limit, missingLeft }: BinSplit,
): number {
  const first = feature * rowCount;
  const missingGoesLeft = missingLeft ? 1 : 0;
  let left = from;
  let right = 0;
  for (let i = from; i < to; i++) {
    const row = rows[i];
    const bin = byColumn[first + row];
    const goesLeft = +(bin <= limit) | (missingGoesLeft & +(bin === MISSING_BIN));
    rows[left] = row;
    rightRows[right] = row;
    left += goesLeft;
    right += 1 - goesLeft;
  }
  rows.set(rightRows.subarray(0, right), left);
  return left;
}
