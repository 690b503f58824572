/**
 * Which threat a window is, given that it is one: models fitted on attack windows alone. Each threat against the others by boosting, or one
 * forest, in which all threats weigh the same and which tells out of bag how often it is wrong.
 */
import { FEATURE_SETS, THREATS, type Threat } from '@optikal/contracts';
import { type BaseScorer, type ClassScorer, fitRandomForest } from '@optikal/ml';
import type { ThreatModel } from '../detection/ensemble/threat.ts';
import type { FitSample, WindowSample } from './dataset.ts';
import type { FitJob, FitPlan, FittedModels } from './jobs.ts';

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

/** How threats are told apart: each against the others by boosting, or all at once by a forest. */
export type ThreatKind = ThreatModel['kind'];

export interface Threats {
  /** null where the data holds too few windows of at least two threats. */
  readonly model: ThreatModel | null;
  /** Of a forest, out of bag. */
  readonly report: { readonly kind: ThreatKind; readonly threats: readonly Threat[]; readonly outOfBag: OutOfBagFigures | null } | null;
}

const LEAST_WINDOWS = 10;
/** More columns a split than usual: most are silent in a window of one threat. */
const FOREST = { treeCount: 120, columnsPerSplit: 30, minDataInLeaf: 3 } as const;

/** One job a threat, or one for all. Threats with too few windows have no model, and are not learnt from. */
export function planThreats(samples: readonly WindowSample[], seed: string, kind: ThreatKind): FitPlan<Threats> {
  const attacks = samples.flatMap((sample, i) => (sample.label === 2 && !sample.exclude ? [i] : []));
  const threats = THREATS.filter((threat) => attacks.filter((i) => samples[i]!.threat === threat).length >= LEAST_WINDOWS);
  if (threats.length < 2) return { jobs: [], finish: () => ({ model: null, report: null }) };
  const job = { rows: Int32Array.from(attacks), stopping: null };
  if (kind === 'one-vs-rest')
    return {
      jobs: threats.map((threat): FitJob => ({ ...job, model: { threat }, seed: `${seed}:${threat}` })),
      finish: (fitted) => oneVsRest(threats, fitted),
    };
  const own = Int32Array.from(attacks.filter((i) => threats.some((threat) => threat === samples[i]!.threat)));
  return {
    jobs: [{ ...job, rows: own, model: { threats }, seed: `${seed}:threats` }],
    finish: ([fitted]) => {
      if (fitted?.kind !== 'threats') throw new TypeError('expected the forest of its job');
      const { forest, outOfBag } = fitted as FittedThreats; // its kind is no other model's
      return { model: { kind: 'forest', threats, forest }, report: { kind: 'forest', threats, outOfBag } };
    },
  };
}

function oneVsRest(threats: readonly Threat[], fitted: FittedModels): Threats {
  const models = threats.flatMap((threat, i) => {
    const scorer = fitted[i] as BaseScorer | null; // what fitThreat gives
    return scorer === null ? [] : [{ threat, scorer }];
  });
  if (models.length === 0) return { model: null, report: null };
  return {
    model: { kind: 'one-vs-rest', models },
    report: { kind: 'one-vs-rest', threats: models.map(({ threat }) => threat), outOfBag: null },
  };
}

/** Attack windows of these threats, each told apart from the others. */
export function fitThreats(samples: readonly FitSample[], threats: readonly Threat[], seed: string): FittedThreats {
  const width = FEATURE_SETS.fused1.length;
  const values = new Float64Array(samples.length * width);
  samples.forEach(({ row }, r) => {
    values.set(row, r * width);
  });
  const labels = Uint8Array.from(samples, ({ threat }) => threats.findIndex((known) => known === threat));
  const options = { ...FOREST, classCount: threats.length, seed };
  const { forest, outOfBag } = fitRandomForest({ rows: samples.length, cols: width, values }, labels, options);
  const { rowCount, error, confusion } = outOfBag;
  return { kind: 'threats', forest, outOfBag: { windows: rowCount, error, confusion: [...confusion] } };
}
