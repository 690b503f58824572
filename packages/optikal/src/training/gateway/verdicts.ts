/** Verdicts on prepared texts: segments and rows are there already, and rows that texts share are scored once. */
import { calibratedLogOdds, logistic } from '@optikal/ml';
import { type InjectionModel, placeOf } from '../../content/injection/model.ts';
import { calibrationsOf } from './calibrate.ts';
import { rowsWithout } from './heads.ts';
import { createTextJudge, outOfFold } from './out-of-fold.ts';
import type { GatewayRows } from './prepare.ts';
import type { GatewayFitOptions } from './texts.ts';

/** One entry a text, in the order of `rows`. */
export interface GatewayVerdicts {
  /** Log-odds of the most suspicious segment, less what its page takes, before calibration. */
  readonly margins: Float64Array;
  /** Calibrated, 0–1; flagged from ½ on. */
  readonly scores: Float64Array;
}

/** As `detector.judge` of each text says, without reading it again. */
export function gatewayVerdicts(prepared: GatewayRows, rows: Int32Array, detector: InjectionModel): GatewayVerdicts {
  const judge = createTextJudge(prepared, detector.parts);
  const margins = Float64Array.from(rows, (t) => judge(t).margin);
  return { margins, scores: margins.map((margin, i) => detector.scoreOf(placeOf(prepared.texts[rows[i]!]!.context), margin)) };
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
  const judged = outOfFold(prepared, rows, foldOf, folds, options);
  const plainOf = new Map(Array.from(rows, (t, i) => [t, judged[i]!.plain]));
  const calibrations = calibrationsOf(
    prepared,
    usable,
    Float64Array.from(usable, (t) => plainOf.get(t) ?? 0),
  );
  const calibrationOf = (t: number) => calibrations[placeOf(prepared.texts[t]!.context)];
  const margins = Float64Array.from(judged, ({ margin }) => margin);
  return { margins, scores: margins.map((margin, i) => logistic(calibratedLogOdds(calibrationOf(rows[i]!), margin))) };
}
