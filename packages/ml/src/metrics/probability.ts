/** How honest probabilities are: Brier score and skill, reliability with intervals; and balanced accuracy. */
import { exp } from '../math.ts';
import { atLeast, bothClasses, countPositives, integerWithin, lengthOf, numberWithin } from '../options.ts';
import { orderOf } from './ranking.ts';

/** One bin of a reliability diagram. */
export interface ReliabilityBin {
  readonly count: number;
  /** Mean probability said, in [0, 1]. */
  readonly said: number;
  /** Share of label 1 seen, in [0, 1]. */
  readonly seen: number;
  /** Wilson interval of `seen`. */
  readonly low: number;
  readonly high: number;
}

/** Mean squared error of probabilities in [0, 1]; 0 is perfect, lower is better (Brier 1950). ML_EMPTY_INPUT, ML_SHAPE_MISMATCH, ML_BAD_OPTION, ML_BAD_LABEL. */
export function brierScore(probabilities: ArrayLike<number>, labels: ArrayLike<number>): number {
  checkProbabilities(probabilities, labels);
  let sum = 0;
  for (let i = 0; i < labels.length; i++) sum += (probabilities[i] - labels[i]) ** 2;
  return sum / labels.length;
}

/**
 * 1 - Brier/Brier of always saying `baseRate` (default: the share of label 1 here): at most 1, 0 = no better
 * than the base rate, negative = worse. Errors as `brierScore`, and ML_SINGLE_CLASS.
 */
export function brierSkill(probabilities: ArrayLike<number>, labels: ArrayLike<number>, baseRate?: number): number {
  const brier = brierScore(probabilities, labels);
  const positives = bothClasses('labels', labels); // with one class the base rate alone would be perfect
  const rate = numberWithin('baseRate', baseRate ?? positives / labels.length, 0, 1);
  return 1 - brier / brierScore(new Float64Array(labels.length).fill(rate), labels);
}

/**
 * `bins` bins of about equal count in ascending probability (fewer where there are fewer rows; equal
 * probabilities stay together), each with the Wilson interval of the level given. Errors as `brierScore`.
 */
export function reliability(probabilities: ArrayLike<number>, labels: ArrayLike<number>, bins = 10, level = 0.95): ReliabilityBin[] {
  checkProbabilities(probabilities, labels);
  integerWithin('bins', bins, 1, 1000);
  const order = orderOf(probabilities);
  const result: ReliabilityBin[] = [];
  let from = 0;
  for (let bin = 1; bin <= bins && from < order.length; bin++) {
    let to = Math.max(from + 1, Math.round((bin * order.length) / bins));
    while (to < order.length && probabilities[order[to]] === probabilities[order[to - 1]]) to++;
    if (bin === bins) to = order.length;
    let said = 0;
    let ones = 0;
    for (let i = from; i < to; i++) {
      said += probabilities[order[i]];
      ones += labels[order[i]];
    }
    const count = to - from;
    result.push({ count, said: said / count, seen: ones / count, ...wilsonInterval(ones, count, level) });
    from = to;
  }
  return result;
}

/** Wilson's score interval (1927) of a share of `hits` in `count`, within [0, 1]. ML_BAD_OPTION. */
export function wilsonInterval(hits: number, count: number, level = 0.95): { low: number; high: number } {
  integerWithin('count', count, 1, Number.MAX_SAFE_INTEGER);
  integerWithin('hits', hits, 0, count);
  const z = normalQuantile(0.5 + numberWithin('level', level, 0.5, 0.9999) / 2);
  const share = hits / count;
  const centre = share + (z * z) / (2 * count);
  const half = z * Math.sqrt((share * (1 - share)) / count + (z * z) / (4 * count * count));
  const divisor = 1 + (z * z) / count;
  return {
    low: hits === 0 ? 0 : Math.max(0, (centre - half) / divisor),
    high: hits === count ? 1 : Math.min(1, (centre + half) / divisor),
  };
}

/** Mean of recall and specificity of 0/1 decisions, in [0, 1], 0.5 = chance. ML_SHAPE_MISMATCH, ML_BAD_LABEL, ML_SINGLE_CLASS. */
export function balancedAccuracy(decisions: ArrayLike<number>, labels: ArrayLike<number>): number {
  lengthOf('decisions', decisions, labels.length);
  countPositives('decisions', decisions);
  const positives = bothClasses('labels', labels);
  let hits = 0;
  let rejections = 0;
  for (let i = 0; i < labels.length; i++) {
    if (labels[i] === 1) hits += decisions[i];
    else rejections += 1 - decisions[i];
  }
  return (hits / positives + rejections / (labels.length - positives)) / 2;
}

/** The standard normal quantile of p in [0.5, 1), to 1e-12: bisection on the series of the normal integral. */
function normalQuantile(p: number): number {
  let low = 0;
  let high = 8;
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (normalIntegral(middle) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Φ(z) = 1/2 + φ(z)(z + z³/3 + z⁵/(3·5) + …) for z >= 0 (Marsaglia 2004). */
function normalIntegral(z: number): number {
  let term = z;
  let sum = z;
  for (let k = 3; term > sum * 1e-17; k += 2) {
    term *= (z * z) / k;
    sum += term;
  }
  return 0.5 + sum * exp((-z * z) / 2) * 0.3989422804014327;
}

function checkProbabilities(probabilities: ArrayLike<number>, labels: ArrayLike<number>): void {
  atLeast('probabilities', probabilities.length, 1);
  lengthOf('labels', labels, probabilities.length);
  for (let i = 0; i < probabilities.length; i++) {
    if (!(probabilities[i] >= 0 && probabilities[i] <= 1)) numberWithin(`probabilities[${i}]`, probabilities[i], 0, 1);
  }
  countPositives('labels', labels);
}
