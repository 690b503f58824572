/**
 * What of an agent's last windows a sequence model sees: one step a window with activity, oldest first. Steps are raw values, not scaled ones:
 * a new model reads the same past. They are held in half precision (11 bits: three digits), everywhere: batch and stream round at the same
 * place, and ten windows fit into an agent's 4 kB.
 */
import { FEATURE_SETS } from '@optikal/contracts';
import { columnsOf, type Row } from './features/columns.ts';

/** The columns of step1. INVARIANT: never changed once made; copies of a memory share them. */
export type Step = Float16Array;

/** Windows that a sequence model sees, the present one included. */
export const SEQUENCE_STEPS = 10;
const STEP = FEATURE_SETS.step1;
const FUSED = columnsOf('fused1');
const GAP_COLUMN = STEP.findIndex(({ name }) => name === 'idle_before');
/** Column of fused1 of each column of step1; −1 for what no row of a window holds. */
const COLUMNS = Int32Array.from(STEP, ({ name }, i) => (i === GAP_COLUMN ? -1 : FUSED.at(name)));
const MINUTE_MS = 60_000;
const NAN_BITS = 0x7e00;

export interface StepMemory {
  /** The windows before the present one, oldest first; at most SEQUENCE_STEPS − 1. */
  readonly steps: readonly Step[];
  /** Start of the latest of them; null = none. */
  readonly lastMs: number | null;
}

export const NO_STEPS: StepMemory = { steps: [], lastMs: null };

/** The sequence that ends with this window. */
export function sequenceOf({ steps, lastMs }: StepMemory, row: Row, startMs: number): Step[] {
  const step = new Float16Array(COLUMNS.length);
  for (let i = 0; i < COLUMNS.length; i++) step[i] = COLUMNS[i]! < 0 ? Number.NaN : row[COLUMNS[i]!]!;
  if (lastMs !== null) step[GAP_COLUMN] = Math.log1p(Math.max(0, startMs - lastMs) / MINUTE_MS);
  return [...steps, step];
}

/** The memory after a window with this sequence. */
export function rememberSequence(sequence: readonly Step[], startMs: number): StepMemory {
  return { steps: sequence.slice(-(SEQUENCE_STEPS - 1)), lastMs: startMs };
}

/** Row-major values of a sequence, oldest first, as a sequence model takes them. */
export function sequenceValues(sequence: readonly Step[]): Float64Array {
  const values = new Float64Array(sequence.length * STEP.length);
  sequence.forEach((step, t) => {
    values.set(step, t * STEP.length);
  });
  return values;
}

/** base64 of little-endian halves; every NaN is written with the same bits. */
export function encodeSteps(steps: readonly Step[]): string {
  const bytes = Buffer.alloc(2 * steps.length * STEP.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  for (const step of steps)
    for (const value of step) {
      if (Number.isNaN(value)) view.setUint16(at, NAN_BITS, true);
      else view.setFloat16(at, value, true);
      at += 2;
    }
  return bytes.toString('base64');
}

export function decodeSteps(text: string): Step[] {
  const bytes = Buffer.from(text, 'base64');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const width = 2 * STEP.length;
  return Array.from({ length: Math.floor(bytes.length / width) }, (_, t) =>
    Float16Array.from({ length: STEP.length }, (_, i) => view.getFloat16(t * width + 2 * i, true)),
  );
}
