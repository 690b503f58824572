/**
 * What is said of a case. Of a window: the ensemble's margin. Of a whole run: one log-odds, made of the highest that its windows, its calls and
 * the gateway say, by weights that are learnt on runs of the training part which were judged from outside. A window is shared: where another run
 * was attacked it makes a harmless one beside it suspicious, its own calls do not; so what each is worth differs with what the gateway sees.
 */
import { fitMetaModel, type MetaModel, matrixOf, metaScore } from '@optikal/ml';
import { type Ensemble, judge } from '../../detection/ensemble/judge.ts';
import { CALL_COLUMNS } from '../../detection/features/calls.ts';
import type { WindowSample } from '../dataset.ts';
import type { Case } from './cases.ts';

const INJECTION = CALL_COLUMNS.at('call_injection');

/** The highest over the windows of a case, each seen with the calls of the case only. */
export interface CaseScores {
  /** Of the ensemble, less its prior; −Infinity where it had nothing to score. */
  readonly margin: number;
  /** Of the window's row alone, and of the calls alone, standardised; NaN where there is no such base. */
  readonly window: number;
  readonly calls: number;
  /** The gateway's highest verdict that the calls had read, a logit; NaN where none spoke. */
  readonly read: number;
}

export function scoreCase(ensemble: Ensemble, prior: number, samples: readonly WindowSample[], { parts }: Pick<Case, 'parts'>): CaseScores {
  let margin = Number.NEGATIVE_INFINITY;
  let [window, calls, read] = [Number.NaN, Number.NaN, Number.NaN];
  for (const { sample, calls: taken } of parts) {
    const { row, callRows, sequence } = samples[sample]!;
    const own = taken.length === callRows.length ? callRows : taken.map((call) => callRows[call]!);
    const found = judge(ensemble, { row, callRows: own, sequence });
    const of = (name: string) => found.bases.find((base) => base.name === name)?.margin ?? Number.NaN;
    margin = Math.max(margin, found.margin - prior);
    window = highest(window, of('boosting'));
    calls = highest(calls, of('call-boosting'));
    for (const call of own) read = highest(read, call[INJECTION]!);
  }
  return { margin, window, calls, read };
}

/** How the scores of a run become one. */
export interface RunModel {
  readonly meta: MetaModel;
  /** Log-odds of attacked runs that the fit saw: without it, runs of several folds can be ranked together. */
  readonly prior: number;
}

/** `labels`: 1 = the attack reached its goal. null where there is one kind of run only. */
export function fitRunModel(scores: readonly CaseScores[], labels: Uint8Array, seed: string): RunModel | null {
  const attacked = labels.reduce((sum, label) => sum + label, 0);
  const quiet = labels.length - attacked;
  if (attacked === 0 || quiet === 0) return null;
  // As for windows: half way, on the log scale, between the share of attacks and balance.
  const weights = Float64Array.from(labels, (label) => (label === 1 ? Math.sqrt(quiet / attacked) : 1));
  const meta = fitMetaModel(matrixOf(scores.map(rowOf)), labels, { weights, seed });
  return { meta, prior: Math.log(attacked / quiet) / 2 };
}

/** Without a model the margin. */
export function runScore(model: RunModel | null, scores: CaseScores): number {
  return model === null ? scores.margin : metaScore(model.meta, rowOf(scores)) - model.prior;
}

function rowOf({ window, calls, read }: CaseScores): Float64Array {
  return Float64Array.of(window, calls, read);
}

function highest(known: number, value: number): number {
  return value <= known || Number.isNaN(value) ? known : value;
}
