/**
 * Which planes spoke of a window, and what of a bundle fits it: a margin of 0.3 means one thing where the gateway judged every text, and another
 * where there is no gateway. So a bundle has an operating point and a calibration for each set of planes that its windows can have.
 */
import { type Calibration, calibratedProbability, type MetaModel } from '@optikal/ml';
import { columnsOf, type Row } from '../features/columns.ts';
import type { Bundle, OperatingPoint } from './bundle.ts';

/** What was there: calls or metrics; where arguments came from; verdicts of a gateway; decisions of a policy. */
export interface Planes {
  readonly behaviour: boolean;
  readonly provenance: boolean;
  readonly content: boolean;
  readonly authority: boolean;
}

/** How windows with these planes are judged. */
export interface PlaneView {
  readonly planes: Planes;
  /** How the bases become one margin where these planes are all there is; null = as everywhere. */
  readonly meta: MetaModel | null;
  readonly calibration: Calibration;
  /** What was asked is that of the bundle; the threshold is its own. */
  readonly operatingPoint: OperatingPoint;
  /** Ascending out-of-fold margins of benign windows with these planes. */
  readonly benignMargins: Float64Array;
}

/** What combines bases; a `Bundle` is one. */
export interface Combining {
  readonly meta: MetaModel | null;
  readonly byPlanes?: readonly Pick<PlaneView, 'planes' | 'meta'>[];
}

type Judged = Pick<Bundle, 'calibration' | 'operatingPoint' | 'benignMargins' | 'byPlanes' | 'prevalence'>;

const FUSED = columnsOf('fused1');
const [API, CALLS] = [FUSED.at('api_calls_per_min'), FUSED.at('calls')];
const [VALUES, UNREQUESTED, DESTINATIONS] = [FUSED.at('values_from_output'), FUSED.at('unrequested_any'), FUSED.at('dest_count')];
const [CHECKED, INJECTION, VIOLATIONS] = [FUSED.at('checked'), FUSED.at('injection_max'), FUSED.at('violations')];
const DECISIONS = FUSED.at('decisions');

/** Weights of a plane that is missing or too many, where no view has the very planes of a window: what the margin depends on most. */
const DISTANCE: Readonly<Record<keyof Planes, number>> = { behaviour: 8, content: 4, provenance: 2, authority: 1 };
export const PLANE_NAMES = ['behaviour', 'provenance', 'content', 'authority'] as const satisfies readonly (keyof Planes)[];

/** The planes that a row of a window speaks of. */
export function planesOf(row: Row): Planes {
  const known = (column: number) => !Number.isNaN(row[column]!);
  return {
    behaviour: known(API) || row[CALLS]! > 0,
    provenance: known(VALUES) || known(UNREQUESTED) || known(DESTINATIONS),
    content: row[CHECKED]! > 0 || row[VIOLATIONS]! > 0 || known(INJECTION),
    authority: row[DECISIONS]! > 0,
  };
}

/** The view for these planes, else the nearest one; null where there is none. */
export function viewOf<T extends { readonly planes: Planes }>({ byPlanes }: { readonly byPlanes: readonly T[] }, planes: Planes): T | null {
  let nearest: T | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const view of byPlanes) {
    let distance = 0;
    for (const name of PLANE_NAMES) if (view.planes[name] !== planes[name]) distance += DISTANCE[name];
    if (distance < least) {
      least = distance;
      nearest = view;
    }
  }
  return nearest;
}

/** The meta-model that makes one margin of the bases for a window with this row; null = their mean. */
export function metaFor({ meta, byPlanes = [] }: Combining, row: Row): MetaModel | null {
  if (byPlanes.length === 0) return meta;
  return viewOf({ byPlanes }, planesOf(row))?.meta ?? meta;
}

/**
 * The threshold of a window with this row, where `threshold` is in force for the bundle: at the bundle's own operating point that of its view, at
 * any other one the margin that as many of the view's benign windows reach. Beyond all of them the distance to the outermost is kept.
 */
export function thresholdFor(bundle: Judged, threshold: number, row: Row): number {
  const view = viewOf(bundle, planesOf(row));
  if (view === null) return threshold;
  if (threshold === bundle.operatingPoint.threshold) return view.operatingPoint.threshold;
  const [all, own] = [bundle.benignMargins, view.benignMargins];
  if (all.length === 0 || own.length === 0) return threshold + view.operatingPoint.threshold - bundle.operatingPoint.threshold;
  const below = firstAtLeast(all, threshold);
  if (below === all.length) return own.at(-1)! + threshold - all.at(-1)!;
  if (below === 0) return own[0]! + threshold - all[0]!;
  return own[Math.min(own.length - 1, Math.floor((below / all.length) * own.length))]!;
}

/** The probability that is shown for a margin of a window with this row. */
export function probabilityFor(bundle: Judged, margin: number, row: Row, prevalence = bundle.prevalence): number {
  return calibratedProbability(viewOf(bundle, planesOf(row))?.calibration ?? bundle.calibration, margin, prevalence);
}

/** Index of the first value that is not below `wanted`; the length where there is none. */
function firstAtLeast(ascending: Float64Array, wanted: number): number {
  let [from, to] = [0, ascending.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (ascending[middle]! < wanted) from = middle + 1;
    else to = middle;
  }
  return from;
}
