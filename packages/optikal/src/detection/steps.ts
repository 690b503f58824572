/**
 * What of an agent's last windows a sequence model sees: one step a window with activity, oldest first. Steps are raw values, not scaled ones:
 * a new model reads the same past. They are held in half precision (11 bits: three digits), everywhere: batch and stream round at the same
 * place, and ten windows fit into an agent's 4 kB. Most windows are only remembered, not looked at as sequences: an agent that rests as text
 * gets its new step appended as text, and the old ones are read only where a model asks for them.
 */
import { FEATURE_SETS } from '@optikal/contracts';
import { columnsOf, type Row } from './features/columns.ts';

/** The columns of step1. INVARIANT: never changed once made; memories and samples share them. */
export type Step = Float16Array;

/** Windows that a sequence model sees, the present one included. */
export const SEQUENCE_STEPS = 10;
const BEFORE = SEQUENCE_STEPS - 1;
const STEP = FEATURE_SETS.step1;
const COLUMN_COUNT = STEP.length;
const FUSED = columnsOf('fused1');
const GAP_COLUMN = STEP.findIndex(({ name }) => name === 'idle_before');
/** Column of fused1 of each column of step1; −1 for what no row of a window holds. */
const COLUMNS = Int32Array.from(STEP, ({ name }, i) => (i === GAP_COLUMN ? -1 : FUSED.at(name)));
const MINUTE_MS = 60_000;
const NAN_BITS = 0x7e00;
/** A step as text: little-endian halves, filled up to whole groups of base64, so that texts of steps one behind the other are one text. */
const STEP_BYTES = 3 * Math.ceil((2 * COLUMN_COUNT) / 3);
const STEP_CHARS = (4 * STEP_BYTES) / 3;
const scratch = Buffer.alloc(STEP_BYTES);
const scratchView = new DataView(scratch.buffer, scratch.byteOffset, STEP_BYTES);

/** Steps in order, oldest first, as objects or as text, whichever is known; the other is made when it is asked for. Immutable. */
export class StepList {
  #steps: readonly Step[] | null;
  #text: string | null;

  /** At least one of both; both say the same. */
  private constructor(steps: readonly Step[] | null, text: string | null) {
    this.#steps = steps;
    this.#text = text;
  }

  static of(steps: readonly Step[]): StepList {
    return new StepList(steps, null);
  }

  /** As `text` gave it. */
  static parse(text: string): StepList {
    return new StepList(null, text);
  }

  get steps(): readonly Step[] {
    this.#steps ??= decodeSteps(this.#text!);
    return this.#steps;
  }

  /** base64; every NaN is written with the same bits. */
  get text(): string {
    this.#text ??= this.#steps!.map(encodeStep).join('');
    return this.#text;
  }

  /** The latest of these, and one more at the end: at most SEQUENCE_STEPS. */
  followedBy(step: Step): StepList {
    const steps = this.#steps === null ? null : [...this.#steps.slice(-BEFORE), step];
    const text = this.#text === null ? null : this.#text.slice(-BEFORE * STEP_CHARS) + encodeStep(step);
    return new StepList(steps, text);
  }

  /** What is left of these for the next window: at most SEQUENCE_STEPS − 1. */
  remembered(): StepList {
    return new StepList(this.#steps?.slice(-BEFORE) ?? null, this.#text?.slice(-BEFORE * STEP_CHARS) ?? null);
  }
}

export interface StepMemory {
  /** The windows before the present one; at most SEQUENCE_STEPS − 1. */
  readonly before: StepList;
  /** Start of the latest of them; null = none. */
  readonly lastMs: number | null;
}

export const NO_STEPS: StepMemory = { before: StepList.of([]), lastMs: null };

/** The sequence that ends with this window. */
export function sequenceOf({ before, lastMs }: StepMemory, row: Row, startMs: number): StepList {
  const step = new Float16Array(COLUMN_COUNT);
  for (let i = 0; i < COLUMN_COUNT; i++) step[i] = COLUMNS[i]! < 0 ? Number.NaN : row[COLUMNS[i]!]!;
  if (lastMs !== null) step[GAP_COLUMN] = Math.log1p(Math.max(0, startMs - lastMs) / MINUTE_MS);
  return before.followedBy(step);
}

/** The memory after a window with this sequence. */
export function rememberSequence(sequence: StepList, startMs: number): StepMemory {
  return { before: sequence.remembered(), lastMs: startMs };
}

/** Row-major values of a sequence, oldest first, as a sequence model takes them. */
export function sequenceValues(sequence: readonly Step[]): Float64Array {
  return fill(new Float64Array(sequence.length * COLUMN_COUNT), sequence);
}

const shared = Array.from({ length: SEQUENCE_STEPS + 1 }, (_, count) => new Float64Array(count * COLUMN_COUNT));

/** The same in an array that the next call overwrites: for a model that is asked once a window, and keeps nothing. */
export function passingValues(sequence: readonly Step[]): Float64Array {
  const values = shared[sequence.length];
  return values === undefined ? sequenceValues(sequence) : fill(values, sequence);
}

function fill(values: Float64Array, sequence: readonly Step[]): Float64Array {
  let at = 0;
  for (let t = 0; t < sequence.length; t++) {
    const step = sequence[t]!;
    for (let i = 0; i < COLUMN_COUNT; i++) values[at++] = step[i]!;
  }
  return values;
}

function encodeStep(step: Step): string {
  for (let i = 0; i < COLUMN_COUNT; i++) {
    const value = step[i]!;
    if (Number.isNaN(value)) scratchView.setUint16(2 * i, NAN_BITS, true);
    else scratchView.setFloat16(2 * i, value, true);
  }
  return scratch.toString('base64');
}

function decodeSteps(text: string): Step[] {
  const bytes = Buffer.from(text, 'base64');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const steps: Step[] = [];
  for (let from = 0; from + STEP_BYTES <= bytes.length; from += STEP_BYTES) {
    const step = new Float16Array(COLUMN_COUNT);
    for (let i = 0; i < COLUMN_COUNT; i++) step[i] = view.getFloat16(from + 2 * i, true);
    steps.push(step);
  }
  return steps;
}
