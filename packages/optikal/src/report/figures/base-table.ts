/** Every base scorer alone, and what it adds: average precision of all bases, less that of all others. */
import type { Interval } from '@optikal/ml';
import { headline } from '../../training/measure.ts';
import { everyRow, finite, intervalOf, rankingOf } from '../../training/ranking.ts';
import type { BaseMargins, Judged } from './judged.ts';
import { isMissing, type Part } from './part.ts';

export interface BaseLine {
  readonly name: string;
  readonly kept: boolean;
  /** Alone; null for a base that was left out after its trial: its margins were not kept. */
  readonly auroc: number | null;
  readonly averagePrecision: number | null;
  /** Average precision that it adds to the others. null where it is the only one. */
  readonly gain: number | null;
  readonly interval: Interval | null;
}

const RESAMPLES = 100;

export function baseTable({ samples, bases, unitOf, seed }: Judged): Part<readonly BaseLine[]> {
  if (isMissing(bases)) return bases;
  const kept = samples.flatMap((sample, i) => (headline(sample) ? [i] : []));
  const labels = Uint8Array.from(kept, (i) => (samples[i]!.label === 2 ? 1 : 0));
  const groups = kept.map((i) => unitOf(samples[i]!));
  const all = everyRow(kept.length);
  const rank = (of: readonly BaseMargins[]) => rankingOf(finite(Float64Array.from(kept, (i) => meanMargin(of, i))), labels);
  const together = rank(bases.margins);
  const lines = bases.margins.map((base): BaseLine => {
    const alone = rank([base]);
    const others = bases.margins.filter((other) => other !== base);
    const line = { name: base.name, kept: true, auroc: alone.auroc(all), averagePrecision: alone.averagePrecision(all) };
    if (others.length === 0) return { ...line, gain: null, interval: null };
    const without = rank(others);
    const gainOf = (counts: ArrayLike<number>) => together.averagePrecision(counts) - without.averagePrecision(counts);
    return { ...line, gain: gainOf(all), interval: intervalOf(groups, gainOf, RESAMPLES, seed) };
  });
  const left = bases.trials.filter((trial) => !trial.kept);
  return [
    ...lines,
    ...left.map(({ name, gain, interval }) => ({ name, kept: false, auroc: null, averagePrecision: null, gain, interval })),
  ];
}

/** As `judge` takes it: the mean over the bases that have something to score; −Infinity where none has. */
export function meanMargin(bases: readonly BaseMargins[], sample: number): number {
  const known = bases.map(({ margins }) => margins[sample]!).filter((margin) => Number.isFinite(margin));
  return known.length === 0 ? Number.NEGATIVE_INFINITY : known.reduce((sum, margin) => sum + margin, 0) / known.length;
}
