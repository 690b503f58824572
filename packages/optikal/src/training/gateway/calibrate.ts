/** Where ½ lies: at the operating point, not at even odds. */
import { log, type PlattCalibration } from '@optikal/ml';

/** With fewer clean margins there is no tail to speak of: the largest decides. */
const LEAST = 100;
/** Where the tail begins, as a share of the margins. */
const TAIL = 0.05;

/** The calibration moved so that a share of about `rate` of clean margins (at most `TAIL`) reaches ½. */
export function operatingPoint(calibration: PlattCalibration, clean: Float64Array, rate: number): PlattCalibration {
  return { ...calibration, intercept: -calibration.slope * exceededBy(clean, rate) };
}

/**
 * The margin that a share `rate` exceeds, by an exponential tail: from where 5 % lie above, the median excess says how fast it falls. A quantile
 * so far out would be one page's margin, and differ between fits by three units.
 */
export function exceededBy(margins: Float64Array, rate: number): number {
  const sorted = margins.slice().sort();
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor((1 - share) * sorted.length))]!;
  if (sorted.length < LEAST) return at(0);
  const start = at(TAIL);
  return start + ((at(TAIL / 2) - start) * log(TAIL / rate)) / Math.LN2;
}
