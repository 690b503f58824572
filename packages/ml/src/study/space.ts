/** The ranges a parameter can have, and how a value stands on the line that the estimators work on. */
import { MlError } from '../errors.ts';
import { exp, log } from '../math.ts';
import { integerWithin } from '../options.ts';

/** A parameter's value: a number, or one of the choices. */
export type ParameterValue = number | string | boolean | null;

export interface FloatRange {
  readonly kind: 'float';
  readonly low: number;
  readonly high: number;
  /** Searched on a logarithmic scale. */
  readonly log: boolean;
  /** Values are low + k · step; null = any. */
  readonly step: number | null;
}

export interface IntRange {
  readonly kind: 'int';
  readonly low: number;
  readonly high: number;
  readonly log: boolean;
  readonly step: number;
}

export interface Choices {
  readonly kind: 'categorical';
  readonly choices: readonly ParameterValue[];
}

export type Distribution = FloatRange | IntRange | Choices;

export interface FloatOptions {
  /** Search on a logarithmic scale; low must be above 0. Default false; not together with `step`. */
  readonly log?: boolean;
  /** Distance of neighbouring values; high is lowered to the last of them. Default: none. */
  readonly step?: number;
}

export interface IntOptions {
  /** Search on a logarithmic scale; low must be at least 1. Default false; not together with `step` above 1. */
  readonly log?: boolean;
  /** Distance of neighbouring values. Default 1. */
  readonly step?: number;
}

const bad = (name: string, expected: string, found: unknown) => new MlError('ML_BAD_OPTION', { name, expected, found: String(found) });

/** ML_BAD_OPTION. */
export function floatRange(name: string, low: number, high: number, options: FloatOptions = {}): FloatRange {
  const { log: onLog = false, step = null } = options;
  if (!Number.isFinite(low) || !Number.isFinite(high) || !(low <= high)) throw bad(name, 'a finite range, low ≤ high', `[${low}, ${high}]`);
  if (onLog && !(low > 0)) throw bad(name, 'above 0 on a logarithmic scale', low);
  if (step === null) return { kind: 'float', low, high, log: onLog, step };
  if (!(step > 0) || onLog) throw bad(name, 'a step above 0, without log', step);
  return { kind: 'float', low, high: low + step * Math.floor((high - low) / step + 1e-9), log: false, step };
}

/** ML_BAD_OPTION. */
export function intRange(name: string, low: number, high: number, options: IntOptions = {}): IntRange {
  const { log: onLog = false, step = 1 } = options;
  integerWithin(name, low, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  integerWithin(name, high, low, Number.MAX_SAFE_INTEGER);
  integerWithin(`${name} step`, step, 1, Number.MAX_SAFE_INTEGER);
  if (onLog && (low < 1 || step !== 1)) throw bad(name, 'at least 1 and without a step on a logarithmic scale', low);
  return { kind: 'int', low, high: low + step * Math.floor((high - low) / step), log: onLog, step };
}

/** ML_BAD_OPTION. */
export function choicesOf(name: string, choices: readonly ParameterValue[]): Choices {
  if (choices.length === 0 || new Set(choices).size !== choices.length) throw bad(name, 'at least one choice, each once', choices.length);
  if (choices.some((choice) => typeof choice === 'number' && !Number.isFinite(choice))) throw bad(name, 'finite choices', choices);
  return { kind: 'categorical', choices };
}

export function sameDistribution(a: Distribution, b: Distribution): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

/** Whether there is nothing to choose. */
export function isSingle(distribution: Distribution): boolean {
  return distribution.kind === 'categorical' ? distribution.choices.length === 1 : distribution.low === distribution.high;
}

/** What a value is stored as: itself, or the index of the choice. −1 = not in the range. */
export function internalOf(distribution: Distribution, value: ParameterValue): number {
  if (distribution.kind === 'categorical') return distribution.choices.indexOf(value);
  return typeof value === 'number' && value >= distribution.low && value <= distribution.high ? value : -1;
}

export function externalOf(distribution: Distribution, internal: number): ParameterValue {
  if (distribution.kind !== 'categorical') return internal;
  const choice = distribution.choices[internal];
  if (choice === undefined) throw bad('internal value', 'the index of a choice', internal);
  return choice;
}

/** The line of a numeric range: its ends, half a step outside where it has steps, as logarithms where it is searched so. */
export interface Line {
  readonly low: number;
  readonly high: number;
  readonly log: boolean;
  /** 0 = continuous. */
  readonly step: number;
}

export function lineOf({ kind, low, high, log: onLog, step }: FloatRange | IntRange): Line {
  const half = step === null ? 0 : step / 2;
  // On a logarithmic scale integers reach half a step down: low is at least 1.
  return onLog
    ? { low: log(low - half), high: log(high + half), log: true, step: kind === 'int' ? 1 : 0 }
    : { low: low - half, high: high + half, log: false, step: step ?? 0 };
}

export function onLine(line: Line, value: number): number {
  return line.log ? log(value) : value;
}

/** The nearest value of the range to a place on its line. */
export function fromLine({ low, high, log: onLog, step }: FloatRange | IntRange, place: number): number {
  const value = onLog ? exp(place) : place;
  const stepped = step === null ? value : low + Math.round((value - low) / step) * step;
  return Math.min(high, Math.max(low, stepped));
}
