/**
 * Why a window got its margin: the TreeSHAP attributions of every base, on the scale of the ensemble's margin (φ / sd / number of available
 * bases). Window features and features of the decisive call stand side by side. INVARIANT: baseValue + Σ contributions = margin.
 */
import { FEATURE_SETS, type FeatureSpec } from '@optikal/contracts';
import type { Bundle } from './bundle.ts';
import type { Judgement, Rows } from './judge.ts';

export interface Reason {
  readonly spec: FeatureSpec;
  /** NaN = missing. */
  readonly value: number;
  /** Median over benign training windows of the role (else of the fleet); NaN = unknown. */
  readonly usual: number;
  readonly contribution: number;
}

export interface Explanation {
  readonly baseValue: number;
  /** By falling magnitude; zero contributions are left out. */
  readonly reasons: readonly Reason[];
}

/** Below this no reason is called one: the margin's own scale is standard deviations. */
const LEAST_CONTRIBUTION = 1e-9;

export function attribute(bundle: Bundle, rows: Rows, judgement: Judgement, role: string | null): Explanation {
  const available = judgement.bases.filter((base) => base.margin !== null).length;
  const window = new Float64Array(FEATURE_SETS.fused1.length);
  const call = new Float64Array(FEATURE_SETS.call1.length);
  let baseValue = 0;
  bundle.bases.forEach((base, k) => {
    if (judgement.bases[k]!.margin === null) return;
    const { baseValue: own, attributions } = base.scorer.explain(base.on === 'window' ? rows.row : rows.callRows[judgement.topCall]!);
    const scale = 1 / base.sd / available;
    baseValue += (own - base.mean) * scale;
    const into = base.on === 'window' ? window : call;
    for (let i = 0; i < into.length; i++) into[i]! += attributions[i]! * scale;
  });
  const usual = (role === null ? undefined : bundle.usual.roles.get(role)) ?? bundle.usual.fleet;
  const reasons = [
    ...reasonsOf(FEATURE_SETS.fused1, rows.row, usual, window),
    ...(judgement.topCall < 0 ? [] : reasonsOf(FEATURE_SETS.call1, rows.callRows[judgement.topCall]!, bundle.usual.calls, call)),
  ];
  reasons.sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution) || (a.spec.name < b.spec.name ? -1 : 1));
  return { baseValue, reasons };
}

function reasonsOf(specs: readonly FeatureSpec[], row: Float64Array, usual: Float64Array, contributions: Float64Array): Reason[] {
  return specs
    .map((spec, i) => ({ spec, value: row[i]!, usual: usual[i]!, contribution: contributions[i]! }))
    .filter((reason) => Math.abs(reason.contribution) > LEAST_CONTRIBUTION);
}
