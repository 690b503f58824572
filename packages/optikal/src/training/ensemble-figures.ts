/** What each base is worth alone beside the ensemble, and whether the ensemble is behind its best base anywhere: by threat and intensity. */
import { THREATS, type Threat } from '@optikal/contracts';
import type { Interval } from '@optikal/ml';
import type { WindowSample } from './dataset.ts';
import type { UnitOf } from './folds.ts';
import { headline, thinnedRows } from './measure.ts';
import { everyRow, finite, intervalOf, rankingOf } from './ranking.ts';

export interface NamedMargins {
  readonly name: string;
  /** One a sample; NaN where it had nothing to score. */
  readonly margins: Float64Array;
}

export interface BaseFigures {
  /** A base, or `ensemble`. */
  readonly name: string;
  readonly auroc: number;
  readonly averagePrecision: number;
  /** Of windows, at one false alarm in a hundred quiet ones. */
  readonly recallAtFpr1: number;
}

export interface GainCell {
  /** null = all threats. */
  readonly threat: Threat | null;
  readonly intensity: string | null;
  /** Attack windows. */
  readonly windows: number;
  /** AUROC against all quiet windows. */
  readonly ensemble: number;
  readonly best: { readonly name: string; readonly auroc: number };
  /** AUROC of the ensemble, less that of its best base. */
  readonly gain: number;
  /** Over whole units; null where there are fewer than two. */
  readonly interval: Interval | null;
}

const RESAMPLES = 100;
/** Of the quiet windows every n-th is taken beyond it: an interval over a hundred resamples of more would cost seconds. */
const MOST_WINDOWS = 4000;
const FPR = 0.01;

/** Every base, then the ensemble; `margins` out-of-fold. Empty where one class only is there. */
export function baseFigures(samples: readonly WindowSample[], all: readonly NamedMargins[]): BaseFigures[] {
  const kept = samples.flatMap((sample, i) => (headline(sample) ? [i] : []));
  const labels = Uint8Array.from(kept, (i) => (samples[i]!.label === 2 ? 1 : 0));
  if (!labels.includes(0) || !labels.includes(1)) return [];
  const every = everyRow(kept.length);
  return all.map(({ name, margins }) => {
    const ranking = rankingOf(finite(Float64Array.from(kept, (i) => margins[i]!)), labels);
    return {
      name,
      auroc: ranking.auroc(every),
      averagePrecision: ranking.averagePrecision(every),
      recallAtFpr1: ranking.recallAtFpr(every, FPR),
    };
  });
}

/** The ensemble less its best base in each cell that has attack windows. The best is chosen on the very windows it is judged on: its luck counts. */
export function gainCells(
  samples: readonly WindowSample[],
  margins: Float64Array,
  bases: readonly NamedMargins[],
  unitOf: UnitOf,
  seed: string,
): GainCell[] {
  const sure = samples.flatMap((sample, i) => (headline(sample) ? [i] : []));
  const kept = thinnedRows(
    sure.map((i) => samples[i]!),
    MOST_WINDOWS,
  ).map((j) => sure[j]!);
  const rows = kept.map((i) => samples[i]!);
  const labels = Uint8Array.from(rows, ({ label }) => (label === 2 ? 1 : 0));
  if (!labels.includes(0) || !labels.includes(1)) return [];
  const ranked = (of: Float64Array) => rankingOf(finite(Float64Array.from(kept, (i) => of[i]!)), labels);
  const ensemble = ranked(margins);
  const ranks = bases.map(({ name, margins: own }) => ({ name, ranking: ranked(own) }));
  const groups = rows.map(unitOf);
  return cellsOf(rows).map((cell): GainCell => {
    const inCell = Uint8Array.from(rows, (sample) => (sample.label === 0 || matches(sample, cell) ? 1 : 0));
    const alone = ranks.map(({ name, ranking }) => ({ name, ranking, auroc: ranking.auroc(inCell) }));
    const best = alone.reduce((a, b) => (b.auroc > a.auroc ? b : a));
    const counts = new Uint16Array(rows.length);
    const gainOf = (drawn: ArrayLike<number>) => {
      for (let i = 0; i < counts.length; i++) counts[i] = drawn[i]! * inCell[i]!;
      return ensemble.auroc(counts) - best.ranking.auroc(counts);
    };
    return {
      ...cell,
      windows: rows.filter((sample) => sample.label === 2 && matches(sample, cell)).length,
      ensemble: ensemble.auroc(inCell),
      best: { name: best.name, auroc: best.auroc },
      gain: gainOf(everyRow(rows.length)),
      interval: intervalOf(groups, gainOf, RESAMPLES, seed),
    };
  });
}

type Cell = Pick<GainCell, 'threat' | 'intensity'>;

function cellsOf(rows: readonly WindowSample[]): Cell[] {
  const attacks = rows.filter(({ label }) => label === 2);
  const intensities = [...new Set(attacks.flatMap(({ intensity }) => intensity ?? []))].sort();
  return [null, ...THREATS]
    .flatMap((threat) => [null, ...intensities].map((intensity) => ({ threat, intensity })))
    .filter((cell) => attacks.some((sample) => matches(sample, cell)));
}

function matches(sample: WindowSample, { threat, intensity }: Cell): boolean {
  return (threat === null || sample.threat === threat) && (intensity === null || sample.intensity === intensity);
}
