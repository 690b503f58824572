/** A base on sequences that says what a test wants it to say, about each feature of the present window and of every window before. */
import { FEATURE_SETS } from '@optikal/contracts';
import type { Lstm } from '@optikal/ml';
import type { SequenceBase } from '../ensemble/bundle.ts';

const STEP = FEATURE_SETS.step1;

export interface Saying {
  readonly now: Readonly<Record<string, number>>;
  /** The same of each window before. */
  readonly before: Readonly<Record<string, number>>;
  readonly residual: number;
  readonly baseValue: number;
}

export function sequenceSays({ now, before, residual, baseValue }: Saying): SequenceBase {
  const explain = (values: Float64Array) => {
    const steps = values.length / STEP.length;
    const attributions = new Float64Array(values.length);
    for (let t = 0; t < steps; t++)
      STEP.forEach(({ name }, i) => {
        attributions[t * STEP.length + i] = (t === steps - 1 ? now : before)[name] ?? 0;
      });
    return { baseValue, attributions, residual };
  };
  const score = (values: Float64Array) => explain(values).attributions.reduce((sum, share) => sum + share, baseValue + residual);
  const even = (values: Float64Array) => new Float64Array(values.length / STEP.length).fill(STEP.length / values.length);
  const scorer = {
    kind: 'lstm',
    featureCount: STEP.length,
    steps: 10,
    score,
    explain,
    predictWithBoth: (values: Float64Array) => ({ margin: score(values), mean: 0.5, spread: 0.1, attention: even(values) }),
  };
  return { name: 'lstm', on: 'sequence', scorer: scorer as unknown as Lstm, mean: 0, sd: 1 }; // all that the detector asks of one
}
