/** The gateway's detector fitted to prepared texts, calibrated on texts of pages that the fit did not have. */
import { InjectionModel } from '../../content/injection/model.ts';
import { calibrationsOf } from './calibrate.ts';
import { fitHeads, rowsWithout } from './heads.ts';
import { FOLDS, innerFolds, outOfFold } from './out-of-fold.ts';
import type { GatewayRows } from './prepare.ts';
import type { GatewayFitOptions, TrainedOn } from './texts.ts';

export interface FittedGateway {
  readonly detector: InjectionModel;
  readonly trainedOn: TrainedOn;
}

export function fitGateway(prepared: GatewayRows, rows: Int32Array, options: GatewayFitOptions): FittedGateway {
  const usable = rowsWithout(prepared, rows, options);
  const margins = outOfFold(prepared, usable, innerFolds(prepared, usable, options.seed), FOLDS, options);
  const plain = Float64Array.from(margins, (of) => of.plain);
  return {
    detector: new InjectionModel({ ...fitHeads(prepared, usable, options), calibrations: calibrationsOf(prepared, usable, plain) }),
    trainedOn: [...new Set(Array.from(usable, (t) => prepared.texts[t]!.sha256))].sort(),
  };
}
