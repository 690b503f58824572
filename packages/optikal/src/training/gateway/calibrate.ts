/** Where ½ lies: at the operating point, not at even odds, but of texts that come by themselves. */
import { fitPlatt, log, logit, type PlattCalibration } from '@optikal/ml';
import { type HeadName, type Place, placeOf } from '../../content/injection/model.ts';
import { type GatewayRows, PART } from './prepare.ts';

/** With fewer clean margins there is no tail to speak of: the largest decides. */
const LEAST = 100;
/** Where the tail begins, as a share of the margins. */
const TAIL = 0.05;

/**
 * Share of clean pages, none of them learnt from, that reach ½. Pages of kinds that a fit has not seen are held to more, see
 * `content/injection/familiarity.ts`; there are few prompts to learn from, in few languages.
 */
const ALARM_RATES: Readonly<Record<HeadName, number>> = { data: 0.0035, input: 0.003 };

/** By place, from margins that are out of fold, before pages take anything from them. */
export function calibrationsOf(
  { texts, firsts, parts }: GatewayRows,
  rows: Int32Array,
  margins: Float64Array,
): Record<Place, PlattCalibration> {
  const doubtful = (t: number) => texts[t]!.label === 0 && parts.subarray(firsts[t], firsts[t + 1]).includes(PART.unknown);
  const sure = Array.from(rows.keys()).filter((i) => !doubtful(rows[i]!));
  const of = (isOf: (place: Place) => boolean, calibrated: (platt: PlattCalibration, clean: Float64Array) => PlattCalibration) => {
    const kept = sure.filter((i) => isOf(placeOf(texts[rows[i]!]!.context)));
    const labels = Uint8Array.from(kept, (i) => texts[rows[i]!]!.label);
    if (!labels.includes(0) || !labels.includes(1)) return null;
    // False alarms come by page: one that is read a thousand times counts once.
    const pages = new Map<string, number>();
    for (const i of kept) {
      const { label, page } = texts[rows[i]!]!;
      if (label === 0) pages.set(page, Math.max(pages.get(page) ?? Number.NEGATIVE_INFINITY, margins[i]!));
    }
    const platt = fitPlatt(
      Float64Array.from(kept, (i) => margins[i]!),
      labels,
    );
    return calibrated(platt, Float64Array.from(pages.values()));
  };
  const byRate = (head: HeadName) => (platt: PlattCalibration, clean: Float64Array) => operatingPoint(platt, clean, ALARM_RATES[head]);
  const data = of((place) => place === 'tool_output' || place === 'output', byRate('data')) ?? NONE;
  return {
    input: of((place) => place === 'input', byRate('input')) ?? NONE,
    tool_output: data,
    output: data,
    alone: of((place) => place === 'alone', evenOdds) ?? data,
  };
}

/** With one class there is nothing to calibrate by. */
const NONE: PlattCalibration = { kind: 'platt', slope: 1, intercept: 0, prevalence: 0.5 };

/** Of texts that come by themselves, which somebody wants to look at, one that is missed counts so many false alarms. */
const MISSED_WEIGHT = 1.25;

/** As if there were as many hostile texts as clean ones, but for `MISSED_WEIGHT`. */
export function evenOdds(calibration: PlattCalibration): PlattCalibration {
  return { ...calibration, intercept: calibration.intercept - logit(calibration.prevalence) + log(MISSED_WEIGHT) };
}

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
