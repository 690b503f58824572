/**
 * The head that tells who acted on a hostile text from who read and ignored it: the same bases as attacks against quiet windows have, fitted on
 * windows with an attacker's call (label 2) against those in which the text was read only (label 1).
 */
import { fitCalibration } from '@optikal/ml';
import type { ActedHead } from '../detection/ensemble/acted.ts';
import type { BaseModel, RowBase } from '../detection/ensemble/bundle.ts';
import { ACTED_SPECS } from './bases.ts';
import type { WindowSample } from './dataset.ts';
import { type FitJob, type FitPlan, runHere } from './jobs.ts';
import { planStack, type Stack, type StackOptions } from './stack.ts';

export type ActedOptions = Pick<StackOptions, 'unitOf' | 'folds' | 'seed'>;

export interface ActedReport {
  readonly acted: number;
  readonly ignored: number;
  /** Out-of-fold margins and labels of these windows, in their order; 1 = acted. Empty where there is no head. */
  readonly margins: Float64Array;
  readonly labels: Uint8Array;
}

export interface ActedFit {
  /** null where too few windows of either kind, or of two units, are there to learn from. */
  readonly head: ActedHead | null;
  readonly report: ActedReport;
}

/** Fewer windows of either kind say nothing of agents that were not among them. */
const LEAST_WINDOWS = 20;
const CALIBRATION_FOLDS = 5;

/** The head, fitted here and at once. */
export function fitActed(samples: readonly WindowSample[], options: ActedOptions): ActedFit {
  const { jobs, finish } = planActed(samples, options);
  return finish(runHere(samples, jobs));
}

export function planActed(samples: readonly WindowSample[], options: ActedOptions): FitPlan<ActedFit> {
  const exposed = samples.flatMap((sample, i) => (sample.label > 0 && !sample.exclude ? [i] : []));
  // A stack learns 2 against 0.
  const own = exposed.map((i): WindowSample => ({ ...samples[i]!, label: samples[i]!.label === 2 ? 2 : 0 }));
  const labels = Uint8Array.from(own, ({ label }) => (label === 2 ? 1 : 0));
  const acted = labels.reduce((sum, label) => sum + label, 0);
  const counts = { acted, ignored: own.length - acted };
  const none: ActedFit = { head: null, report: { ...counts, margins: new Float64Array(0), labels: new Uint8Array(0) } };
  const units = [0, 2].map((label) => new Set(own.filter((sample) => sample.label === label).map(options.unitOf)).size);
  if (Math.min(counts.acted, counts.ignored) < LEAST_WINDOWS || Math.min(...units) < 2) return { jobs: [], finish: () => none };
  const stack = planStack(own, { ...options, seed: `${options.seed}:acted`, specs: ACTED_SPECS });
  const inAll = ({ rows, ...job }: FitJob): FitJob => ({
    ...job,
    rows: rows === null ? Int32Array.from(exposed) : rows.map((i) => exposed[i]!),
  });
  return {
    jobs: stack.jobs.map(inAll),
    finish: (models) => {
      const fitted = stack.finish(models);
      const head = headOf(fitted, own, labels, options);
      return head === null ? none : { head, report: { ...counts, margins: fitted.margins, labels } };
    },
  };
}

function headOf({ bases, meta, margins }: Stack, own: readonly WindowSample[], labels: Uint8Array, { unitOf, seed }: ActedOptions) {
  // Its files are named after the head already.
  const ofRows = bases.filter(isOfRows).map((base) => ({ ...base, name: base.name.replace(/^acted-/, '') }));
  const finite = margins.every((margin) => Number.isFinite(margin));
  if (ofRows.length === 0 || !finite) return null;
  const groups = own.map(unitOf);
  const folds = Math.min(CALIBRATION_FOLDS, new Set(groups).size);
  const { calibration } = fitCalibration(margins, labels, { groups, folds, seed: `${seed}:acted` });
  return { bases: ofRows, meta, calibration } satisfies ActedHead;
}

function isOfRows(base: BaseModel): base is RowBase {
  return base.on !== 'sequence';
}
