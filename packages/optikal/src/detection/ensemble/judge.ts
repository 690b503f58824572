/**
 * N base scorers behind one contract: each gives a margin, standardised by its out-of-fold mean and spread; the meta-model makes one margin of
 * them, knowing which had nothing to score (a window without calls has no per-call score). Without a meta-model (no labels to fit it on, or a
 * bundle of format 1) it is the mean over those that had. The per-call scorer takes the maximum over calls.
 */
import { type MetaModel, metaScore } from '@optikal/ml';
import type { Row } from '../features/columns.ts';
import { passingValues, type Step } from '../steps.ts';
import type { BaseModel, ScorerOn, SequenceBase } from './bundle.ts';
import { type Combining, metaFor } from './planes.ts';

/** The rows that an ensemble judges; `Analysis` is one. */
export interface Rows {
  readonly row: Row;
  readonly callRows: readonly Row[];
  readonly sequence: readonly Step[];
}

/** What judges; a `Bundle` is one. */
export interface Ensemble extends Combining {
  readonly bases: readonly BaseModel[];
}

export interface BaseMargin {
  readonly name: string;
  /** Standardised: 0 = the mean of the training windows, 1 = one standard deviation above; null = nothing to score. */
  readonly margin: number | null;
}

export interface Judgement {
  readonly margin: number;
  readonly bases: readonly BaseMargin[];
  /** Index of the call with the highest per-call score; −1 without calls. */
  readonly topCall: number;
}

/** The base that judges sequences; a bundle has one at most. */
export function sequenceBaseOf(bases: readonly BaseModel[]): SequenceBase | null {
  return bases.find((base) => base.on === 'sequence') ?? null;
}

/** The raw score of one base; NaN where it has nothing to score. `topCall` is the index of the call that gave it. */
export function baseScore(base: ScorerOn, rows: Rows): { readonly score: number; readonly topCall: number } {
  if (base.on === 'sequence')
    return { score: rows.sequence.length === 0 ? Number.NaN : base.scorer.score(passingValues(rows.sequence)), topCall: -1 };
  if (base.on === 'window') return { score: base.scorer.score(rows.row), topCall: -1 };
  let score = Number.NaN;
  let topCall = -1;
  for (let i = 0; i < rows.callRows.length; i++) {
    const found = base.scorer.score(rows.callRows[i]!);
    if (!(found <= score)) {
      score = found;
      topCall = i;
    }
  }
  return { score, topCall };
}

export function judge(ensemble: Ensemble, rows: Rows): Judgement {
  const { bases } = ensemble;
  const margins: BaseMargin[] = [];
  let topCall = -1;
  for (const base of bases) {
    const found = baseScore(base, rows);
    if (base.on === 'call') topCall = found.topCall;
    margins.push({ name: base.name, margin: Number.isNaN(found.score) ? null : (found.score - base.mean) / base.sd });
  }
  return { margin: combine(metaFor(ensemble, rows.row), margins), bases: margins, topCall };
}

/** −∞ where no base had anything to score. */
export function combine(meta: MetaModel | null, margins: readonly BaseMargin[]): number {
  let sum = 0;
  let available = 0;
  for (const { margin } of margins) {
    if (margin === null) continue;
    sum += margin;
    available++;
  }
  if (available === 0) return Number.NEGATIVE_INFINITY;
  if (meta === null) return sum / available;
  return metaScore(
    meta,
    margins.map(({ margin }) => margin ?? Number.NaN),
  );
}
