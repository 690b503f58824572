/** A live part against the reference: distances, bands, and which of them are more than chance. */
import { atLeast } from '../options.ts';
import { MANY_GROUPS } from './blocks.ts';
import { binOfCell, MISSING } from './cells.ts';
import { pairWeight, stretchOf } from './common.ts';
import { cellDistance, jensenShannon, populationStability } from './distances.ts';
import { fCritical, fTail } from './f-distribution.ts';
import { alarmThreshold } from './false-discovery.ts';
import { dayOf, type HourMatch, matchedShares, matchHours } from './hours.ts';
import { type Judged, judge, type Plan, runLength } from './judge.ts';
import type { DriftParts } from './model.ts';
import type { DriftGroup } from './options.ts';

/** How large a PSI is; says nothing about chance. */
export type DriftBand = 'stable' | 'watch' | 'retrain';

/** One feature of a summary. */
export interface FeatureDrift {
  readonly name: string;
  /** Population stability index over the bins, at least 0. */
  readonly psi: number;
  /** Jensen–Shannon distance over the bins, in [0, 1]. */
  readonly jensenShannon: number;
  /** Kolmogorov–Smirnov distance of the values that are there, in [0, 1], exact to a hundredth. */
  readonly ks: number;
  /** The chance of so large a difference without drift, given how rows depend on each other, in [0, 1]. */
  readonly pValue: number;
  /** The PSI from which a difference of this shape is an alarm, Benjamini–Hochberg applied. INVARIANT: alarm = psi ≥ critical. */
  readonly critical: number;
  readonly band: DriftBand;
  readonly alarm: boolean;
  /** How many independent rows the live rows are worth for this feature. */
  readonly effectiveRows: number;
  /** Upper ends of the bins but the last two: the open one above, and the missing values. */
  readonly edges: readonly number[];
  /** Shares of the bins, that of missing values last; of the reference in the live hours, and live. */
  readonly expected: readonly number[];
  readonly actual: readonly number[];
}

/** What `DriftDetector.summary` says; plain JSON. */
export interface DriftSummary {
  /** Rows that were compared, and all that came. */
  readonly rows: number;
  readonly rowsSeen: number;
  /** Rows of the buffer that were left out: the reference does not know their hours. */
  readonly rowsOfOtherHours: number;
  readonly groups: number;
  readonly referenceRows: number;
  readonly referenceGroups: number;
  /** The event times of the buffer, ms. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly match: HourMatch;
  /** What was taken as independent of each other: groups where the reference has at least ten, else stretches of time. */
  readonly independent: 'groups' | 'stretches';
  readonly level: number;
  /** The worst band. */
  readonly band: DriftBand;
  readonly alarm: boolean;
  readonly features: readonly FeatureDrift[];
}

/** The live rows: codes row by row, maybe more than there are times. */
export interface LiveRows {
  readonly codes: Uint8Array;
  readonly times: readonly number[];
  readonly groups: readonly DriftGroup[];
  readonly rowsSeen: number;
}

/** Compares. ML_EMPTY_INPUT without a live row. */
export function compare(parts: DriftParts, live: LiveRows): DriftSummary {
  const rows = live.times.length;
  atLeast('live rows', rows, 1);
  const referenceGroups = parts.groups[parts.groups.length - 1] + 1;
  const byGroup = referenceGroups >= MANY_GROUPS;
  const units = byGroup ? parts.groups : Int32Array.from(parts.times, dayOf);
  const matched = matchHours(parts.times, units, live.times);
  const liveGroups = numbered(live.groups);
  const usedGroups = liveGroups.filter((_, i) => matched.used[i] === 1);
  const fromMs = live.times.reduce((least, time) => Math.min(least, time));
  const toMs = live.times.reduce((most, time) => Math.max(most, time));
  const stretchMs = stretchOf(fromMs, toMs);
  const liveWeights = Float64Array.from(matched.used, (bit) => bit / matched.usedCount);
  const plan: Plan = {
    matched,
    times: parts.times,
    groups: parts.groups,
    byGroup,
    units,
    liveRows: matched.usedCount,
    liveRun: runLength(usedGroups.toSorted()),
    stretchMs,
    pairs: byGroup
      ? pairWeight(live.times, liveGroups, liveWeights, stretchMs) + pairWeight(parts.times, parts.groups, matched.weights, stretchMs)
      : 0,
  };
  const measured = Array.from(parts.columns, (_, c) => measure(parts, live, plan, c));
  const threshold = alarmThreshold(
    measured.map(({ pValue }) => pValue),
    parts.level,
  );
  const features = measured.map((one, c) => describe(parts, one, c, threshold, matched.usedCount));
  const worst = Math.max(...features.map(({ psi }) => psi));
  return {
    rows: matched.usedCount,
    rowsSeen: live.rowsSeen,
    rowsOfOtherHours: rows - matched.usedCount,
    groups: new Set(usedGroups).size,
    referenceRows: parts.times.length,
    referenceGroups,
    fromMs,
    toMs,
    match: matched.match,
    independent: byGroup ? 'groups' : 'stretches',
    level: parts.level,
    band: bandOf(parts, worst),
    alarm: features.some(({ alarm }) => alarm),
    features,
  };
}

interface Measured {
  readonly judged: Judged;
  readonly pValue: number;
  readonly actual: Float64Array;
  readonly ks: number;
}

function measure(parts: DriftParts, live: LiveRows, plan: Plan, column: number): Measured {
  const cells = parts.cells[column];
  const { binCount } = cells;
  const count = parts.times.length;
  const codes = parts.codes.subarray(column * count, (column + 1) * count);
  const cellCount = cells.binOf.length;
  const reference = matchedShares(plan.matched, codes, cellCount);
  const now = new Float64Array(cellCount);
  const counts = new Float64Array(binCount);
  for (let i = 0; i < live.times.length; i++) {
    if (plan.matched.used[i] === 0) continue;
    const code = live.codes[i * parts.columns.length + column];
    if (code !== MISSING) now[code]++;
    counts[binOfCell(cells, code)]++;
  }
  const bins = codes.map((code) => binOfCell(cells, code));
  // A missing value stands in the middle of the ranks.
  const ranks = Float64Array.from(codes, (code) => (code === MISSING ? (cellCount - 1) / 2 : code));
  const judged = judge(plan, bins, binCount, ranks, counts);
  const { scale, first, second } = judged.law;
  return {
    judged,
    pValue: fTail(judged.statistic / scale, first, second),
    actual: counts.map((n) => n / plan.liveRows),
    ks: cellDistance(reference, now),
  };
}

function describe(parts: DriftParts, measured: Measured, column: number, threshold: number, liveRows: number): FeatureDrift {
  const { judged, pValue, actual, ks } = measured;
  const { expected, statistic, law } = judged;
  const { edges, binOf } = parts.cells[column];
  const floor = 0.5 / Math.min(liveRows, parts.times.length);
  const psi = populationStability(expected, actual, floor);
  // The same deviation, longer or shorter until it is exactly as far out as the threshold: PSI grows along it.
  const limit = fCritical(threshold, law.first, law.second) * law.scale;
  const stretch = statistic > 0 ? Math.sqrt(limit / statistic) : 0;
  const there = expected.map((p, b) => p + stretch * (actual[b] - p));
  return {
    name: parts.names[column],
    psi,
    jensenShannon: jensenShannon(expected, actual),
    ks,
    pValue,
    critical: statistic > 0 ? populationStability(expected, there, floor) : limit,
    band: bandOf(parts, psi),
    alarm: pValue <= threshold,
    effectiveRows: judged.effectiveRows,
    edges: Array.from(edges).filter((_, i) => binOf[i + 1] !== binOf[i]),
    expected: Array.from(expected),
    actual: Array.from(actual),
  };
}

function bandOf({ watch, retrain }: DriftParts, psi: number): DriftBand {
  return psi >= retrain ? 'retrain' : psi >= watch ? 'watch' : 'stable';
}

/** Numbers of the groups, one a row. */
function numbered(groups: readonly DriftGroup[]): Int32Array {
  const known = new Map<DriftGroup, number>();
  for (const group of groups) if (!known.has(group)) known.set(group, known.size);
  return Int32Array.from(groups, (group) => known.get(group) ?? 0);
}
