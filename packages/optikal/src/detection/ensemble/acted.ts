/**
 * Did the agent act on the hostile text that it read? Another question than whether it was attacked: a model of attacks against quiet windows
 * learns exposure. So there is a head of its own, fitted on windows in which the attacker's call was made against those that read and ignored.
 */
import { type Calibration, calibratedProbability } from '@optikal/ml';
import type { RowBase } from './bundle.ts';
import { type Ensemble, judge, type Rows } from './judge.ts';

/** Below this probability an alert says that the agent read and did not act. */
export const IGNORED_BELOW = 0.5;

export interface ActedHead extends Ensemble {
  /** Over windows and calls, never sequences. */
  readonly bases: readonly RowBase[];
  /** Of acted against ignored, at the share that it was fitted on. */
  readonly calibration: Calibration;
}

export interface ActedJudgement {
  /** Higher = rather acted. */
  readonly margin: number;
  /** That it acted, given that something hostile was read. */
  readonly probability: number;
}

/**
 * What the head says of a window; it means something only where the window, or its tasks before, read something hostile.
 *
 * @example if (bundle.acted !== null) judgeActed(bundle.acted, analysis).probability;
 */
export function judgeActed(head: ActedHead, rows: Rows): ActedJudgement {
  const { margin } = judge(head, rows);
  return { margin, probability: calibratedProbability(head.calibration, margin) };
}
