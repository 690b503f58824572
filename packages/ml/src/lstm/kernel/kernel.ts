/** One instance of the LSTM's kernels (packages/ml/kernels/lstm.ts): its arrays by name, its functions, and how much room it may take. */
import { MlError } from '../../errors.ts';
import { LSTM } from '../../kernels/generated/lstm.ts';
import { LSTM_RELAXED } from '../../kernels/generated/lstm-relaxed.ts';
import { instantiate } from '../../kernels/instance.ts';
import type { Layout } from '../parameters.ts';

/** The table of addresses: 512 bytes at ARENA_START, as in shared-lstm-arena.ts. */
const TABLE_BYTES = 512;
const TABLE_START = 65_536;
/** Of one arena. */
const MOST_BYTES = 2 ** 31;
/** In the order of that file. */
const ARRAYS = [
  'weights',
  'raw',
  'means',
  'inverses',
  'masked',
  'lengths',
  'counts',
  'inputs',
  'gates',
  'cells',
  'squashed',
  'states',
  'keys',
  'query',
  'attention',
  'context',
  'contextFactors',
  'denseFactors',
  'droppedContext',
  'denseUnits',
  'margins',
  'probabilities',
  'zeros',
  'gradients',
  'firstMoments',
  'secondMoments',
  'wxBack',
  'whBack',
  'keyBack',
  'queryBack',
  'denseBack',
  'marginGradients',
  'stateGradients',
  'cellGradients',
  'contextGradients',
  'queryGradients',
  'energyGradients',
  'inputGradients',
] as const;

type ArrayName = (typeof ARRAYS)[number];
/** What WebAssembly takes for a truth value. */
type Flag = 0 | 1;

/** What lstm.ts exports; addresses and strides in bytes, counts in items. */
interface Functions {
  layOut(
    ...shape: readonly [
      cols: number,
      channels: number,
      hidden: number,
      dense: number,
      steps: number,
      rows: number,
      passes: number,
      back: Flag,
      learn: Flag,
    ]
  ): number;
  scoreRaw(steps: number, maskedCount: number, cols: number): void;
  scaleInputs(steps: number, maskedCount: number, cols: number, row: number, rows: number, longest: number): void;
  forward(rows: number, steps: number): void;
  drawRows(rows: number, contextShare: number, denseShare: number): void;
  head(rows: number, shared: Flag, dropContext: Flag, dropDense: Flag): void;
  squashMargins(rows: number): void;
  turnWeights(byInputs: Flag): void;
  backward(rows: number, steps: number, dropContext: Flag, dropDense: Flag, byWeights: Flag, byInputs: Flag): void;
  learn(rate: number, decay: number, clip: number, unbias1: number, unbias2: number): void;
  beginSeed(): void;
  addToSeed(bytes: number, count: number): void;
  endSeed(): void;
  gemm(
    ...product: readonly [
      rows: number,
      panels: number,
      depth: number,
      a: number,
      aRow: number,
      aPanel: number,
      b: number,
      start: number,
      startRow: number,
      startPanel: number,
      c: number,
      cRow: number,
      cPanel: number,
    ]
  ): void;
  gemmTransposed(rows: number, panels: number, depth: number, a: number, d: number, c: number): void;
  transposeWeights(outputs: number, inputs: number, from: number, to: number): void;
  addRowSums(rows: number, panels: number, d: number, sums: number): void;
  mapExp(count: number, x: number, y: number): void;
  mapSigmoid(count: number, x: number, y: number): void;
  mapTanh(count: number, x: number, y: number): void;
}

/** How many sequences, steps and head rows at once, and whether there is a way back and Adam. */
export interface Room {
  readonly cols: number;
  readonly steps: number;
  readonly rows: number;
  /** Dropout passes at once. */
  readonly passes: number;
  readonly back: boolean;
  readonly learn: boolean;
}

export interface LstmKernel {
  readonly functions: Functions;
  /** Address in bytes. */
  readonly at: Readonly<Record<ArrayName, number>>;
  readonly floats: (name: ArrayName, length: number) => Float32Array;
  readonly doubles: (name: ArrayName, length: number) => Float64Array;
  readonly integers: (name: ArrayName, length: number) => Int32Array;
  readonly bytes: (name: ArrayName, length: number) => Uint8Array;
}

/**
 * An instance of its own. `relaxed` is the twin for training, where a multiplication and an addition may be rounded once. ML_KERNEL_REFUSED where the
 * runtime does not take the module or gives no memory.
 */
export function openKernel(which: 'simd' | 'relaxed', layout: Layout, room: Room): LstmKernel {
  const { memory, functions } = opened(which, which === 'relaxed' ? LSTM_RELAXED : LSTM);
  const { channels, hidden, dense } = layout;
  const { cols, steps, rows, passes, back, learn } = room;
  const most = bytesFor(layout, room);
  // Beyond MOST_BYTES addresses could wrap, so the layout is not even tried.
  if (most > MOST_BYTES || functions.layOut(cols, channels, hidden, dense, steps, rows, passes, back ? 1 : 0, learn ? 1 : 0) === 0)
    throw new MlError('ML_KERNEL_REFUSED', { name: which, expected: `${most} bytes of memory`, found: 'less' });
  const table = new Uint32Array(memory.buffer, TABLE_START, ARRAYS.length);
  const at = Object.fromEntries(ARRAYS.map((name, i) => [name, table[i]!])) as Record<ArrayName, number>; // one entry of each name
  return {
    functions,
    at,
    floats: (name, length) => new Float32Array(memory.buffer, at[name], length),
    doubles: (name, length) => new Float64Array(memory.buffer, at[name], length),
    integers: (name, length) => new Int32Array(memory.buffer, at[name], length),
    bytes: (name, length) => new Uint8Array(memory.buffer, at[name], length),
  };
}

/** Exported for the test of the refusal. */
export function opened(which: string, base64: string) {
  try {
    return instantiate<Functions>(base64, TABLE_BYTES);
  } catch (error) {
    const found = error instanceof Error ? error.name : 'an error';
    throw new MlError('ML_KERNEL_REFUSED', { name: which, expected: 'a runtime that takes its WebAssembly module', found });
  }
}

/** An upper bound of the memory that `layOut` takes. */
export function bytesFor({ channels, hidden, dense, length }: Layout, { cols, steps, rows, passes, back, learn }: Room): number {
  const [d, h, e, c, r] = [roundedTo8(channels), roundedTo8(hidden), roundedTo8(dense), cols + 1, rows + 3];
  const packed = Math.max(length, 4 * h * (d + h + 1) + h * (2 * h + 2) + e * (h + 2) + 8);
  const heads = Math.max(passes, rows) + 3;
  const forwards = packed + 2 * steps * c + 5 * c + steps * r * (d + 8 * h + 2) + r * (3 * h + 1) + heads * (2 * h + 2 * e + 2);
  const backwards = packed * (learn ? 4 : 2) + steps * r * (h + d) + r * (3 * h + steps + 2);
  return 4 * (forwards + (back ? backwards : 0)) + 64 * ARRAYS.length + TABLE_BYTES;
}

/** The most rows at once, of 64, 32, 16, 8, 4, 2 or 1, whose arena stays in `limit` bytes; 1 where none does. */
export function rowsWithin(layout: Layout, room: Omit<Room, 'rows'>, limit: number): number {
  let rows = 64;
  while (rows > 1 && bytesFor(layout, { ...room, rows }) > limit) rows >>= 1;
  return rows;
}

export function roundedTo8(n: number): number {
  return (n + 7) & ~7;
}
