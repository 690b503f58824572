/** `evaluate` with a bundle: the bundle against labelled data it has not seen. */
import type { AlertAttribution } from '@optikal/contracts';
import { attributionLines } from '../detection/ensemble/alert.ts';
import { attribute } from '../detection/ensemble/attribute.ts';
import type { Bundle } from '../detection/ensemble/bundle.ts';
import { judge, sequenceBaseOf } from '../detection/ensemble/judge.ts';
import { probabilityFor, thresholdFor } from '../detection/ensemble/planes.ts';
import { nameThreat } from '../detection/ensemble/threat.ts';
import { sequenceValues } from '../detection/steps.ts';
import { type EvaluationReport, isMissing, type Part, reportFigures, type SequenceSaid } from '../report/index.ts';
import type { WindowSample } from '../training/dataset.ts';
import { headline } from '../training/measure.ts';
import { noteAttackCalls } from './attack-calls.ts';
import type { DataSource } from './data-source.ts';
import { ServiceError } from './errors.ts';
import { extractSource, unitOf } from './train.ts';

/** Reasons as people read them. */
export type ReasonWords = (lines: readonly AlertAttribution[]) => readonly string[];

export interface EvaluateOptions {
  readonly threshold: number;
  /** Where the threshold comes from, in words. */
  readonly asked: string;
  readonly words: ReasonWords;
  readonly progress?: (done: number, total: number) => void;
}

/** Errors: no_truth; those of the source. */
export function evaluateBundle(bundle: Bundle, source: DataSource, options: EvaluateOptions): EvaluationReport {
  if (source.truth === null)
    throw new ServiceError('no_truth', 'expected truth.jsonl beside events.jsonl: without labels there is nothing to measure against');
  const noted = noteAttackCalls(source);
  const { dataset } = extractSource(noted.source, bundle.tools, options.progress, bundle);
  const { samples } = dataset;
  const kept = samples.filter(headline);
  const acted = kept.filter(({ label }) => label === 2).length;
  const oneClass = () => new ServiceError('no_truth', `expected attacked and quiet windows, found ${acted} and ${kept.length - acted}`);
  if (acted === 0 || acted === kept.length) throw oneClass();
  const judgements = samples.map((sample) => judge(bundle, sample));
  const margins = Float64Array.from(judgements, ({ margin }) => margin);
  const { measured, baselines, ...figures } = reportFigures({
    samples,
    margins,
    thresholds: Float64Array.from(samples, ({ row }) => thresholdFor(bundle, options.threshold, row)),
    asked: options.asked,
    unitOf: unitOf(source),
    days: dataset.days,
    agents: dataset.agents,
    seed: bundle.fingerprint,
    labelled: true,
    surrogateClock: source.metaOf !== null,
    probabilities: margins.map((margin, i) =>
      Number.isFinite(margin) ? probabilityFor(bundle, margin, samples[i]!.row, acted / kept.length) : Number.NaN,
    ),
    named:
      bundle.threats === null
        ? { missing: 'The bundle holds no model of threats: its training data had too few windows of at least two threats.' }
        : (i) => nameThreat(bundle, samples[i]!.row).threatType,
    bases: {
      margins: bundle.bases.map(({ name }, k) => ({
        name,
        margins: Float64Array.from(judgements, ({ bases }) => bases[k]!.margin ?? Number.NaN),
      })),
      meta: bundle.meta,
      trials: [],
    },
    sequence: sequenceSaid(bundle, samples),
    calibrator: bundle.calibration.kind ?? 'platt',
    attackCalls: (i) => noted.callsOf(samples[i]!),
    reasons: reasonsBy(bundle, samples, options.words),
  });
  if (isMissing(measured) || isMissing(baselines)) throw oneClass();
  return { kind: 'evaluation', source: source.description, fingerprint: bundle.fingerprint, ...figures, measured, baselines };
}

/** As `viewSequence` says it of an alert: the same masks. */
function sequenceSaid({ bases }: Bundle, samples: readonly WindowSample[]): Part<SequenceSaid> {
  const base = sequenceBaseOf(bases);
  if (base === null) return { missing: 'The bundle has no sequence model.' };
  const spreads = new Float64Array(samples.length).fill(Number.NaN);
  const margins = new Float64Array(samples.length).fill(Number.NaN);
  samples.forEach(({ sequence, key, startMs }, i) => {
    if (sequence.length === 0) return;
    const said = base.scorer.predictWithUncertainty(sequenceValues(sequence), { passes: 50, seed: `${key}|${startMs}` });
    spreads[i] = said.spread;
    margins[i] = said.margin;
  });
  const attention = (i: number) => {
    const { sequence } = samples[i]!;
    return sequence.length === 0 ? [] : base.scorer.predictWithAttention(sequenceValues(sequence)).attention;
  };
  return { margins, spreads, attention };
}

/** What a bundle says of a window, as an alert would. */
export function reasonsBy(bundle: Bundle, samples: readonly WindowSample[], words: ReasonWords): (sample: number) => readonly string[] {
  return (i) => {
    const sample = samples[i]!;
    return words(attributionLines(attribute(bundle, sample, judge(bundle, sample), sample.role).reasons));
  };
}
