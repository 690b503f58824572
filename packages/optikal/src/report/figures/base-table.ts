/** Every base scorer alone, its weight, and what it adds: average precision of the ensemble, less that of the ensemble without it. */
import { type Interval, type MetaModel, metaScore } from '@optikal/ml';
import { headline } from '../../training/measure.ts';
import { everyRow, finite, intervalOf, rankingOf } from '../../training/ranking.ts';
import type { BaseMargins, Judged } from './judged.ts';
import { isMissing, type Part } from './part.ts';

export interface BaseLine {
  readonly name: string;
  /** false: it failed its trial, and has no weight. */
  readonly kept: boolean;
  /** What one standard deviation of its score is worth in the margin; null where the mean is taken. */
  readonly weight: number | null;
  /** Alone; null where its margins are not known. */
  readonly auroc: number | null;
  readonly averagePrecision: number | null;
  /** Average precision that it adds to the others; of a failed trial, what the trial found. null where it is the only one. */
  readonly gain: number | null;
  readonly interval: Interval | null;
}

const RESAMPLES = 100;

export function baseTable({ samples, bases, unitOf, seed }: Judged): Part<readonly BaseLine[]> {
  if (isMissing(bases)) return bases;
  const { margins, meta, trials } = bases;
  const kept = samples.flatMap((sample, i) => (headline(sample) ? [i] : []));
  const labels = Uint8Array.from(kept, (i) => (samples[i]!.label === 2 ? 1 : 0));
  const groups = kept.map((i) => unitOf(samples[i]!));
  const all = everyRow(kept.length);
  const rank = (scoreOf: (sample: number) => number) => rankingOf(finite(Float64Array.from(kept, scoreOf)), labels);
  const together = rank((i) => marginOf(margins, meta, i));
  const failed = new Map(trials.filter((trial) => !trial.kept).map((trial) => [trial.name, trial]));
  const lines = margins.map((base, k): BaseLine => {
    const alone = rank((i) => base.margins[i]!);
    const weight = meta === null ? null : meta.weights[k]!;
    const line = { name: base.name, weight, auroc: alone.auroc(all), averagePrecision: alone.averagePrecision(all) };
    const trial = failed.get(base.name);
    if (trial !== undefined) return { ...line, kept: false, gain: trial.gain, interval: trial.interval };
    if (margins.length === 1) return { ...line, kept: true, gain: null, interval: null };
    const without = rank((i) => marginOf(margins, meta, i, k));
    const gainOf = (counts: ArrayLike<number>) => together.averagePrecision(counts) - without.averagePrecision(counts);
    return { ...line, kept: true, gain: gainOf(all), interval: intervalOf(groups, gainOf, RESAMPLES, seed) };
  });
  const unknown = [...failed.values()].filter(({ name }) => !margins.some((base) => base.name === name));
  return [
    ...lines,
    ...unknown.map(({ name, gain, interval }) => ({ name, kept: false, weight: 0, auroc: null, averagePrecision: null, gain, interval })),
  ];
}

/** As `judge` takes it, one base left out where it is asked for; −Infinity where none has anything to score. */
export function marginOf(bases: readonly BaseMargins[], meta: MetaModel | null, sample: number, without = -1): number {
  const row = bases.map(({ margins }, k) => (k === without || !Number.isFinite(margins[sample]) ? Number.NaN : margins[sample]!));
  const known = row.filter((margin) => !Number.isNaN(margin));
  if (known.length === 0) return Number.NEGATIVE_INFINITY;
  return meta === null ? known.reduce((sum, margin) => sum + margin, 0) / known.length : metaScore(meta, row);
}
