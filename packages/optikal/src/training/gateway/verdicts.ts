/** Verdicts on prepared texts: segments and rows are there already, and rows that texts share are scored once. */
import { calibratedLogOdds, logistic } from '@optikal/ml';
import { headOf, type InjectionModel } from '../../content/injection/model.ts';
import { calibrationsOf, outOfFold, rowsWithout, textMargin } from './fit.ts';
import type { GatewayRows } from './prepare.ts';
import type { GatewayFitOptions } from './texts.ts';

/** One entry a text, in the order of `rows`. */
export interface GatewayVerdicts {
  /** Log-odds of the most suspicious segment, before calibration. */
  readonly margins: Float64Array;
  /** Calibrated, 0–1; flagged from ½ on. */
  readonly scores: Float64Array;
}

/** As `detector.judge` of each text says, without reading it again. */
export function gatewayVerdicts(prepared: GatewayRows, rows: Int32Array, detector: InjectionModel): GatewayVerdicts {
  const known = { data: new Map<number, number>(), input: new Map<number, number>() };
  const directionOf = (t: number) => prepared.texts[t]!.context.direction;
  const margins = Float64Array.from(rows, (t) => textMargin(prepared, t, detector.parts.heads, known[headOf(directionOf(t))]));
  return { margins, scores: margins.map((margin, i) => detector.scoreOf(directionOf(rows[i]!), margin)) };
}

/**
 * Verdicts on each text of `rows` by a gateway that was fitted on the other folds, calibrated on all of them together. `foldOf`: fold of each
 * entry of `rows`, 0 … ; texts of one page must be of one fold. Texts with a template of `unseenTemplates` are judged by the gateway of the other
 * folds too, and never learnt from.
 */
export function crossFitGateway(
  prepared: GatewayRows,
  rows: Int32Array,
  foldOf: ArrayLike<number>,
  options: GatewayFitOptions,
): GatewayVerdicts {
  const usable = rowsWithout(prepared, rows, options);
  const foldOfText = new Map(Array.from(rows, (t, i) => [t, foldOf[i]!]));
  const folds = Math.max(...foldOfText.values()) + 1;
  const margins = outOfFold(prepared, rows, foldOf, folds, options);
  const marginOfText = new Map(Array.from(rows, (t, i) => [t, margins[i]!]));
  const calibrations = calibrationsOf(
    prepared,
    usable,
    Float64Array.from(usable, (t) => marginOfText.get(t) ?? 0),
  );
  const directionOf = (t: number) => prepared.texts[t]!.context.direction;
  return { margins, scores: margins.map((margin, i) => logistic(calibratedLogOdds(calibrations[directionOf(rows[i]!)], margin))) };
}
