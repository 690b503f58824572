/** Options that several commands share, with their parsers. */
import { InvalidArgumentError, Option } from 'commander';
import type { Bundle } from '../detection/ensemble/bundle.ts';
import { type OperatingWish, type SolvedPoint, solveOperatingPoint } from '../training/operating-point.ts';
import { number } from './quantity.ts';

export function positiveNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError('expected a number above 0');
  return value;
}

export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) throw new InvalidArgumentError('expected a whole number of at least 0');
  return value;
}

export function share(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < 1)) throw new InvalidArgumentError('expected a number between 0 and 1');
  return value;
}

export function port(text: string): number {
  const value = Number(text);
  if (!/^\d{1,5}$/.test(text) || value > 65_535) throw new InvalidArgumentError('expected a port from 0 to 65535');
  return value;
}

export function count(text: string): number {
  const value = wholeNumber(text);
  if (value === 0) throw new InvalidArgumentError('expected a whole number of at least 1');
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

/** What an operating point means, in a sentence. `benignCount`: the benign windows it was taken from. */
export function describePoint(
  point: { readonly fpr: number; readonly threshold: number },
  windowsPerDay: number,
  benignCount: number,
): string {
  const perDay = point.fpr * windowsPerDay;
  const meaning = perDay < 1 ? `one false alarm in about ${number(1 / perDay)} days` : `about ${number(perDay)} false alarms a day`;
  const beyond = point.fpr * benignCount < 1 ? `; rarer than ${number(benignCount)} benign windows can show, so it is extrapolated` : '';
  return `threshold ${point.threshold.toFixed(2)}: one benign window in ${number(1 / point.fpr)} may alert, ${meaning} on a fleet of ${number(windowsPerDay)} active windows a day${beyond}`;
}

/** The same for a bundle, at the point that the flags ask for or at its own. */
export function describeBundle(bundle: Bundle, solved: SolvedPoint | null): string {
  return describePoint(solved ?? bundle.operatingPoint, bundle.windowsPerDay, bundle.benignMargins.length);
}
