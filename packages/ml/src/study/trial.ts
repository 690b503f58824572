/** A trial as it is recorded: what was tried, what came of it. */
import type { Distribution } from './space.ts';

export type TrialState = 'running' | 'complete' | 'pruned' | 'failed';

export interface RecordedParameter {
  readonly distribution: Distribution;
  /** The value itself, of a choice its index. */
  readonly internal: number;
}

/** Grows while the trial runs; afterwards it stays as it is. */
export interface TrialRecord {
  /** From 0, in the order of asking. */
  readonly number: number;
  state: TrialState;
  /** Of a complete trial what its objective returned, of a pruned one the last reported value, else null. */
  value: number | null;
  readonly parameters: Map<string, RecordedParameter>;
  /** Reported values by step. */
  readonly reports: Map<number, number>;
  /** Value of each rung of successive halving that it reached. */
  readonly rungs: number[];
}

export function newTrial(number: number): TrialRecord {
  return { number, state: 'running', value: null, parameters: new Map(), reports: new Map(), rungs: [] };
}

/** The last step that a value was reported for; null = none. */
export function lastStep({ reports }: TrialRecord): number | null {
  return reports.size === 0 ? null : Math.max(...reports.keys());
}
