/** One feature: how far its live bins lie from those of the reference, and how far they lie by chance. */
import { blockLength, correlationTime, cutBlocks } from './blocks.ts';
import { type Common, commonCovariance, type Scatter } from './common.ts';
import { type Matched, matchedShares } from './hours.ts';
import { type BlockSums, type Blocks, blockSums, type Expectation, type NullLaw, nullLaw, outer, traces } from './null-law.ts';

/** A correlation time that the blocks cannot hold is corrected by a factor of at most two. */
const MOST_MISSED = 0.5;

/** What all features of one comparison share. */
export interface Plan {
  readonly matched: Matched;
  readonly times: Float64Array;
  readonly groups: Int32Array;
  readonly byGroup: boolean;
  /** Of each reference row: its day, or its group. */
  readonly units: Int32Array;
  readonly liveRows: number;
  /** Rows of a live group, weighted by its rows: Σ n² / n. */
  readonly liveRun: number;
  /** Length of the stretches of time whose rows are no independent witnesses, and the weight of their pairs (common.ts), reference and live. */
  readonly stretchMs: number;
  readonly pairs: number;
}

export interface Judged {
  /** Shares of the matched reference. */
  readonly expected: Float64Array;
  readonly statistic: number;
  readonly law: NullLaw;
  /** How many independent rows the live rows are worth. */
  readonly effectiveRows: number;
}

/** `bins`: of the reference rows, ordered by group and time. `counts`: live rows a bin. */
export function judge(plan: Plan, bins: Uint8Array, binCount: number, ranks: Float64Array, counts: Float64Array): Judged {
  const { matched, byGroup, liveRows } = plan;
  const rows = bins.length;
  const expected = matchedShares(matched, bins, binCount);

  let squares = 0;
  for (const weight of matched.weights) squares += weight * weight;
  const { live, own, sums, blocks, run, common } = byGroup
    ? overGroups(plan, bins, binCount)
    : overTime(plan, bins, binCount, ranks, squares);

  const plain = 1 / liveRows + squares;
  const variance = live.map((x, at) => x / liveRows + own[at]);
  const even = expected.map((p) => 1 / (p + 1 / liveRows));
  // A covariance below zero is an estimate of none.
  if (common !== null && traces(common.covariance, even).one > 0)
    for (let at = 0; at < variance.length; at++) variance[at] += plan.pairs * common.covariance[at];
  const design = (w: Float64Array): number => {
    let none = 0;
    for (let b = 0; b < binCount; b++) none += w[b] * expected[b] * (1 - expected[b]);
    return none > 0 ? Math.max(1, traces(variance, w).one / (none * plain)) : 1;
  };
  const effect = design(even);
  // A rare bin counts for what it can say: weight 1/p, but one event among as many as the live part is worth weighs no more than one.
  const weights = expected.map((p) => 1 / (p + effect * plain));
  for (let b = 0; b < binCount; b++) {
    const p = (expected[b] * rows + 0.5) / (rows + 1);
    const at = b * binCount + b;
    variance[at] = Math.max(variance[at], effect * plain * p * (1 - p));
  }
  const law = nullLaw(variance, weights, sums, blocks, liveRows / run);
  const shared = common === null ? 0 : Math.min(1, (plan.pairs * traces(common.covariance, weights).one) / law.scale);
  const mixed = common === null || shared <= 0 ? law : mixedLaw(law, shared, common.scatter(weights), Math.min(1, plan.pairs));
  let statistic = 0;
  for (let b = 0; b < binCount; b++) statistic += weights[b] * (counts[b] / liveRows - expected[b]) ** 2;
  return { expected, statistic, law: mixed, effectiveRows: liveRows / effect };
}

/** `share` of the mean of T comes from few stretches of time, whose own scatter is that; `pairs` is one over their number. */
function mixedLaw({ scale, first, second }: NullLaw, share: number, { error, excess }: Scatter, pairs: number): NullLaw {
  return {
    scale,
    first: Math.max(1, 2 / (2 / first + share * share * excess * pairs)),
    second: Math.max(1, 1 / ((1 - share) ** 2 / second + (share * share * error) / 2)),
  };
}

interface Covariance {
  /** Of the bin shares of the live rows, times their number. */
  readonly live: Float64Array;
  /** Of the bin shares of the weighted reference. */
  readonly own: Float64Array;
  /** What it was estimated from. */
  readonly sums: BlockSums;
  readonly blocks: Blocks;
  /** Live rows of one unit. */
  readonly run: number;
  /** What all groups share; null = nothing, or not known. */
  readonly common: Common | null;
}

/** One stream, or few: blocks several correlation times long; what they still miss, τ / 2L of the long-run variance for AR(1), is added. */
function overTime(plan: Plan, bins: Uint8Array, binCount: number, ranks: Float64Array, squares: number): Covariance {
  const time = dependence(plan, ranks);
  const length = blockLength(time, bins.length);
  const blocks = cutBlocks(plan.groups, length, false);
  const left = leaveOneOut(plan, bins, binCount, plan.matched.slotCount === 1 ? blocks.blockOf : plan.units);
  const sums = blockSums(bins, binCount, blocks, left, null);
  const missed = 1 / (1 - Math.min(MOST_MISSED, time / (2 * length)));
  const live = outer(sums).map((x) => (x / bins.length) * missed);
  return { live, own: live.map((x) => x * squares), sums, blocks, run: length, common: null };
}

/** Many streams: whole groups are the units of the reference, runs of the live length those of the live part. */
function overGroups(plan: Plan, bins: Uint8Array, binCount: number): Covariance {
  const rows = bins.length;
  const left = leaveOneOut(plan, bins, binCount, plan.units);
  const blocks = cutBlocks(plan.groups, rows, true);
  const sums = blockSums(bins, binCount, blocks, left, plan.matched.weights);
  const covariance = (length: number): Float64Array =>
    outer(blockSums(bins, binCount, cutBlocks(plan.groups, length, true), left, null)).map((x) => x / rows);
  const run = runLength(plan.groups);
  const live = covariance(Math.max(1, Math.min(rows, Math.round(plan.liveRun))));
  if (plan.liveRun > run && run >= 2) {
    // Live groups longer than those of the reference: what distant rows share goes on in a straight line, which no decay exceeds.
    const half = Math.max(1, Math.round(run / 2));
    const shorter = covariance(half);
    const steps = (plan.liveRun - run) / (run - half);
    for (let b = 0; b < binCount; b++) {
      const at = b * binCount + b;
      live[at] += Math.max(0, steps * (live[at] - shorter[at]));
    }
  }
  return { live, own: outer(sums), sums, blocks, run: plan.liveRun, common: commonCovariance(plan, bins, binCount, left) };
}

/** Expected shares of each row's slot without its own unit: what a row is compared with must not contain it. */
function leaveOneOut({ matched }: Plan, bins: Uint8Array, binCount: number, units: Int32Array): Expectation {
  const { slots, slotCount } = matched;
  const slotCounts = new Float64Array(slotCount * binCount);
  const slotRows = new Float64Array(slotCount);
  const pairs = new Map<number, number>();
  const pairOf = new Int32Array(bins.length);
  for (let i = 0; i < bins.length; i++) {
    slotCounts[slots[i] * binCount + bins[i]]++;
    slotRows[slots[i]]++;
    const key = units[i] * slotCount + slots[i];
    const known = pairs.get(key) ?? pairs.size;
    pairs.set(key, known);
    pairOf[i] = known;
  }
  const shares = new Float64Array(pairs.size * binCount);
  const pairRows = new Float64Array(pairs.size);
  const slotOf = new Int32Array(pairs.size);
  for (let i = 0; i < bins.length; i++) {
    shares[pairOf[i] * binCount + bins[i]]++;
    pairRows[pairOf[i]]++;
    slotOf[pairOf[i]] = slots[i];
  }
  for (let pair = 0; pair < pairs.size; pair++) {
    const others = slotRows[slotOf[pair]] - pairRows[pair];
    for (let b = 0; b < binCount; b++) {
      const at = pair * binCount + b;
      shares[at] = others > 0 ? (slotCounts[slotOf[pair] * binCount + b] - shares[at]) / others : 0;
    }
    if (others === 0) pairRows[pair] = -1;
  }
  return { shares, offsets: pairOf.map((pair) => (pairRows[pair] < 0 ? -1 : pair * binCount)) };
}

/** Σ n² / n over runs of equal groups. */
export function runLength(groups: Int32Array): number {
  let squares = 0;
  for (let from = 0; from < groups.length; ) {
    let to = from + 1;
    while (to < groups.length && groups[to] === groups[from]) to++;
    squares += (to - from) ** 2;
    from = to;
  }
  return squares / groups.length;
}

/** Correlation time of ranks, and of their distance from the middle (spread that comes and goes), beyond what the hour explains. */
function dependence({ matched, groups }: Plan, ranks: Float64Array): number {
  const { slots, slotCount } = matched;
  const beyond = (values: Float64Array): Float64Array => {
    const sums = new Float64Array(slotCount);
    const counts = new Float64Array(slotCount);
    for (let i = 0; i < values.length; i++) {
      sums[slots[i]] += values[i];
      counts[slots[i]]++;
    }
    return values.map((value, i) => value - sums[slots[i]] / counts[slots[i]]);
  };
  const level = beyond(ranks);
  return Math.max(correlationTime(level, groups), correlationTime(beyond(level.map(Math.abs)), groups));
}
