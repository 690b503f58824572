/** What is said of a feature; the tables are in features-core.ts, features-fused.ts and features-call.ts. */

export type Plane = 'behaviour' | 'content' | 'authority';

export interface FeatureSpec {
  readonly name: string;
  /** What a person reads in an alert. */
  readonly label: string;
  readonly formula: string;
  readonly unit: string;
  readonly why: string;
  readonly plane: Plane;
  /** 1 = more of it can only raise the score, -1 = only lower it, 0 = free (used as the monotone constraint of boosting). */
  readonly monotone: -1 | 0 | 1;
}
