/**
 * The ensemble beside one-feature rules, for each threat and intensity: what a report shows so that nobody has to believe a single figure. The
 * threshold of a rule, and which feature it takes, come from other agents than those it is judged on (two halves by unit, each judged by the
 * other), for the ensemble as for the stump.
 */
import type { Threat } from '@optikal/contracts';

export interface CellFigure {
  /** null = all threats. */
  readonly threat: Threat | null;
  /** null = all intensities. */
  readonly intensity: string | null;
  /** Attack windows, and the campaigns they belong to. */
  readonly windows: number;
  readonly campaigns: number;
  readonly ensemble: { readonly auroc: number; readonly balancedAccuracy: number };
  /** The best single split over all fused1 features. */
  readonly stump: { readonly feature: string; readonly balancedAccuracy: number };
  readonly callCountAuroc: number;
}
