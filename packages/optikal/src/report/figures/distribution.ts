/** How the margins of quiet, exposed and attacking windows lie, each class for itself. */
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
  /** null where it differs between groups. */
  readonly threshold: number | null;
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
  scored.sort((a, b) => a - b);
  const at = (share: number) => scored[Math.min(scored.length - 1, Math.floor(share * scored.length))]!;
  const low = Math.min(at(OUTER_SHARE), threshold ?? Number.POSITIVE_INFINITY);
  // Some room behind the threshold: what alerts must not lie on the edge.
  const beyond = threshold === null ? Number.NEGATIVE_INFINITY : threshold + ROOM * (threshold - low);
  const high = Math.max(at(1 - OUTER_SHARE), beyond, low + 1e-6);
  const binOf = (margin: number) => Math.min(BINS - 1, Math.max(0, Math.floor(((margin - low) / (high - low)) * BINS)));
  return {
    edges: Array.from({ length: BINS + 1 }, (_, i) => low + ((high - low) * i) / BINS),
    threshold,
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
