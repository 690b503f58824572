/** Does the sequence model know when it may be wrong? Its spread over dropout passes, by decile, against how often its own verdict was wrong. */
import { auroc, wilsonInterval } from '@optikal/ml';
import { headline } from '../../training/measure.ts';
import type { Judged } from './judged.ts';
import { isMissing, type Part } from './part.ts';

export interface SpreadDecile {
  /** Mean spread of its windows. */
  readonly spread: number;
  readonly count: number;
  /** Windows on the wrong side of one half, and their share with its 95 % Wilson interval. */
  readonly errors: number;
  readonly rate: number;
  readonly low: number;
  readonly high: number;
}

export interface Uncertainty {
  /** By rising spread; as many windows in each as can be. */
  readonly deciles: readonly SpreadDecile[];
  readonly windows: number;
  readonly errors: number;
  /** A wrong verdict against a right one by their spread alone; ½ = the spread says nothing. */
  readonly auroc: number;
}

const DECILES = 10;
const LEAST_WINDOWS = 50;

export function uncertaintyOf({ samples, sequence }: Pick<Judged, 'samples' | 'sequence'>): Part<Uncertainty> {
  if (isMissing(sequence)) return sequence;
  const { spreads, margins } = sequence;
  const kept = samples.flatMap((sample, i) => (headline(sample) && Number.isFinite(spreads[i]) ? [i] : []));
  const wrong = (i: number) => (margins[i]! > 0 !== (samples[i]!.label === 2) ? 1 : 0);
  const order = kept.toSorted((a, b) => spreads[a]! - spreads[b]! || a - b);
  const errors = order.filter((i) => wrong(i) === 1).length;
  if (order.length < LEAST_WINDOWS || errors === 0 || errors === order.length)
    return {
      missing: `It takes ${LEAST_WINDOWS} windows with verdicts of the sequence model, right and wrong ones; here are ${order.length}, ${errors} of them wrong.`,
    };
  const deciles = Array.from({ length: DECILES }, (_, d): SpreadDecile => {
    const own = order.slice(Math.round((d * order.length) / DECILES), Math.round(((d + 1) * order.length) / DECILES));
    const bad = own.filter((i) => wrong(i) === 1).length;
    const spread = own.reduce((sum, i) => sum + spreads[i]!, 0) / own.length;
    return { spread, count: own.length, errors: bad, rate: bad / own.length, ...wilsonInterval(bad, own.length) };
  });
  return {
    deciles,
    windows: order.length,
    errors,
    auroc: auroc(
      order.map((i) => spreads[i]!),
      order.map(wrong),
    ),
  };
}
