/** What the folds of a protocol say: rows, baselines in the same columns, by threat, by window of the session, and how soon. */
import { FEATURE_SETS, THREATS } from '@optikal/contracts';
import { meanRow, type ProtocolRow, type Scored } from '../protocol-rows.ts';
import { everyRow, finite, rankingOf } from '../ranking.ts';
import type { Case } from './cases.ts';
import { casesOfLevel, counts, LEVELS, RIVALS } from './fold.ts';
import { type Judged, type JudgedName, type JudgedSet, rowOver, rowsOf, scoredOf } from './judged.ts';
import type { Latency } from './latency.ts';
import type { FoldFound, ProtocolFolds } from './protocol.ts';

export interface BaselineFigures extends ProtocolRow {
  readonly baseline: string;
}

/** AUROC, and the share of attacks above the threshold that was set on the training part, of some of the cases. */
export interface SliceFigures extends JudgedName {
  readonly slice: string;
  readonly auroc: number | null;
  readonly found: number | null;
  readonly n: number;
  readonly positives: number;
}

export interface LatencyFigures extends Pick<JudgedName, 'protocol' | 'plane'>, Latency {}

export interface AgentsFigures {
  readonly rows: readonly ProtocolRow[];
  readonly baselines: readonly BaselineFigures[];
  readonly threats: readonly SliceFigures[];
  /** By number of the window in its session. */
  readonly windows: readonly SliceFigures[];
  readonly latencies: readonly LatencyFigures[];
}

const WINDOW_NUMBERS: readonly (readonly [from: number, to: number])[] = [
  [0, 2],
  [2, 5],
  [5, 10],
  [10, Number.POSITIVE_INFINITY],
];

/** Where a fold has no name of its own, its cases go by their cell. */
export function agentsFigures({ folds }: Pick<ProtocolFolds, 'folds'>, seed: string): AgentsFigures {
  const groups = [...Map.groupBy(folds, ({ protocol, plane }) => `${protocol}\n${plane}`).values()];
  const named = groups.flatMap((own) =>
    LEVELS.flatMap((level) =>
      RIVALS.map((against) => ({ own, name: { protocol: own[0]!.protocol, plane: own[0]!.plane, level, against } satisfies JudgedName })),
    ),
  );
  const rows: ProtocolRow[] = [];
  const baselines: BaselineFigures[] = [];
  const threats: SliceFigures[] = [];
  const windows: SliceFigures[] = [];
  for (const { own, name } of named) {
    const set = judgedSet(own, name, (fold) => fold.scores[name.level][name.against].margins);
    rows.push(...rowsOf(set, seed));
    const beside = name.against === 'benign' ? (['calls', 'best'] as const) : (['calls', 'best', 'plain'] as const);
    for (const baseline of beside) baselines.push(...baselineRows(own, name, baseline, seed));
    if (name.level === 'window' && name.against === 'benign') windows.push(...windowSlices(set));
    if (name.against === 'benign') threats.push(...threatSlices(set));
  }
  const latencies = groups.map((own): LatencyFigures => {
    const all = own.map((fold) => fold.latency);
    return {
      protocol: own[0]!.protocol,
      plane: own[0]!.plane,
      runs: all.reduce((sum, { runs }) => sum + runs, 0),
      seconds: all.flatMap(({ seconds }) => seconds).sort((a, b) => a - b),
      calls: all.flatMap(({ calls }) => calls).sort((a, b) => a - b),
    };
  });
  return { rows, baselines, threats, windows, latencies };
}

function judgedSet(folds: readonly FoldFound[], name: JudgedName, marginsOf: (fold: FoldFound) => Float64Array): JudgedSet {
  const files = [...Map.groupBy(folds, ({ file }) => file)].sort(([a], [b]) => a - b);
  return {
    name,
    files: files.map(([, own]): Judged => {
      const cases = own.flatMap((fold) => casesOfLevel(fold.cases, name.level));
      return {
        cases,
        margins: Float64Array.from(own.flatMap((fold) => [...marginsOf(fold)])),
        thresholds: Float64Array.from(
          own.flatMap((fold) => casesOfLevel(fold.cases, name.level).map(() => fold.scores[name.level][name.against].threshold)),
        ),
        parts: own.flatMap((fold) => casesOfLevel(fold.cases, name.level).map(({ cell }) => (fold.part === '' ? cell : fold.part))),
      };
    }),
  };
}

/** Each part, and their mean: the best feature of one part is not that of another, so there is nothing to pool. */
function baselineRows(
  folds: readonly FoldFound[],
  name: JudgedName,
  baseline: 'calls' | 'best' | 'plain',
  seed: string,
): BaselineFigures[] {
  const set = judgedSet(folds, name, ({ scores, baselines: of }) =>
    baseline === 'plain' ? scores[name.level][name.against].plain : of[name.level][name.against][baseline],
  );
  const parts = [...new Set(set.files.flatMap((file) => file.parts))].sort();
  const own = parts.map((part) => rowOver(set, part, (of, its) => its === part && counts(of, name.against), seed));
  if (own.length === 0) return [];
  const features = [...new Set(folds.map((fold) => fold.baselines[name.level][name.against].feature))];
  const label = {
    calls: 'number of calls',
    plain: 'margin against benign',
    best: `best single feature (${features.map(labelOf).join('; ')})`,
  }[baseline];
  return [{ ...withoutThreshold(meanRow(own)), baseline: label }];
}

function withoutThreshold(row: ProtocolRow): ProtocolRow {
  return { ...row, realisedFpr: null };
}

function labelOf(feature: string): string {
  return [...FEATURE_SETS.fused1, ...FEATURE_SETS.call1].find(({ name }) => name === feature)?.label ?? feature;
}

function threatSlices(set: JudgedSet): SliceFigures[] {
  return THREATS.map((threat) =>
    slice(set, threat, (of) => counts(of, set.name.against) && (of.label !== 2 || of.threat === threat)),
  ).filter(({ positives }) => positives > 0);
}

function windowSlices(set: JudgedSet): SliceFigures[] {
  return WINDOW_NUMBERS.map(([from, to]) =>
    slice(
      set,
      to === Number.POSITIVE_INFINITY ? `from ${from + 1} on` : `${from + 1} to ${to}`,
      (of) => counts(of, set.name.against) && of.number >= from && of.number < to,
    ),
  );
}

/** Of all files together. */
function slice(set: JudgedSet, name: string, take: (of: Case) => boolean): SliceFigures {
  const files = set.files.map((file) => scoredOf(file, take));
  const labels = Uint8Array.from(files.flatMap((file) => [...file.labels]));
  const margins = finite(files.flatMap((file) => Array.from(file.margins)));
  const thresholds = files.flatMap(thresholdsOf);
  const positives = labels.reduce((sum, label) => sum + label, 0);
  const auroc = rankingOf(margins, labels).auroc(everyRow(labels.length));
  const found = labels.reduce((sum, label, i) => sum + (label === 1 && margins[i]! > thresholds[i]! ? 1 : 0), 0);
  return {
    ...set.name,
    slice: name,
    auroc: Number.isNaN(auroc) ? null : auroc,
    found: positives === 0 ? null : found / positives,
    n: labels.length,
    positives,
  };
}

function thresholdsOf({ threshold, labels }: Scored): number[] {
  return Array.from(labels, (_, i) => (typeof threshold === 'number' ? threshold : (threshold?.[i] ?? Number.POSITIVE_INFINITY)));
}
