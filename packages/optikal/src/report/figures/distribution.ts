/** How the margins of quiet, exposed and attacking windows lie, each class for itself. */
import { PLANE_NAMES, planesOf } from '../../detection/ensemble/planes.ts';
import type { Judge, Judged } from './judged.ts';
import type { Part } from './part.ts';

export type ClassName = 'quiet' | 'exposed' | 'acted';

export interface Distribution {
  /** Edges of the bins, one more than there are; the outer bins hold what lies beyond. */
  readonly edges: readonly number[];
  readonly classes: readonly {
    readonly name: ClassName;
    readonly windows: number;
    /** Windows in which no base had anything to score. */
    readonly unscored: number;
    readonly counts: readonly number[];
    readonly alerts: number;
  }[];
  /** null where it differs between windows. */
  readonly threshold: number | null;
  /** One a set of planes where it differs by them, those of most windows first; else none. */
  readonly byPlanes: readonly PlanesThreshold[];
}

export interface PlanesThreshold {
  readonly threshold: number;
  readonly windows: number;
  /** Names of the planes that its windows had; several sets may share one threshold. */
  readonly planes: readonly string[];
}

const BINS = 40;
/** A handful of extremes must not flatten the picture. */
const OUTER_SHARE = 0.001;
const ROOM = 0.12;

const CLASSES: readonly ClassName[] = ['quiet', 'exposed', 'acted'];

export function distributionOf(
  { samples, margins, thresholds }: Pick<Judged, 'samples' | 'margins' | 'thresholds'>,
  { alerts }: Pick<Judge, 'alerts'>,
): Part<Distribution> {
  const kept = samples.flatMap(({ exclude }, i) => (exclude ? [] : [i]));
  const scored = kept.map((i) => margins[i]!).filter((margin) => Number.isFinite(margin));
  if (scored.length === 0) return { missing: 'No window has a margin.' };
  const threshold = kept.every((i) => thresholds[i] === thresholds[0]) && Number.isFinite(thresholds[0]!) ? thresholds[0]! : null;
  const byPlanes = threshold === null ? thresholdsByPlanes(kept, samples, thresholds) : [];
  const lines = threshold === null ? byPlanes.map((one) => one.threshold) : [threshold];
  scored.sort((a, b) => a - b);
  const at = (share: number) => scored[Math.min(scored.length - 1, Math.floor(share * scored.length))]!;
  const low = Math.min(at(OUTER_SHARE), ...lines);
  // Some room behind the last threshold: what alerts must not lie on the edge.
  const furthest = Math.max(...lines);
  const beyond = lines.length === 0 ? furthest : furthest + ROOM * (furthest - low);
  const high = Math.max(at(1 - OUTER_SHARE), beyond, low + 1e-6);
  const binOf = (margin: number) => Math.min(BINS - 1, Math.max(0, Math.floor(((margin - low) / (high - low)) * BINS)));
  return {
    edges: Array.from({ length: BINS + 1 }, (_, i) => low + ((high - low) * i) / BINS),
    threshold,
    byPlanes,
    classes: CLASSES.map((name, label) => {
      const own = kept.filter((i) => samples[i]!.label === label);
      const counts = Array.from({ length: BINS }, () => 0);
      for (const i of own) if (Number.isFinite(margins[i]!)) counts[binOf(margins[i]!)]!++;
      return {
        name,
        windows: own.length,
        unscored: own.filter((i) => !Number.isFinite(margins[i]!)).length,
        counts,
        alerts: own.filter((i) => alerts[i] === 1).length,
      };
    }),
  };
}

/** Empty where two windows with the same planes have two thresholds, as those of two groups have, or where one has none. */
function thresholdsByPlanes(kept: readonly number[], samples: Judged['samples'], thresholds: Judged['thresholds']): PlanesThreshold[] {
  const ofPlanes = new Map<string, number>();
  const found = new Map<number, { windows: number; planes: Set<string> }>();
  for (const i of kept) {
    const threshold = thresholds[i]!;
    const had = planesOf(samples[i]!.row);
    const planes = PLANE_NAMES.filter((name) => had[name]).join(' + ') || 'nothing';
    if (!Number.isFinite(threshold) || (ofPlanes.get(planes) ?? threshold) !== threshold) return [];
    ofPlanes.set(planes, threshold);
    const own = found.get(threshold) ?? { windows: 0, planes: new Set<string>() };
    found.set(threshold, own);
    own.windows++;
    own.planes.add(planes);
  }
  return [...found]
    .map(([threshold, { windows, planes }]) => ({ threshold, windows, planes: [...planes].sort() }))
    .sort((a, b) => b.windows - a.windows || a.threshold - b.threshold);
}
