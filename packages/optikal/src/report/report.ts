/** The three reports there are, as JSON: the page embeds one, `--json` prints it. */
import type { Baselines, Measured } from '../training/measure.ts';
import type { ProtocolResult } from '../training/protocol.ts';
import type { ReportFigures } from './figures/report-figures.ts';

/** A bundle against labelled data that it has not seen. */
export interface EvaluationReport extends ReportFigures {
  /** Data without attacks, or with nothing else, is refused. */
  readonly measured: Measured;
  readonly baselines: Baselines;
  readonly kind: 'evaluation';
  readonly source: string;
  readonly fingerprint: string;
}

/** What `train` made, by its out-of-fold margins. */
export interface TrainingReport extends ReportFigures {
  readonly kind: 'training';
  readonly source: string;
  readonly fingerprint: string;
  readonly seed: string;
}

/** The learning protocol on recorded agents. */
export interface ProtocolReport {
  readonly kind: 'protocol';
  readonly source: string;
  readonly seed: string;
  readonly runs: readonly (ProtocolResult & { readonly figures: ReportFigures })[];
  /** AUROC where labels were permuted within groups; null = not asked for. */
  readonly permuted: { readonly permutations: number; readonly mean: number; readonly values: readonly number[] } | null;
}

export type Report = EvaluationReport | TrainingReport | ProtocolReport;
