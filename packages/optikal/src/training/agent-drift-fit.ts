/** Fits the detector of another model under an agent's name on sessions of which the models are known. */
import { scan } from '../detection/agent-drift/scan.ts';
import type { DriftSession } from './agent-drift-sessions.ts';

/** Margin of a change among these tasks, oldest first; −∞ where they are too few. Higher = more surely changed. */
export type DriftScorer = (tasks: readonly Float64Array[]) => number;

export interface FittedDrift {
  readonly scorer: DriftScorer;
  /** Margin after each task of each training session, from a fit that had not seen it: what a threshold is set on. */
  readonly trainPaths: readonly Float64Array[];
}

export function fitDriftScorer(train: readonly DriftSession[], _seed: string): FittedDrift {
  const scorer: DriftScorer = (tasks) => {
    const { peaks, change } = scan(tasks);
    return change < 0 ? Number.NEGATIVE_INFINITY : peaks.reduce((a, b) => Math.max(a, b), 0);
  };
  const trainPaths = train.map(({ tasks }) => {
    const values = tasks.map((task) => task.values);
    return Float64Array.from(values, (_, i) => scorer(values.slice(0, i + 1)));
  });
  return { scorer, trainPaths };
}
