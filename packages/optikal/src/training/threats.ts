/**
 * Which threat a window is, given that it is one: a forest fitted on attack windows alone, in which all threats weigh the same and which tells
 * out of bag how often it is wrong.
 */
import { FEATURE_SETS, THREATS, type Threat } from '@optikal/contracts';
import { type ClassScorer, fitRandomForest } from '@optikal/ml';
import type { ThreatModel } from '../detection/ensemble/threat.ts';
import type { FitSample, WindowSample } from './dataset.ts';
import type { FitPlan } from './jobs.ts';

/** What its trees say of windows that they did not see. */
export interface OutOfBagFigures {
  /** Attack windows. */
  readonly windows: number;
  /** Share of them that got another name. */
  readonly error: number;
  /** Windows by threat and by the name they got: threat i named j at i · threats + j. */
  readonly confusion: readonly number[];
}

export interface FittedThreats {
  readonly kind: 'threats';
  readonly forest: ClassScorer;
  readonly outOfBag: OutOfBagFigures;
}

export interface Threats {
  /** null where the data holds too few windows of at least two threats. */
  readonly model: ThreatModel | null;
  readonly report: { readonly kind: 'forest'; readonly threats: readonly Threat[]; readonly outOfBag: OutOfBagFigures } | null;
}

const LEAST_WINDOWS = 10;
/** More columns a split than usual: most are silent in a window of one threat. */
const FOREST = { treeCount: 120, columnsPerSplit: 30, minDataInLeaf: 3 } as const;

/** Threats with too few windows are not in the forest, and it does not learn from them. */
export function planThreats(samples: readonly WindowSample[], seed: string): FitPlan<Threats> {
  const attacks = samples.flatMap((sample, i) => (sample.label === 2 && !sample.exclude ? [i] : []));
  const threats = THREATS.filter((threat) => attacks.filter((i) => samples[i]!.threat === threat).length >= LEAST_WINDOWS);
  if (threats.length < 2) return { jobs: [], finish: () => ({ model: null, report: null }) };
  const rows = Int32Array.from(attacks.filter((i) => threats.some((threat) => threat === samples[i]!.threat)));
  return {
    jobs: [{ rows, stopping: null, model: { threats }, seed: `${seed}:threats` }],
    finish: ([fitted]) => {
      if (fitted?.kind !== 'threats') throw new TypeError('expected the forest of its job');
      const { forest, outOfBag } = fitted as FittedThreats; // its kind is no other model's
      return { model: { kind: 'forest', threats, forest }, report: { kind: 'forest', threats, outOfBag } };
    },
  };
}

/** Attack windows of these threats, each told apart from the others. */
export function fitThreats(samples: readonly FitSample[], threats: readonly Threat[], seed: string): FittedThreats {
  const width = FEATURE_SETS.fused1.length;
  const values = new Float64Array(samples.length * width);
  samples.forEach(({ row }, r) => {
    values.set(row, r * width);
  });
  const labels = Uint8Array.from(samples, ({ threat }) => (threat === null ? -1 : threats.indexOf(threat)));
  const options = { ...FOREST, classCount: threats.length, seed };
  const { forest, outOfBag } = fitRandomForest({ rows: samples.length, cols: width, values }, labels, options);
  const { rowCount, error, confusion } = outOfBag;
  return { kind: 'threats', forest, outOfBag: { windows: rowCount, error, confusion: [...confusion] } };
}
