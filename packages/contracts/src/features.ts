/**
 * The feature table: name, formula, unit, why and plane of every feature. It is the one source of the names in code, docs and screens;
 * the order of a set is the order of its columns. Formulas are implemented in `detection/features` and tested against hand-worked rows.
 */
import type { FeatureSpec } from './feature-spec.ts';
import { CALL_FEATURES } from './features-call.ts';
import { CORE18 } from './features-core.ts';
import { FUSED_ONLY } from './features-fused.ts';
import { STEP_FEATURES } from './features-step.ts';

export const FEATURE_SETS = {
  core18: CORE18,
  fused1: [...CORE18, ...FUSED_ONLY],
  call1: CALL_FEATURES,
  step1: STEP_FEATURES,
} as const satisfies Record<string, readonly FeatureSpec[]>;

export type FeatureSetName = keyof typeof FEATURE_SETS;
