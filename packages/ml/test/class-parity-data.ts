/**
 * 10,000 rows of six classes on which the random forest is compared with scikit-learn's: made here from a seed, by arithmetic that gives the
 * same bytes everywhere. Twenty-four columns: clouds, a class told by a product, one by a band, counts, flags, heavy tails, noise; some values
 * missing at random, some for a reason. Classes are uneven, and one label in twenty is drawn anew.
 */
import { createHash } from 'node:crypto';
import { type Matrix, takeRows } from '../src/matrix.ts';
import { createRandom, type Random } from '../src/random.ts';

export const CLASS_PARITY_DATA = { seed: 'class parity', rows: 10_000, cols: 24, classCount: 6, trainRows: 6000 } as const;
/** What both are fitted with. */
export const CLASS_PARITY_OPTIONS = { treeCount: 200, minDataInLeaf: 5, maxDepth: 32 } as const;

export interface ClassParityData {
  /** Row-major values (float64), then labels (uint8), little-endian. */
  readonly bytes: Uint8Array;
  readonly sha256: string;
  readonly train: { readonly matrix: Matrix; readonly labels: Uint8Array };
  readonly test: { readonly matrix: Matrix; readonly labels: Uint8Array };
}

const PRIORS = [0.34, 0.26, 0.16, 0.12, 0.08, 0.04];
const REDRAWN_SHARE = 0.05;

export function classParityData(): ClassParityData {
  const { seed, rows, cols, classCount, trainRows } = CLASS_PARITY_DATA;
  const random = createRandom(seed);
  const values = new Float64Array(rows * cols);
  const labels = new Uint8Array(rows);
  for (let r = 0; r < rows; r++) {
    let rest = random.nextFloat();
    let label = 0;
    while (label < classCount - 1 && rest >= PRIORS[label]) rest -= PRIORS[label++];
    drawRow(values.subarray(r * cols, (r + 1) * cols), label, random);
    labels[r] = random.nextFloat() < REDRAWN_SHARE ? random.nextInt(classCount) : label;
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

function drawRow(row: Float64Array, label: number, random: Random): void {
  for (let c = 0; c < 16; c++) row[c] = random.nextGaussian();
  // Each class is a cloud of its own, half visible in one column and half in another.
  row[label] += 1.2;
  row[(label + 2) % 6] -= 0.6;
  if (label === 1) row[6] = row[7] * (0.5 + random.nextFloat()); // same sign as column 7
  if (label === 2) row[8] = 0.8 + 0.8 * random.nextFloat();
  row[16] = Math.floor(random.nextExponential(label === 3 ? 6 : 3));
  row[17] = random.nextInt(4) + (label === 4 ? 1 : 0);
  row[18] = random.nextFloat() < (label === 5 ? 0.5 : 0.1) ? 1 : 0;
  row[19] = random.nextExponential(2) * random.nextExponential(label === 0 ? 3 : 2);
  row[20] = row[label === 5 ? 9 : 10] + 0.5 * random.nextGaussian();
  row[21] = random.nextFloat();
  row[22] = random.nextFloat() < 0.6 ? 0 : random.nextExponential(5);
  row[23] = random.nextGaussian();
  for (const c of [0, 3, 8, 16]) if (random.nextFloat() < 0.1) row[c] = Number.NaN;
  if (random.nextFloat() < (label === 4 ? 0.4 : 0.05)) row[21] = Number.NaN;
}
