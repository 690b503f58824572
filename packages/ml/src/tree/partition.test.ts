import { expect, it } from 'vitest';
import { MISSING_BIN } from './binning.ts';
import { partitionRows } from './partition.ts';

it('moves the left rows of a range to its front, both sides in their old order, missing values where it says', () => {
  // Column 1 of five rows; column 0 would say otherwise.
  const byColumn = Uint8Array.from([9, 9, 9, 9, 9, 3, 1, MISSING_BIN, 2, 5]);
  const binned = { rows: 5, cols: 2, byColumn, edges: [] };
  const split = (missingLeft: boolean) => {
    const rows = Int32Array.of(0, 4, 2, 1, 3);
    const middle = partitionRows(binned, rows, new Int32Array(5), 1, 5, { feature: 1, bin: 2, missingLeft });
    return [middle, ...rows];
  };
  expect(split(false)).toEqual([3, 0, 1, 3, 4, 2]);
  expect(split(true)).toEqual([4, 0, 2, 1, 3, 4]);
});
