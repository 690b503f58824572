/** What `optikal drift` found, as JSON: the page embeds it, `--json` prints it. */
import type { DriftSummary, FeatureDrift } from '@optikal/ml';

export interface DriftFeature extends FeatureDrift {
  readonly label: string;
  readonly unit: string;
}

export interface DriftReport extends Omit<DriftSummary, 'features'> {
  readonly kind: 'drift';
  /** The data directory. */
  readonly source: string;
  readonly fingerprint: string;
  /** Windows of the hours that other bundles judged and that were left out. */
  readonly windowsOfOtherBundles: number;
  /** Windows beyond what is compared at once: the oldest. */
  readonly windowsTooMany: number;
  /** One sentence that says it all. */
  readonly verdict: string;
  /** What bears on the verdict, if anything does. */
  readonly notes: readonly string[];
  /** Worst first: alarms, then by how far PSI is on its way to its critical value. */
  readonly features: readonly DriftFeature[];
}
