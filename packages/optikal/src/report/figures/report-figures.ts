/** All figures of a report from judged windows: what the page draws, and `--json` prints. Pure. */
import { FEATURE_SETS } from '@optikal/contracts';
import { type CellFigure, cellFigures } from '../../training/cells.ts';
import { type Baselines, baselines, headline, type Measured, measure, thinnedRows } from '../../training/measure.ts';
import { everyRow, rankingOf } from '../../training/ranking.ts';
import { type AgeGroup, byAge } from './age.ts';
import { type BaseLine, baseTable } from './base-table.ts';
import { type Calibration, calibrationOf } from './calibration.ts';
import { campaignsOf } from './campaigns.ts';
import { countsAbove, type PrPoint, prPoints, type RocPoint, rocPoints, thinned } from './curves.ts';
import { type Distribution, distributionOf } from './distribution.ts';
import { type Grid, gridOf } from './grid.ts';
import type { Judge, Judged } from './judged.ts';
import { judgesOf } from './judges.ts';
import { type AlertLoad, alertLoad } from './load.ts';
import { type Naming, namingOf } from './naming.ts';
import { type Operating, operatingOf } from './operating.ts';
import type { Part } from './part.ts';
import { type TimeToDetect, timeToDetect } from './time-to-detect.ts';
import { type Timeline, timelinesOf } from './timelines.ts';
import { type Uncertainty, uncertaintyOf } from './uncertainty.ts';

const NO_CLOCK = { missing: 'Recorded agents were not recorded with their times: a delay would be that of a clock that was made up.' };
/** More quiet windows than this move a cell by less than its interval: every n-th is taken. */
const CELL_WINDOWS = 8000;
const FUSED = new Map(FEATURE_SETS.fused1.map(({ name }, i) => [name, i]));

export interface Curve {
  readonly name: string;
  readonly auroc: number;
  readonly averagePrecision: number;
  readonly roc: readonly RocPoint[];
  readonly pr: readonly PrPoint[];
}

export interface Curves {
  /** The ensemble first, then its rivals. */
  readonly curves: readonly Curve[];
  readonly stump: { readonly name: string; readonly fpr: number; readonly recall: number; readonly precision: number | null };
  readonly operating: { readonly fpr: number; readonly recall: number; readonly precision: number | null };
  /** Average precision of chance. */
  readonly prevalence: number;
  readonly smallestFpr: number;
}

export interface ReportFigures {
  readonly windows: { readonly benign: number; readonly exposed: number; readonly acted: number; readonly excluded: number };
  readonly agents: number;
  /** true: times are made up, and rates a day say nothing. */
  readonly surrogateClock: boolean;
  readonly days: number;
  readonly measured: Part<Measured>;
  readonly baselines: Part<Baselines>;
  readonly operating: Operating;
  readonly curves: Part<Curves>;
  readonly calibration: Part<Calibration>;
  readonly distribution: Part<Distribution>;
  readonly grid: Part<Grid>;
  readonly naming: Part<Naming>;
  readonly timeToDetect: Part<TimeToDetect>;
  readonly load: AlertLoad;
  readonly age: readonly AgeGroup[];
  readonly timelines: Part<readonly Timeline[]>;
  readonly bases: Part<readonly BaseLine[]>;
  readonly uncertainty: Part<Uncertainty>;
}

export function reportFigures(judged: Judged): ReportFigures {
  const { samples, margins, unitOf, seed } = judged;
  const kept = samples.flatMap((sample, i) => (headline(sample) ? [i] : []));
  const keptSamples = kept.map((i) => samples[i]!);
  const acted = keptSamples.filter(({ label }) => label === 2).length;
  const both = acted > 0 && acted < kept.length;
  const none = {
    missing: judged.labelled
      ? 'It takes windows that acted and quiet ones; this data holds one kind only.'
      : 'The data has no truth.jsonl: without labels there is nothing to measure against.',
  };
  const measured = both
    ? measure(
        keptSamples,
        Float64Array.from(kept, (i) => margins[i]!),
        unitOf,
        seed,
      )
    : none;
  const beside = both ? baselines(keptSamples) : null;
  const judges = judgesOf(judged, beside);
  const { ensemble, rivals } = judges;
  const campaigns = campaignsOf(judged);
  const operating = operatingOf(judged, judges, campaigns);
  const count = (is: (sample: (typeof samples)[number]) => boolean) => samples.filter(is).length;
  return {
    windows: {
      benign: count(({ label }) => label === 0),
      exposed: count(({ label }) => label === 1),
      acted: count(({ label }) => label === 2),
      excluded: count(({ exclude }) => exclude),
    },
    agents: judged.agents,
    surrogateClock: judged.surrogateClock,
    days: judged.days,
    measured,
    baselines: beside ?? none,
    operating,
    curves: beside === null ? none : curvesOf(judged, [ensemble, ...rivals], beside, operating),
    calibration: both ? calibrationOf(judged) : none,
    distribution: distributionOf(judged, ensemble),
    grid: both ? gridOf(judged, campaigns, { ensemble, rival: rivals[0]! }, cellsOf(judged)) : none,
    naming: both ? namingOf(judged) : none,
    timeToDetect: judged.surrogateClock ? NO_CLOCK : both ? timeToDetect(campaigns, samples, ensemble, rivals) : none,
    load: alertLoad(judged, ensemble),
    age: byAge(judged, ensemble, rivals),
    timelines: both ? timelinesOf(judged, campaigns, ensemble) : none,
    bases: both ? baseTable(judged) : none,
    uncertainty: both ? uncertaintyOf(judged) : none,
  };
}

function cellsOf({ samples, margins, unitOf, seed }: Judged): CellFigure[] {
  const rows = thinnedRows(samples, CELL_WINDOWS);
  return cellFigures(
    rows.map((i) => samples[i]!),
    Float64Array.from(rows, (i) => margins[i]!),
    unitOf,
    seed,
  );
}

function curvesOf(judged: Judged, judges: readonly Judge[], beside: Baselines, operating: Operating): Curves {
  const { samples } = judged;
  const kept = samples.flatMap((sample, i) => (headline(sample) ? [i] : []));
  const labels = kept.map((i) => (samples[i]!.label === 2 ? 1 : 0));
  const positives = labels.filter((label) => label === 1).length;
  const benign = labels.length - positives;
  const precision = (hits: number, alarms: number) => (hits + alarms === 0 ? null : hits / (hits + alarms));
  const { bestStump } = beside;
  const column = FUSED.get(bestStump.name)!; // baselines names a feature of this set
  const alarmed = kept.map((i) => {
    const value = samples[i]!.row[column]!;
    return bestStump.direction === 1 ? value > bestStump.threshold : value <= bestStump.threshold;
  });
  const hits = alarmed.filter((alarm, j) => alarm && labels[j] === 1).length;
  const alarms = alarmed.filter((alarm, j) => alarm && labels[j] === 0).length;
  return {
    curves: judges.map(({ name, scores }) =>
      curveOf(
        name,
        Float64Array.from(kept, (i) => scores[i]!),
        labels,
      ),
    ),
    stump: { name: bestStump.name, fpr: alarms / benign, recall: hits / positives, precision: precision(hits, alarms) },
    operating: {
      fpr: operating.falseAlarms.share ?? 0,
      recall: operating.caught.share ?? 0,
      precision: precision(operating.caught.hits, operating.falseAlarms.hits),
    },
    prevalence: positives / labels.length,
    smallestFpr: 1 / benign,
  };
}

function curveOf(name: string, scores: Float64Array, labels: readonly number[]): Curve {
  const ranking = rankingOf(scores, Uint8Array.from(labels));
  const all = everyRow(labels.length);
  const counts = countsAbove(scores, labels);
  return {
    name,
    auroc: ranking.auroc(all),
    averagePrecision: ranking.averagePrecision(all),
    roc: thinned(
      rocPoints(counts),
      ({ fpr }) => fpr,
      ({ recall }) => recall,
    ),
    pr: thinned(
      prPoints(counts),
      ({ recall }) => recall,
      ({ precision }) => precision,
    ),
  };
}
