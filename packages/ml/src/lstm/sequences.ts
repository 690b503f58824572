/** Sequences of one agent's windows, ragged: what a sequence model is fitted on and scores. NaN means missing. */
import { MlError } from '../errors.ts';
import { atLeast, lengthOf } from '../options.ts';

/**
 * Sequence s has the steps `starts[s] … starts[s + 1] − 1`, oldest first; value c of step t is `values[t * cols + c]`. A short history is a
 * short sequence: there is no padding that could be mistaken for a quiet window.
 */
export interface Sequences {
  readonly cols: number;
  readonly values: Float64Array;
  /** One longer than the number of sequences, ascending, first 0. */
  readonly starts: Int32Array;
}

/** From the steps of each sequence, copied. ML_EMPTY_INPUT (no sequence, one without a step), ML_SHAPE_MISMATCH. */
export function sequencesOf(sequences: readonly (readonly ArrayLike<number>[])[]): Sequences {
  atLeast('sequences', sequences.length, 1);
  const cols = sequences[0]![0]?.length ?? 0;
  atLeast('columns', cols, 1);
  const starts = new Int32Array(sequences.length + 1);
  sequences.forEach((steps, s) => {
    atLeast(`sequences[${s}]`, steps.length, 1);
    starts[s + 1] = starts[s]! + steps.length;
  });
  const values = new Float64Array(starts.at(-1)! * cols);
  sequences.forEach((steps, s) => {
    steps.forEach((step, t) => {
      lengthOf(`sequences[${s}][${t}]`, step, cols);
      values.set(step, (starts[s]! + t) * cols);
    });
  });
  return { cols, values, starts };
}

export function sequenceCount({ starts }: Sequences): number {
  return starts.length - 1;
}

/** Steps of sequence s as a view. */
export function stepsOf({ cols, values, starts }: Sequences, s: number): Float64Array {
  return values.subarray(starts[s]! * cols, starts[s + 1]! * cols);
}

/**
 * Refuses what no fit can use: what `checkShape` refuses, and infinite values. ML_EMPTY_INPUT, ML_SHAPE_MISMATCH, ML_BAD_OPTION,
 * ML_INFINITE_VALUE.
 */
export function checkSequences(sequences: Sequences, least: number): void {
  checkShape(sequences, least);
  const { values } = sequences;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value === Infinity || value === -Infinity)
      throw new MlError('ML_INFINITE_VALUE', { name: 'sequences', found: String(value), position: i });
  }
}

/**
 * Refuses fewer than `least` sequences, none of a column, starts that do not ascend, lengths that do not agree. ML_EMPTY_INPUT,
 * ML_SHAPE_MISMATCH, ML_BAD_OPTION.
 */
export function checkShape({ cols, values, starts }: Sequences, least: number): void {
  atLeast('sequences', starts.length - 1, least);
  atLeast('columns', cols, 1);
  for (let s = 0; s + 1 < starts.length; s++) {
    if (starts[0] !== 0 || !(starts[s + 1]! > starts[s]!))
      throw new MlError('ML_BAD_OPTION', { name: `starts[${s + 1}]`, expected: `above ${starts[s]}`, found: String(starts[s + 1]) });
  }
  lengthOf('sequence values', values, starts.at(-1)! * cols);
}
