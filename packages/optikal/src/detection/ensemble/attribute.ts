/**
 * Why a window got its margin: the attributions of every base on the scale of the ensemble's margin, Σ wₖφₖ: trees by exact TreeSHAP, sequences
 * by integrated gradients with what their path missed as a line of its own. Window features, features of the decisive call and those of the
 * windows before stand side by side. INVARIANT: baseValue + Σ contributions = margin.
 */
import { FEATURE_SETS, type FeatureSpec } from '@optikal/contracts';
import { FUSED_COLUMNS } from '../features/fused.ts';
import { type Step, sequenceValues } from '../steps.ts';
import type { Bundle, SequenceBase } from './bundle.ts';
import type { Judgement, Rows } from './judge.ts';
import { metaFor } from './planes.ts';

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
  /** The sequence model speaks loudest for an attack, and the windows before this one are part of what it says. */
  readonly leadUp: boolean;
}

/** Below this no reason is called one: the margin's own scale is standard deviations. */
const LEAST_CONTRIBUTION = 1e-9;

const STEP = FEATURE_SETS.step1;
const FUSED_NAMES = new Set(FEATURE_SETS.fused1.map(({ name }) => name));
/** Column of fused1 of each column of step1; −1 where it has none. */
const FUSED_OF_STEP = STEP.map(({ name }) => (FUSED_NAMES.has(name) ? FUSED_COLUMNS.at(name) : -1));
const BEFORE: readonly FeatureSpec[] = STEP.map((spec) => ({
  ...spec,
  name: `before_${spec.name}`,
  label: `${spec.label}, in the windows before`,
  formula: `mean of ${spec.name} over the windows before in the sequence`,
}));
const RESIDUAL: FeatureSpec = {
  name: 'sequence_residual',
  label: 'sequence: what its attributions miss',
  formula: 'margin − base value − Σ integrated gradients',
  unit: '',
  why: 'integrated gradients are a sum over points of a path, not exact',
  plane: 'behaviour',
  monotone: 0,
};

/** What speaks for an attack, strongest first. What the attributions of a sequence miss is nobody's evidence. */
export function driversOf({ reasons }: Pick<Explanation, 'reasons'>): readonly Reason[] {
  return reasons.filter((reason) => reason.contribution > 0 && !isResidual(reason));
}

export function isResidual({ spec }: Reason): boolean {
  return spec === RESIDUAL;
}

export function attribute(bundle: Bundle, rows: Rows, judgement: Judgement, role: string | null): Explanation {
  const scales = scalesOf(bundle.bases, metaFor(bundle, rows.row), judgement);
  const window = new Float64Array(FEATURE_SETS.fused1.length);
  const call = new Float64Array(FEATURE_SETS.call1.length);
  const usual = (role === null ? undefined : bundle.usual.roles.get(role)) ?? bundle.usual.fleet;
  const reasons: Reason[] = [];
  let { baseValue } = scales;
  let loudest = 0;
  let leadUp = false;
  bundle.bases.forEach((base, k) => {
    const scale = scales.of[k]!;
    if (judgement.bases[k]!.margin === null || scale === 0) return;
    let said = 0;
    let before = 0;
    if (base.on === 'sequence') {
      const part = explainSequence({ base, sequence: rows.sequence, scale, usual }, window, reasons);
      baseValue += part.baseValue;
      ({ said, before } = part);
    } else {
      const { baseValue: own, attributions } = base.scorer.explain(base.on === 'window' ? rows.row : rows.callRows[judgement.topCall]!);
      baseValue += (own - base.mean) * scale;
      const into = base.on === 'window' ? window : call;
      for (let i = 0; i < into.length; i++) {
        const contribution = attributions[i]! * scale;
        into[i]! += contribution;
        said += contribution;
      }
    }
    if (said <= loudest) return;
    loudest = said;
    leadUp = before > 0;
  });
  reasons.push(...reasonsOf(FEATURE_SETS.fused1, rows.row, usual, window));
  if (judgement.topCall >= 0) reasons.push(...reasonsOf(FEATURE_SETS.call1, rows.callRows[judgement.topCall]!, bundle.usual.calls, call));
  const told = reasons.filter((reason) => Math.abs(reason.contribution) > LEAST_CONTRIBUTION);
  told.sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution) || (a.spec.name < b.spec.name ? -1 : 1));
  return { baseValue, reasons: told, leadUp };
}

/** What one unit of each base's raw score is worth in the margin, and what is in the margin whatever the bases say. */
function scalesOf(
  bases: Bundle['bases'],
  meta: Bundle['meta'],
  judgement: Judgement,
): { readonly of: readonly number[]; readonly baseValue: number } {
  if (meta === null) {
    const available = judgement.bases.filter((base) => base.margin !== null).length;
    return { of: bases.map(({ sd }) => 1 / sd / available), baseValue: 0 };
  }
  const absent = judgement.bases.reduce((sum, { margin }, k) => sum + (margin === null ? meta.absent[k]! : 0), 0);
  return { of: bases.map(({ sd }, k) => meta.weights[k]! / sd), baseValue: meta.intercept + absent };
}

interface SequencePart {
  readonly base: SequenceBase;
  readonly sequence: readonly Step[];
  readonly scale: number;
  readonly usual: Float64Array;
}

interface SequenceSum {
  readonly baseValue: number;
  /** All its attributions, and those of the windows before the present one. */
  readonly said: number;
  readonly before: number;
}

/** The present step joins the window's features; the steps before are summed a feature. All on the margin's scale. */
function explainSequence({ base, sequence, scale, usual }: SequencePart, window: Float64Array, reasons: Reason[]): SequenceSum {
  const { baseValue, attributions, residual } = base.scorer.explain(sequenceValues(sequence));
  const counted = sequence.slice(-(attributions.length / STEP.length));
  const last = counted.length - 1;
  let said = 0;
  let sumBefore = 0;
  STEP.forEach((spec, i) => {
    let before = 0;
    for (let t = 0; t < last; t++) before += attributions[t * STEP.length + i]!;
    before *= scale;
    const now = attributions[last * STEP.length + i]! * scale;
    said += before + now;
    sumBefore += before;
    const column = FUSED_OF_STEP[i]!;
    if (column >= 0) window[column] = window[column]! + now;
    else reasons.push({ spec, value: counted[last]![i]!, usual: Number.NaN, contribution: now });
    const usually = column < 0 ? Number.NaN : usual[column]!;
    reasons.push({ spec: BEFORE[i]!, value: meanOfKnown(counted, i, last), usual: usually, contribution: before });
  });
  reasons.push({ spec: RESIDUAL, value: Number.NaN, usual: Number.NaN, contribution: residual * scale });
  return { baseValue: (baseValue - base.mean) * scale, said, before: sumBefore };
}

function meanOfKnown(steps: readonly Step[], column: number, end: number): number {
  let sum = 0;
  let count = 0;
  for (let t = 0; t < end; t++) {
    const value = steps[t]![column]!;
    if (Number.isNaN(value)) continue;
    sum += value;
    count++;
  }
  return count === 0 ? Number.NaN : sum / count;
}

function reasonsOf(specs: readonly FeatureSpec[], row: Float64Array, usual: Float64Array, contributions: Float64Array): Reason[] {
  return specs.map((spec, i) => ({ spec, value: row[i]!, usual: usual[i]!, contribution: contributions[i]! }));
}
