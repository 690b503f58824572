/** What was left out and judged: margins, thresholds and answers of one plane and protocol, and the rows that are made of them. */
import { meanRow, type ProtocolRow, protocolRow, type Scored } from '../protocol-rows.ts';
import { everyRow, finite, intervalOf, rankingOf } from '../ranking.ts';
import type { Case } from './cases.ts';
import { type Against, counts, type Level } from './fold.ts';

export type Plane = 'none' | 'real' | 'oracle';

export interface JudgedName {
  readonly protocol: string;
  readonly plane: Plane;
  readonly level: Level;
  readonly against: Against;
}

/** Cases of one sessions file, all of them judged once. */
export interface Judged {
  readonly cases: readonly Case[];
  readonly margins: Float64Array;
  readonly thresholds: Float64Array;
  /** Which part each was left out with, or its cell. */
  readonly parts: readonly string[];
}

/** Several sessions files under one name: figures are averaged over them, groups resampled over all together. */
export interface JudgedSet {
  readonly name: JudgedName;
  readonly files: readonly Judged[];
}

export const LEAST_CALLS = 3;
const RESAMPLES = 200;

/** Each part, their mean, all pooled; and pooled with windows of three calls and more, and with doubtful labels. */
export function rowsOf(set: JudgedSet, seed: string): ProtocolRow[] {
  const { against } = set.name;
  const parts = [...new Set(set.files.flatMap((file) => file.parts))].sort();
  const row = (cell: string, take: (of: Case, part: string) => boolean) => rowOver(set, cell, take, seed);
  const headline = (of: Case) => counts(of, against);
  const own = parts.map((part) => row(part, (of, its) => its === part && headline(of)));
  return [
    ...own,
    ...(own.length === 0 ? [] : [meanRow(own)]),
    row('pooled', headline),
    row(`pooled, ${LEAST_CALLS} calls and more`, (of) => of.calls >= LEAST_CALLS && headline(of)),
    row('pooled, with doubtful labels', (of) => counts({ ...of, exclude: false }, against)),
  ];
}

export function rowOver(set: JudgedSet, cell: string, take: (of: Case, part: string) => boolean, seed: string): ProtocolRow {
  const scored = set.files.map((file) => scoredOf(file, take));
  const name = { ...set.name, cell };
  const rows = scored.map((one) => protocolRow(name, one, `${seed}:${cell}`));
  if (rows.length === 1) return rows[0]!;
  const mean = meanRow(rows);
  const count = (sum: number) => Math.round(sum / rows.length);
  return { ...mean, cell, n: count(mean.n), positives: count(mean.positives), aurocInterval: jointInterval(scored, `${seed}:${cell}`) };
}

export function scoredOf({ cases, margins, thresholds, parts }: Judged, take: (of: Case, part: string) => boolean): Scored {
  const at = cases.flatMap((of, i) => (take(of, parts[i]!) ? [i] : []));
  return {
    margins: at.map((i) => margins[i]!),
    labels: Uint8Array.from(at, (i) => (cases[i]!.label === 2 ? 1 : 0)),
    groups: at.map((i) => cases[i]!.group),
    threshold: at.map((i) => thresholds[i]!),
  };
}

/** Of the mean AUROC over files: a group is drawn in all of them or in none, for they share its runs. */
function jointInterval(files: readonly Scored[], seed: string): readonly [number, number] | null {
  const rankings = files.map(({ margins, labels }) => rankingOf(finite(margins), labels));
  if (rankings.some((ranking) => Number.isNaN(ranking.auroc(everyRow(ranking.rows))))) return null;
  const groups = files.flatMap((file) => file.groups);
  const mean = (counts: Uint16Array) => {
    let from = 0;
    let sum = 0;
    for (const ranking of rankings) {
      sum += ranking.auroc(counts.subarray(from, from + ranking.rows));
      from += ranking.rows;
    }
    return sum / rankings.length;
  };
  const interval = intervalOf(groups, mean, RESAMPLES, seed);
  return interval === null ? null : [interval.low, interval.high];
}
