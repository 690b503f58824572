/**
 * The checks that every `fitThing(data, options)` shares: options are resolved once, into a type without
 * optionals, and a key that nobody reads is refused, because a misspelt option is otherwise a silent default.
 */
import { MlError } from './errors.ts';

/** Refuses keys of `given` outside `known`. ML_UNKNOWN_OPTION, ML_BAD_OPTION (not an object). */
export function refuseUnknownKeys(given: object, known: readonly string[]): void {
  if (typeof given !== 'object' || given === null)
    throw new MlError('ML_BAD_OPTION', { name: 'options', expected: 'an object', found: String(given) });
  for (const key of Object.keys(given)) {
    if (!known.includes(key)) throw new MlError('ML_UNKNOWN_OPTION', { name: key, expected: known.join(', ') });
  }
}

/** The integer itself where it lies in [low, high]. ML_BAD_OPTION. */
export function integerWithin(name: string, value: number, low: number, high: number): number {
  if (!Number.isInteger(value) || value < low || value > high) {
    throw new MlError('ML_BAD_OPTION', { name, expected: `an integer from ${low} to ${high}`, found: String(value) });
  }
  return value;
}

/** The number itself where it lies in [low, high]; `open` leaves out the lower end. ML_BAD_OPTION. */
export function numberWithin(name: string, value: number, low: number, high: number, open = false): number {
  if (typeof value !== 'number' || !(open ? value > low : value >= low) || !(value <= high)) {
    const expected = open ? `above ${low} and at most ${high}` : `from ${low} to ${high}`;
    throw new MlError('ML_BAD_OPTION', { name, expected, found: String(value) });
  }
  return value;
}

/** The seed itself where it is a finite number or a string. ML_BAD_OPTION. */
export function seedOf(value: number | string): number | string {
  if (typeof value === 'string' || Number.isFinite(value)) return value;
  throw new MlError('ML_BAD_OPTION', { name: 'seed', expected: 'a finite number or a string', found: String(value) });
}

/** Refuses another length than `expected`. ML_SHAPE_MISMATCH. */
export function lengthOf(name: string, values: ArrayLike<unknown>, expected: number): void {
  if (values.length !== expected) throw new MlError('ML_SHAPE_MISMATCH', { name, expected, found: values.length });
}

/** Refuses fewer than `least` items. ML_EMPTY_INPUT. */
export function atLeast(name: string, count: number, least: number): void {
  if (!(count >= least)) throw new MlError('ML_EMPTY_INPUT', { name, expected: least, found: count });
}

/** Refuses NaN and infinite values. ML_NOT_FINITE. */
export function finiteOnly(name: string, values: ArrayLike<number>): void {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) throw new MlError('ML_NOT_FINITE', { name, found: String(values[i]), position: i });
  }
}

/** Refuses labels other than 0 and 1 and returns the count of ones. ML_BAD_LABEL. */
export function countPositives(name: string, labels: ArrayLike<number>): number {
  let positives = 0;
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i];
    if (label === 1) positives++;
    else if (label !== 0) throw new MlError('ML_BAD_LABEL', { name, found: String(label), position: i });
  }
  return positives;
}

/** As `countPositives`, and refuses labels that are all equal. ML_BAD_LABEL, ML_SINGLE_CLASS. */
export function bothClasses(name: string, labels: ArrayLike<number>): number {
  const positives = countPositives(name, labels);
  if (positives === 0 || positives === labels.length) throw new MlError('ML_SINGLE_CLASS', { name, found: positives === 0 ? '0' : '1' });
  return positives;
}
