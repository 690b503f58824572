/**
 * 100,000 rows on which boosting is compared with its rivals: made here from a seed, by arithmetic that gives the same bytes everywhere, and
 * written to a file for those who read it in another language. Eighteen columns of the kinds that agents' features have: bell-shaped, skewed,
 * counts, flags, correlated; some missing at random, one missing for a reason. The class follows steps, products and a threshold on a sum;
 * one label in twenty is turned over.
 */
import { createHash } from 'node:crypto';
import { type Matrix, takeRows } from '../src/matrix.ts';
import { createRandom } from '../src/random.ts';

export const PARITY_DATA = { seed: 'parity', rows: 100_000, cols: 18, trainRows: 80_000 } as const;
/** What all three are fitted with; everything else is each one's default. */
export const PARITY_OPTIONS = { rounds: 200, leaves: 31, learningRate: 0.1, minDataInLeaf: 20 } as const;

export interface ParityData {
  /** Row-major values (float64), then labels (uint8), little-endian. */
  readonly bytes: Uint8Array;
  readonly sha256: string;
  readonly train: { readonly matrix: Matrix; readonly labels: Uint8Array };
  readonly test: { readonly matrix: Matrix; readonly labels: Uint8Array };
}

const FLIPPED_SHARE = 0.05;

export function parityData(): ParityData {
  const { seed, rows, cols, trainRows } = PARITY_DATA;
  const random = createRandom(seed);
  const values = new Float64Array(rows * cols);
  const labels = new Uint8Array(rows);
  for (let r = 0; r < rows; r++) {
    const row = values.subarray(r * cols, (r + 1) * cols);
    drawRow(row, random);
    const flipped = random.nextFloat() < FLIPPED_SHARE;
    labels[r] = marginOf(row) + 0.7 * random.nextGaussian() > 0 !== flipped ? 1 : 0;
    loseValues(row, random);
  }
  const bytes = new Uint8Array(values.length * 8 + rows);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < values.length; i++) view.setFloat64(8 * i, values[i], true);
  bytes.set(labels, values.length * 8);
  const matrix = { rows, cols, values };
  const part = (from: number, to: number) => {
    const at = Int32Array.from({ length: to - from }, (_, i) => from + i);
    return { matrix: takeRows(matrix, at), labels: labels.slice(from, to) };
  };
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { bytes, sha256, train: part(0, trainRows), test: part(trainRows, rows) };
}

type Random = ReturnType<typeof createRandom>;

function drawRow(row: Float64Array, random: Random): void {
  for (let c = 0; c < 8; c++) row[c] = random.nextGaussian();
  row[8] = random.nextExponential(1);
  row[9] = random.nextExponential(3) * random.nextExponential(3);
  row[10] = Math.floor(random.nextExponential(4));
  row[11] = random.nextInt(6);
  row[12] = random.nextFloat() < 0.08 ? 1 : 0;
  row[13] = random.nextFloat() < 0.5 ? 0 : random.nextExponential(10); // half of it one heavy value
  row[14] = 0.8 * row[0] + 0.6 * random.nextGaussian();
  row[15] = row[10] + random.nextInt(3);
  row[16] = random.nextFloat();
  row[17] = random.nextGaussian();
}

/** Log-odds before noise: about one row in five is positive. */
function marginOf(row: Float64Array): number {
  const spike = row[4] > 0.8 && row[4] < 1.6 ? 1.5 : 0;
  return (
    -3.1 +
    0.9 * row[0] -
    0.5 * Math.abs(row[1]) +
    0.8 * row[2] * row[3] +
    spike +
    (row[5] > 0 && row[6] > 0 ? 1.2 : 0) +
    0.5 * Math.min(row[8], 4) +
    (row[9] > 12 ? 1 : 0) +
    (row[10] > 6 ? 0.7 : -0.2) +
    (row[11] === 2 || row[11] === 5 ? 0.9 : 0) +
    (row[12] === 1 ? 1.8 * row[7] : 0) +
    (row[13] > 5 ? 0.06 * row[13] : 0) +
    (row[16] * row[8] > 0.9 ? 1 : 0)
  );
}

/** A tenth of four columns at random; column 8 mostly where it was large. */
function loseValues(row: Float64Array, random: Random): void {
  const large = row[8] > 2;
  for (const c of [1, 5, 9, 14]) if (random.nextFloat() < 0.1) row[c] = Number.NaN;
  if (random.nextFloat() < (large ? 0.3 : 0.03)) row[8] = Number.NaN;
}
