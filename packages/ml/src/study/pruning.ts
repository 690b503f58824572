/** Whether a running trial should be stopped: the median rule, and asynchronous successive halving. */
import { quantile } from '../metrics/quantile.ts';
import type { ResolvedPruning } from './options.ts';
import { lastStep, type TrialRecord } from './trial.ts';

/** `sign`: 1 to minimise, −1 to maximise. Halving notes on the trial which rungs it reached. */
export function shouldStop(pruning: ResolvedPruning, trial: TrialRecord, trials: readonly TrialRecord[], sign: 1 | -1): boolean {
  const step = lastStep(trial);
  if (pruning === null || step === null) return false;
  return pruning.kind === 'median' ? worseThanMedian(pruning, trial, step, trials, sign) : fallsOut(pruning, trial, step, trials, sign);
}

type Median = Extract<ResolvedPruning, { kind: 'median' }>;
type Halving = Extract<ResolvedPruning, { kind: 'successive_halving' }>;

function worseThanMedian(
  { startupTrials, warmupSteps }: Median,
  { reports }: TrialRecord,
  step: number,
  trials: readonly TrialRecord[],
  sign: 1 | -1,
): boolean {
  const complete = trials.filter(({ state }) => state === 'complete');
  if (complete.length === 0 || complete.length < startupTrials || step < warmupSteps) return false;
  const own = [...reports.values()].map((value) => sign * value).filter((value) => !Number.isNaN(value));
  if (own.length === 0) return true;
  const others = complete.flatMap((other) => other.reports.get(step) ?? []).filter((value) => !Number.isNaN(value));
  if (others.length === 0) return false;
  return (
    Math.min(...own) >
    quantile(
      Float64Array.from(others, (value) => sign * value),
      0.5,
    )
  );
}

function fallsOut(
  { leastSteps, factor }: Halving,
  { reports, rungs }: TrialRecord,
  step: number,
  trials: readonly TrialRecord[],
  sign: 1 | -1,
): boolean {
  const value = reports.get(step)!; // the last step is one of them
  while (step >= leastSteps * factor ** rungs.length) {
    if (Number.isNaN(value)) return true;
    const rung = rungs.length;
    const competing = trials.flatMap((other) => (other.rungs.length > rung ? [sign * other.rungs[rung]!] : []));
    competing.push(sign * value);
    competing.sort((a, b) => a - b);
    rungs.push(value);
    // Nobody is suspended: of the first few the best goes on.
    const lastPromoted = Math.max(0, Math.floor(competing.length / factor) - 1);
    if (sign * value > competing[lastPromoted]!) return true;
  }
  return false;
}
