/** The ensemble and the baselines as judges of the same windows, the baselines at the ensemble's number of false alarms. */
import { FEATURE_SETS } from '@optikal/contracts';
import { recallAtFpr } from '@optikal/ml';
import { type Baselines, headline } from '../../training/measure.ts';
import { finite } from '../../training/ranking.ts';
import type { Judge, Judged } from './judged.ts';

export interface Judges {
  readonly ensemble: Judge;
  /** Best single feature, then the number of calls. Empty where the data has no labels to choose a threshold on. */
  readonly rivals: readonly Judge[];
}

export function judgesOf(judged: Judged, baselines: Baselines | null): Judges {
  const { samples, thresholds } = judged;
  const scores = finite(judged.margins);
  const ensemble: Judge = { name: 'ensemble', scores, alerts: Uint8Array.from(scores, (score, i) => (score >= thresholds[i]! ? 1 : 0)) };
  if (baselines === null) return { ensemble, rivals: [] };
  const kept = samples.flatMap((sample, i) => (headline(sample) ? [i] : []));
  const labels = kept.map((i) => (samples[i]!.label === 2 ? 1 : 0));
  const benign = kept.filter((i) => samples[i]!.label === 0);
  const fpr = benign.filter((i) => ensemble.alerts[i] === 1).length / benign.length;
  const rival = (name: string, own: Float64Array): Judge => {
    const { threshold } = recallAtFpr(
      kept.map((i) => own[i]!),
      labels,
      fpr,
    );
    return { name, scores: own, alerts: Uint8Array.from(own, (score) => (score >= threshold ? 1 : 0)) };
  };
  const { name, direction } = baselines.bestFeature;
  const column = FEATURE_SETS.fused1.findIndex((feature) => feature.name === name);
  return {
    ensemble,
    rivals: [
      rival(`best single feature (${name})`, featureScores(judged, column, direction)),
      rival(
        'number of calls',
        Float64Array.from(samples, ({ callRows }) => callRows.length),
      ),
    ],
  };
}

/** Higher = more of an attack; a window in which the feature was not observed ranks last. */
export function featureScores({ samples }: Pick<Judged, 'samples'>, column: number, direction: 1 | -1): Float64Array {
  return finite(samples.map(({ row }) => direction * row[column]!));
}
