/**
 * N base scorers behind one contract: each gives a margin, standardised by its out-of-fold mean and spread; the ensemble's margin is the
 * mean over those that are available (a window without calls has no per-call score). The per-call scorer takes the maximum over calls.
 */
import type { Row } from '../features/columns.ts';
import type { BaseModel } from './bundle.ts';

/** The rows that an ensemble judges; `Analysis` is one. */
export interface Rows {
  readonly row: Row;
  readonly callRows: readonly Row[];
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

/** The raw score of one base; NaN where it has nothing to score. `topCall` is the index of the call that gave it. */
export function baseScore(base: Pick<BaseModel, 'on' | 'scorer'>, rows: Rows): { readonly score: number; readonly topCall: number } {
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

export function judge(bases: readonly BaseModel[], rows: Rows): Judgement {
  const margins: BaseMargin[] = [];
  let sum = 0;
  let available = 0;
  let topCall = -1;
  for (const base of bases) {
    const found = baseScore(base, rows);
    if (base.on === 'call') topCall = found.topCall;
    if (Number.isNaN(found.score)) {
      margins.push({ name: base.name, margin: null });
      continue;
    }
    const margin = (found.score - base.mean) / base.sd;
    margins.push({ name: base.name, margin });
    sum += margin;
    available++;
  }
  return { margin: available === 0 ? Number.NEGATIVE_INFINITY : sum / available, bases: margins, topCall };
}
