/** Options that several commands share, with their parsers. */
import { InvalidArgumentError, Option } from 'commander';
import type { Bundle } from '../detection/ensemble/bundle.ts';
import { type OperatingWish, type SolvedPoint, solveOperatingPoint } from '../training/operating-point.ts';

export function positiveNumber(text: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError('expected a number above 0');
  return value;
}

export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError('expected a whole number of at least 0');
  return value;
}

export function share(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < 1)) throw new InvalidArgumentError('expected a number between 0 and 1');
  return value;
}

export interface OperatingFlags {
  readonly alertsPerDay?: number;
  readonly fpr?: number;
}

/** The two ways in which an analyst says how much noise is too much. */
export const operatingOptions = (): Option[] => [
  new Option('--alerts-per-day <n>', 'at most about N alerts on benign windows a day, over the fleet')
    .argParser(positiveNumber)
    .conflicts('fpr'),
  new Option('--fpr <rate>', 'share of benign windows that may alert').argParser(share),
];

export function wishOf({ alertsPerDay, fpr }: OperatingFlags): OperatingWish | null {
  if (alertsPerDay !== undefined) return { kind: 'alerts_per_day', value: alertsPerDay };
  return fpr === undefined ? null : { kind: 'fpr', value: fpr };
}

/** The threshold that the flags ask of a bundle; null = the bundle's own operating point. */
export function solveFor(bundle: Bundle, flags: OperatingFlags): SolvedPoint | null {
  const wish = wishOf(flags);
  return wish === null ? null : solveOperatingPoint(wish, [...bundle.benignMargins], bundle.windowsPerDay, bundle.fingerprint);
}

/** What an operating point means, in a sentence. */
export function describePoint(
  point: { readonly kind: string; readonly value: number; readonly fpr: number; readonly threshold: number },
  windowsPerDay: number,
): string {
  const perDay = point.fpr * windowsPerDay;
  const smallest =
    perDay < 1
      ? `one false alarm in about ${(1 / perDay).toFixed(perDay < 0.1 ? 0 : 1)} days`
      : `about ${perDay.toFixed(1)} false alarms a day`;
  return `threshold ${point.threshold.toFixed(3)} (false-positive rate ${point.fpr.toPrecision(2)} a window): ${smallest} on a fleet of ${Math.round(windowsPerDay)} active windows a day`;
}
