/** What a report is made of: windows, what the ensemble gave them, and what is known beside. Pure data and functions of it. */
import type { Threat } from '@optikal/contracts';
import type { MetaModel } from '@optikal/ml';
import type { WindowSample } from '../../training/dataset.ts';
import type { Trial } from '../../training/stack.ts';
import type { Part } from './part.ts';

/** A call that serves an attack. */
export interface AttackCall {
  readonly atMs: number;
  readonly tool: string;
}

export interface BaseMargins {
  readonly name: string;
  /** Standardised, by sample; NaN where it had nothing to score. */
  readonly margins: ArrayLike<number>;
}

export interface Judged {
  readonly samples: readonly WindowSample[];
  /** By sample; not finite where no base had anything to score. */
  readonly margins: ArrayLike<number>;
  /** By sample: an alert where margin ≥ threshold. By the planes of the window for a bundle; by group in the learning protocol. */
  readonly thresholds: ArrayLike<number>;
  /** Where the threshold comes from, in words. */
  readonly asked: string;
  /** Windows of one unit are resampled together, and never stand on both sides of a split. */
  readonly unitOf: (sample: WindowSample) => string;
  readonly days: number;
  readonly agents: number;
  readonly seed: string;
  /** false: this is why most figures are missing. */
  readonly labelled: boolean;
  /** Recorded agents were not recorded with their times: delays and rates a day would be those of a clock that was made up. */
  readonly surrogateClock: boolean;
  /** By sample, at the share of attacks in this data. */
  readonly probabilities: Part<Float64Array>;
  readonly named: Part<(sample: number) => Threat>;
  /** `meta` has a weight for each of `margins`; null = their mean is the margin. */
  readonly bases: Part<{ readonly margins: readonly BaseMargins[]; readonly meta: MetaModel | null; readonly trials: readonly Trial[] }>;
  readonly sequence: Part<SequenceSaid>;
  /** How a margin becomes a probability; null = not known, or more than one way. */
  readonly calibrator: 'platt' | 'beta' | null;
  /** Calls of a window that serve an attack, in order of time. */
  readonly attackCalls: (sample: number) => readonly AttackCall[];
  /** What the detector saw in a window, strongest first, in words. */
  readonly reasons: Part<(sample: number) => readonly string[]>;
}

/** What a sequence model that has not seen these windows says of them. By sample. */
export interface SequenceSaid {
  /** Log-odds, and the standard deviation of the probability over dropout passes. NaN where it had nothing to score. */
  readonly margins: ArrayLike<number>;
  readonly spreads: ArrayLike<number>;
  /** Weights of the last windows of the same agent, oldest first, this one last. */
  readonly attention: (sample: number) => ArrayLike<number>;
}

/** One way of judging every window: the ensemble, or a baseline at the same number of false alarms. */
export interface Judge {
  readonly name: string;
  readonly scores: Float64Array;
  readonly alerts: Uint8Array;
}
