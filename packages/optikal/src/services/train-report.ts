/** `train` with its report: a bundle as files, and the page that stands beside them without being part of the bundle. */
import { type BundleContent, encodeBundle } from '../detection/ensemble/bundle.ts';
import { probabilityFor, thresholdFor } from '../detection/ensemble/planes.ts';
import { reportFigures, type TrainingReport } from '../report/index.ts';
import { headline } from '../training/measure.ts';
import { marginsOf, type Stack } from '../training/stack.ts';
import { noteAttackCalls } from './attack-calls.ts';
import { writeBundleFiles } from './bundle-files.ts';
import { type ReasonWords, reasonsBy } from './evaluate.ts';
import { pageOf } from './report-file.ts';
import { type TrainOptions, trainBundle, unitOf } from './train.ts';

/** No file of the manifest has this name, so the bundle's reader never looks at it, and its fingerprint does not depend on it. */
export const REPORT_FILE = 'report.html';

const IN_SAMPLE_SEQUENCE =
  'The sequence model was fitted on these very windows: of its errors here nothing can be learnt. An evaluation on other data has this figure.';

export interface Trained {
  readonly content: BundleContent;
  readonly report: TrainingReport;
  readonly fingerprint: string;
  /** Bundle and page, in one step. Errors: those of `writeBundleFiles`. */
  readonly write: (folder: string) => void;
}

export interface ReportWords {
  readonly asked: string;
  readonly reasons: ReasonWords;
}

const NO_LABELS = 'The data has no labelled attacks.';
const IN_SAMPLE =
  'The models that name threats were fitted on these very windows; held against them they would look better than they are. An evaluation on other data has this figure.';

/** Errors: those of trainBundle. */
export async function trainWithReport(options: TrainOptions, words: ReportWords): Promise<Trained> {
  const noted = noteAttackCalls(options.source);
  const seen: Stack[] = [];
  const { content, extraction } = await trainBundle({ ...options, source: noted.source, onOutOfFold: (stack) => seen.push(stack) });
  const { files, fingerprint } = encodeBundle(content);
  const { samples, days, agents } = extraction.dataset;
  const [stack] = seen;
  const margins = stack?.margins ?? marginsOf(content, samples);
  const kept = samples.filter(headline);
  const share = kept.filter(({ label }) => label === 2).length / kept.length;
  const report: TrainingReport = {
    kind: 'training',
    source: options.source.description,
    fingerprint,
    seed: options.seed,
    ...reportFigures({
      samples,
      margins,
      thresholds: Float64Array.from(samples, ({ row }) => thresholdFor(content, content.operatingPoint.threshold, row)),
      asked: words.asked,
      unitOf: unitOf(options.source),
      days,
      agents,
      seed: options.seed,
      labelled: stack !== undefined,
      surrogateClock: options.source.metaOf !== null,
      probabilities:
        stack === undefined
          ? { missing: NO_LABELS }
          : margins.map((margin, i) => (Number.isFinite(margin) ? probabilityFor(content, margin, samples[i]!.row, share) : Number.NaN)),
      named: { missing: IN_SAMPLE },
      bases: stack === undefined ? { missing: NO_LABELS } : { margins: stack.baseMargins, meta: stack.meta, trials: stack.trials },
      sequence: { missing: IN_SAMPLE_SEQUENCE },
      calibrator: stack === undefined ? null : (content.calibration.kind ?? 'platt'),
      attackCalls: (i) => noted.callsOf(samples[i]!),
      reasons: reasonsBy({ ...content, fingerprint }, samples, words.reasons),
    }),
  };
  return { content, report, fingerprint, write: (folder) => writeBundleFiles(folder, new Map([...files, [REPORT_FILE, pageOf(report)]])) };
}
