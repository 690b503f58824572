/** Whether probabilities mean what they say: bins of said against seen, with Wilson intervals, and the Brier skill. */
import { brierScore, brierSkill, wilsonInterval } from '@optikal/ml';
import { headline } from '../../training/measure.ts';
import type { Judged } from './judged.ts';
import { isMissing, type Part } from './part.ts';

export interface Bin {
  readonly count: number;
  readonly said: number;
  readonly seen: number;
  readonly low: number;
  readonly high: number;
}

export interface Calibration {
  readonly bins: readonly Bin[];
  readonly brier: number;
  /** 0 = no better than always saying the share of attacks, which is the baseline; below it worse. */
  readonly skill: number;
  readonly prevalence: number;
  /** How a margin becomes a probability; null = not one way for all windows. */
  readonly method: 'platt' | 'beta' | null;
}

/** Narrow where attacks are rare and most windows lie, wide above. */
const EDGES = [0.01, 0.03, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];
/** A bin with fewer windows says nothing, and joins its neighbour. */
const LEAST_COUNT = 10;

export function calibrationOf({
  samples,
  probabilities,
  calibrator,
}: Pick<Judged, 'samples' | 'probabilities' | 'calibrator'>): Part<Calibration> {
  if (isMissing(probabilities)) return probabilities;
  const kept = samples.flatMap((sample, i) => (headline(sample) && Number.isFinite(probabilities[i]) ? [i] : []));
  const said = kept.map((i) => probabilities[i]!);
  const labels = kept.map((i) => (samples[i]!.label === 2 ? 1 : 0));
  const prevalence = labels.reduce((sum: number, label) => sum + label, 0) / Math.max(1, labels.length);
  if (prevalence === 0 || prevalence === 1) return { missing: 'One class only: there is nothing to hold probabilities against.' };
  return { bins: binsOf(said, labels), brier: brierScore(said, labels), skill: brierSkill(said, labels), prevalence, method: calibrator };
}

export function binsOf(said: readonly number[], labels: readonly number[]): Bin[] {
  const sums = Array.from({ length: EDGES.length + 1 }, () => ({ count: 0, said: 0, ones: 0 }));
  said.forEach((p, i) => {
    const bin = sums[EDGES.filter((edge) => p >= edge).length]!;
    bin.count++;
    bin.said += p;
    bin.ones += labels[i]!;
  });
  const merged: typeof sums = [];
  for (const bin of sums) {
    const last = merged.at(-1);
    if (last !== undefined && last.count < LEAST_COUNT) add(last, bin);
    else merged.push({ ...bin });
  }
  const end = merged.length > 1 && merged.at(-1)!.count < LEAST_COUNT ? merged.pop() : undefined;
  if (end !== undefined) add(merged.at(-1)!, end);
  return merged.map(({ count, said: sum, ones }) => ({ count, said: sum / count, seen: ones / count, ...wilsonInterval(ones, count) }));
}

function add(to: { count: number; said: number; ones: number }, from: { count: number; said: number; ones: number }): void {
  to.count += from.count;
  to.said += from.said;
  to.ones += from.ones;
}
