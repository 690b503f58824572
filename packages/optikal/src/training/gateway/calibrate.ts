/** Where ½ lies: at the operating point, not at even odds. */
import type { PlattCalibration } from '@optikal/ml';

/** The calibration moved so that a share of `quantile` of the clean margins stays below ½. */
export function quantileShift(calibration: PlattCalibration, clean: Float64Array, quantile: number): PlattCalibration {
  const sorted = clean.slice().sort();
  const at = Math.min(sorted.length - 1, Math.floor(quantile * sorted.length));
  return { ...calibration, intercept: -calibration.slope * sorted[at]! };
}
