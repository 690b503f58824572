/** The rows of `evaluate --protocol`: one set of figures for each part that was left out, or held back, always in the same columns. */
import { everyRow, finite, intervalOf, rankingOf } from './ranking.ts';

/** What is one positive or negative. */
export type ProtocolLevel = 'window' | 'run' | 'session' | 'text';

export interface ProtocolRow {
  /** What was left out: `model`, `suite`, `template`, …; `train-test` with data of its own to test on. */
  readonly protocol: string;
  readonly level: ProtocolLevel;
  /** What the content plane said; null where there is none to speak of. */
  readonly plane: 'none' | 'real' | 'oracle' | null;
  /** The part that was left out, or the traces' own `cell`; `mean` over the parts, and `pooled`. */
  readonly cell: string;
  readonly against: 'benign' | 'ignored';
  /** Null with one class only. */
  readonly auroc: number | null;
  /** 95 %, whole groups resampled; null with fewer than two groups. */
  readonly aurocInterval: readonly [number, number] | null;
  readonly ap: number | null;
  /** At 1 % false positives; null with fewer than 100 negatives. */
  readonly recallAt01: number | null;
  /** At 0.1 %; null with fewer than 3,000 negatives. */
  readonly recallAt001: number | null;
  /** Share of negatives above the threshold that gives 1 % on the training groups; null where none was set. */
  readonly realisedFpr: number | null;
  readonly n: number;
  readonly positives: number;
}

export interface Scored {
  /** Higher = more suspicious; what is not finite ranks below everything. */
  readonly margins: ArrayLike<number>;
  readonly labels: Uint8Array;
  /** Resampled as a whole: (source, model, suite) of agents, the page of texts. */
  readonly groups: readonly string[];
  /** From the training groups; null = none was set. One for all, or one for each. */
  readonly threshold: number | ArrayLike<number> | null;
}

type RowNames = Pick<ProtocolRow, 'protocol' | 'level' | 'plane' | 'cell' | 'against'>;

const LEAST_FOR_PERCENT = 100;
const LEAST_FOR_PER_MILLE = 3000;
const RESAMPLES = 200;

/** The figures of these margins. `seed` draws the bootstrap. */
export function protocolRow(names: RowNames, { margins, labels, groups, threshold }: Scored, seed: string): ProtocolRow {
  const scores = finite(margins);
  const ranking = rankingOf(scores, labels);
  const all = everyRow(labels.length);
  const positives = labels.reduce((sum, label) => sum + label, 0);
  const negatives = labels.length - positives;
  const figure = (value: number, least = 1) => (Number.isNaN(value) || negatives < least ? null : value);
  const both = positives > 0 && negatives > 0;
  const interval = both ? intervalOf(groups, (counts) => ranking.auroc(counts), RESAMPLES, seed) : null;
  return {
    ...names,
    auroc: figure(ranking.auroc(all)),
    aurocInterval: interval === null ? null : [interval.low, interval.high],
    ap: figure(ranking.averagePrecision(all)),
    recallAt01: figure(ranking.recallAtFpr(all, 0.01), LEAST_FOR_PERCENT),
    recallAt001: figure(ranking.recallAtFpr(all, 0.001), LEAST_FOR_PER_MILLE),
    realisedFpr: threshold === null || negatives === 0 ? null : shareAbove(scores, labels, threshold, negatives),
    n: labels.length,
    positives,
  };
}

function shareAbove(scores: Float64Array, labels: Uint8Array, threshold: number | ArrayLike<number>, negatives: number): number {
  let above = 0;
  for (let i = 0; i < scores.length; i++)
    if (labels[i] === 0 && scores[i]! > (typeof threshold === 'number' ? threshold : threshold[i]!)) above++;
  return above / negatives;
}

/** The mean over the parts: of each figure over those that have it; counts are sums. */
export function meanRow(rows: readonly ProtocolRow[]): ProtocolRow {
  const first = rows[0]!; // there is at least one part
  const mean = (of: (row: ProtocolRow) => number | null) => {
    const values = rows.map(of).filter((value) => value !== null);
    return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  return {
    ...first,
    cell: 'mean',
    auroc: mean((row) => row.auroc),
    aurocInterval: null,
    ap: mean((row) => row.ap),
    recallAt01: mean((row) => row.recallAt01),
    recallAt001: mean((row) => row.recallAt001),
    realisedFpr: mean((row) => row.realisedFpr),
    n: rows.reduce((sum, row) => sum + row.n, 0),
    positives: rows.reduce((sum, row) => sum + row.positives, 0),
  };
}
