/** The windows of a fleet as training rows, in the order in which they closed. */
import type { Threat } from '@optikal/contracts';
import type { Row } from '../detection/features/columns.ts';
import type { Step } from '../detection/steps.ts';

export interface WindowSample {
  /** `tenant|agent` */
  readonly key: string;
  readonly role: string | null;
  readonly startMs: number;
  readonly row: Row;
  readonly callRows: readonly Row[];
  /** Steps of the agent's last windows, oldest first, this one's last; samples of an agent share them. */
  readonly sequence: readonly Step[];
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
export type FitSample = Pick<WindowSample, 'row' | 'callRows' | 'sequence' | 'callLabels' | 'label' | 'threat' | 'exclude'>;

export interface Dataset {
  readonly samples: readonly WindowSample[];
  /** Event time covered, in days. */
  readonly days: number;
  readonly agents: number;
  readonly labelled: boolean;
}
