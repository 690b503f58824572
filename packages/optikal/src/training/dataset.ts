/** The windows of a fleet as training rows, in the order in which they closed. */
import type { Threat } from '@optikal/contracts';
import type { Row } from '../detection/features/columns.ts';

export interface WindowSample {
  /** `tenant|agent` */
  readonly key: string;
  readonly role: string | null;
  readonly startMs: number;
  readonly row: Row;
  readonly callRows: readonly Row[];
  readonly callIds: readonly string[];
  /** 1 = the call serves an attack; same order as callRows. */
  readonly callLabels: readonly (0 | 1)[];
  readonly label: 0 | 1 | 2;
  readonly threat: Threat | null;
  readonly intensity: string | null;
  readonly campaign: string | null;
  /** Leaves the headline: its label is doubtful. */
  readonly exclude: boolean;
}

/** The part of a sample that a model is fitted on. */
export type FitSample = Pick<WindowSample, 'row' | 'callRows' | 'callLabels' | 'label' | 'threat' | 'exclude'>;

export interface Dataset {
  readonly samples: readonly WindowSample[];
  /** Event time covered, in days. */
  readonly days: number;
  readonly agents: number;
  readonly labelled: boolean;
}
