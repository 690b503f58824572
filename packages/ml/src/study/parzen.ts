/**
 * The Parzen estimator of TPE (Bergstra et al. 2011; kernels, bandwidths and weights as Optuna 5 has them): a mixture with one kernel an
 * observation and a wide one of the prior; a kernel is a product over the parameters, of truncated normals on their lines or of weights over
 * choices.
 */
import { exp, log } from '../math.ts';
import type { Random } from '../random.ts';
import { logDensity, logMass, normalCdf, normalQuantile } from './normal.ts';
import { type Choices, type Distribution, type FloatRange, fromLine, type IntRange, type Line, lineOf, onLine } from './space.ts';

/** The weight of the prior beside observations of weight 1. */
const PRIOR_WEIGHT = 1;
/** The latest observations count fully, older ones less and less. */
const FULL_WEIGHT = 25;

export interface ParzenEstimator {
  /** `count` points, one array of internal values a parameter. */
  sample(random: Random, count: number): Float64Array[];
  /** ln of the density (of the mass, for steps and choices) at each point. */
  logDensity(points: readonly Float64Array[]): Float64Array;
}

/** Estimates from observations: one array of internal values a parameter, in the order of the trials. */
export function fitParzen(distributions: readonly Distribution[], observations: readonly Float64Array[]): ParzenEstimator {
  const count = observations[0]?.length ?? 0;
  const weights = kernelWeights(count);
  const factors = distributions.map((distribution, d) =>
    distribution.kind === 'categorical' ? choiceFactor(distribution, observations[d]!) : numericFactor(distribution, observations[d]!),
  );
  return {
    sample(random, points) {
      const kernels = Int32Array.from({ length: points }, () => pick(weights, random.nextFloat()));
      return factors.map(({ sample }) => Float64Array.from(kernels, (kernel) => sample(kernel, random.nextFloat())));
    },
    logDensity(points) {
      const length = points[0]?.length ?? 0;
      const kernels = weights.length;
      const logs = weights.map(log);
      const sums = new Float64Array(length * kernels);
      for (let p = 0; p < length; p++) sums.set(logs, p * kernels);
      for (let d = 0; d < factors.length; d++) factors[d]!.add(points[d]!, sums);
      const densities = new Float64Array(length);
      for (let p = 0; p < length; p++) densities[p] = logSumExp(sums, p * kernels, kernels);
      return densities;
    },
  };
}

/** Of each observation and of the prior; they sum to 1. */
function kernelWeights(count: number): Float64Array {
  const weights = new Float64Array(count + 1).fill(1);
  const ramp = count - FULL_WEIGHT;
  for (let i = 0; i < ramp; i++) weights[i] = ramp === 1 ? 1 / count : 1 / count + ((1 - 1 / count) * i) / (ramp - 1);
  weights[count] = PRIOR_WEIGHT;
  let sum = 0;
  for (const weight of weights) sum += weight;
  return weights.map((weight) => weight / sum);
}

function pick(weights: Float64Array, at: number): number {
  let sum = 0;
  for (let k = 0; k < weights.length - 1; k++) {
    sum += weights[k]!;
    if (at < sum) return k;
  }
  return weights.length - 1;
}

function logSumExp(values: Float64Array, from: number, count: number): number {
  let most = Number.NEGATIVE_INFINITY;
  for (let i = from; i < from + count; i++) most = Math.max(most, values[i]!);
  if (most === Number.NEGATIVE_INFINITY) return most;
  let sum = 0;
  for (let i = from; i < from + count; i++) {
    const below = values[i]! - most;
    if (below > -40) sum += exp(below); // what is smaller is lost in the sum
  }
  return most + log(sum);
}

/** One parameter of all kernels. */
interface Factor {
  /** A value of this kernel, from a uniform number. */
  readonly sample: (kernel: number, uniform: number) => number;
  /** Adds the ln of each kernel's density at each value: `sums` holds all kernels of a point together. */
  readonly add: (values: Float64Array, sums: Float64Array) => void;
}

function choiceFactor({ choices }: Choices, observed: Float64Array): Factor {
  const kernels = observed.length + 1;
  // Each choice has an equal part of the prior; an observation adds 1 to its own.
  const part = observed.length === 0 ? 1 : PRIOR_WEIGHT / kernels;
  const whole = (kernel: number) => part * choices.length + (kernel < observed.length ? 1 : 0);
  const weightOf = (kernel: number, choice: number) => (part + (observed[kernel] === choice ? 1 : 0)) / whole(kernel);
  return {
    sample(kernel, uniform) {
      let sum = 0;
      for (let choice = 0; choice < choices.length - 1; choice++) {
        sum += weightOf(kernel, choice);
        if (uniform < sum) return choice;
      }
      return choices.length - 1;
    },
    add(values, sums) {
      const prior = log(weightOf(observed.length, 0));
      const other = observed.length === 0 ? prior : log(part / whole(0));
      const own = observed.length === 0 ? prior : log((part + 1) / whole(0));
      for (let p = 0, at = 0; p < values.length; p++) {
        for (let kernel = 0; kernel < observed.length; kernel++) sums[at++] += observed[kernel] === values[p] ? own : other;
        sums[at++] += prior;
      }
    },
  };
}

function numericFactor(range: FloatRange | IntRange, observed: Float64Array): Factor {
  const line = lineOf(range);
  const { mus, sigmas } = kernelsOf(line, observed);
  const kernels = mus.length;
  /** ln of what of each kernel lies inside the range. */
  const inside = mus.map((mu, k) => logMass((line.low - mu) / sigmas[k]!, (line.high - mu) / sigmas[k]!));
  return {
    sample(kernel, uniform) {
      const mu = mus[kernel]!;
      const sigma = sigmas[kernel]!;
      const from = normalCdf((line.low - mu) / sigma);
      const to = normalCdf((line.high - mu) / sigma);
      const at = from + uniform * (to - from);
      const place = at <= 0 ? line.low : at >= 1 ? line.high : mu + sigma * normalQuantile(at);
      return fromLine(range, Math.min(line.high, Math.max(line.low, place)));
    },
    add: line.step === 0 ? (values, sums) => addDensity(values, sums) : (values, sums) => addMass(values, sums),
  };

  function addDensity(values: Float64Array, sums: Float64Array): void {
    const inverse = new Float64Array(kernels);
    const constant = new Float64Array(kernels);
    for (let k = 0; k < kernels; k++) {
      inverse[k] = 1 / sigmas[k]!;
      constant[k] = logDensity(0) - log(sigmas[k]!) - inside[k]!;
    }
    for (let p = 0, at = 0; p < values.length; p++) {
      const place = onLine(line, values[p]!);
      for (let k = 0; k < kernels; k++) {
        const z = (place - mus[k]!) * inverse[k]!;
        sums[at++] += constant[k]! - 0.5 * z * z;
      }
    }
  }

  /** The mass of a step around the value; equal values and equal kernels are worked out once. */
  function addMass(values: Float64Array, sums: Float64Array): void {
    const same = sameKernels(mus, sigmas);
    const rows = new Map<number, Float64Array>();
    for (let p = 0, at = 0; p < values.length; p++) {
      const value = values[p]!;
      let row = rows.get(value);
      if (row === undefined) {
        const left = onLine(line, value - line.step / 2);
        const right = onLine(line, value + line.step / 2);
        row = new Float64Array(kernels);
        for (let k = 0; k < kernels; k++)
          row[k] = same[k]! < k ? row[same[k]!]! : logMass((left - mus[k]!) / sigmas[k]!, (right - mus[k]!) / sigmas[k]!) - inside[k]!;
        rows.set(value, row);
      }
      for (let k = 0; k < kernels; k++) sums[at++] += row[k]!;
    }
  }
}

/** The first kernel that equals this one. */
function sameKernels(mus: Float64Array, sigmas: Float64Array): Int32Array {
  const byMu = new Map<number, number[]>();
  const same = new Int32Array(mus.length);
  for (let k = 0; k < mus.length; k++) {
    const alike = byMu.get(mus[k]!) ?? [];
    const known = alike.find((other) => sigmas[other] === sigmas[k]);
    same[k] = known ?? k;
    if (known !== undefined) continue;
    alike.push(k);
    byMu.set(mus[k]!, alike);
  }
  return same;
}

/**
 * Places and bandwidths on the line: of an observation the larger distance to its neighbours, of the outermost ones to the inner neighbour, not
 * below range / min(100, kernels + 1); the prior stands in the middle, as wide as the range.
 */
function kernelsOf(line: Line, observed: Float64Array): { readonly mus: Float64Array; readonly sigmas: Float64Array } {
  const count = observed.length;
  const range = line.high - line.low;
  const mus = new Float64Array(count + 1);
  const sigmas = new Float64Array(count + 1);
  for (let i = 0; i < count; i++) mus[i] = onLine(line, observed[i]!);
  mus[count] = 0.5 * (line.low + line.high);
  sigmas[count] = range;
  const order = Int32Array.from({ length: count }, (_, i) => i).sort((a, b) => mus[a]! - mus[b]! || a - b);
  const place = (at: number) => (at < 0 ? line.low : at >= count ? line.high : mus[order[at]!]!);
  const least = range / Math.min(100, 2 + count);
  for (let at = 0; at < count; at++) {
    const below = place(at) - place(at - 1);
    const above = place(at + 1) - place(at);
    // With one observation both neighbours are ends of the range; with more, an end is nobody's neighbour.
    const width = count < 2 ? Math.max(below, above) : at === 0 ? above : at === count - 1 ? below : Math.max(below, above);
    sigmas[order[at]!] = Math.min(range, Math.max(least, width));
  }
  return { mus, sigmas };
}
