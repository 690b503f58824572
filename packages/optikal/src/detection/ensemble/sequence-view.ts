/**
 * What the sequence model says beside its margin: how sure it is (the spread of the probability over dropout passes, Gal & Ghahramani 2016) and
 * which of the agent's last windows it looked at. Made for alerts only; an archived window gives the same again.
 */

import { sequenceValues } from '../steps.ts';
import type { BaseModel } from './bundle.ts';
import { type Rows, sequenceBaseOf } from './judge.ts';

export interface SequenceView {
  /** Standard deviation of the probability over PASSES dropout passes; 0 = certain, at most 0.5. */
  readonly uncertainty: number;
  /** One weight a window of the sequence, oldest first; they sum to 1. */
  readonly attention: Float64Array;
}

const PASSES = 50;
/** Of numbers in [0, 1]; the estimate of few of them may lie a little above. */
const MOST_SPREAD = 0.5;

/** null where no base judges sequences. The masks depend on tenant, agent and window alone: a replay gives the same spread. */
export function viewSequence(
  bases: readonly BaseModel[],
  { sequence }: Pick<Rows, 'sequence'>,
  { tenant, agent, startMs }: { readonly tenant: string; readonly agent: string; readonly startMs: number },
): SequenceView | null {
  const base = sequenceBaseOf(bases);
  if (base === null) return null;
  const { spread, attention } = base.scorer.predictWithBoth(sequenceValues(sequence), {
    passes: PASSES,
    seed: `${tenant}|${agent}|${startMs}`,
  });
  return { uncertainty: Math.min(MOST_SPREAD, spread), attention };
}
