/**
 * The ensemble beside one-feature rules, for each threat and intensity: what a report shows so that nobody has to believe a single figure. The
 * threshold of a rule, and which feature it takes, come from other agents than those it is judged on (two halves by unit, each judged by the
 * other), for the ensemble as for the stump.
 */
import { FEATURE_SETS, THREATS, type Threat } from '@optikal/contracts';
import { groupedFolds } from '@optikal/ml';
import type { WindowSample } from './dataset.ts';
import { headline } from './measure.ts';
import { type OneFeatureRule, type OneFeatureRules, oneFeatureRules, type Selection } from './one-feature.ts';
import { finite, rankingOf } from './ranking.ts';
import { INTENSITIES } from './simulator/campaign.ts';

export interface CellFigure {
  /** null = all threats. */
  readonly threat: Threat | null;
  /** null = all intensities. */
  readonly intensity: string | null;
  /** Attack windows, and the campaigns they belong to. */
  readonly windows: number;
  readonly campaigns: number;
  /** Balanced accuracy is NaN, as the stump's, where the attacks lie in one unit only: nobody else is there to choose the rule on. */
  readonly ensemble: { readonly auroc: number; readonly balancedAccuracy: number };
  /** The best single split over all fused1 features. Where the halves chose two, the one that was stronger where it was chosen. */
  readonly stump: { readonly feature: string; readonly balancedAccuracy: number };
  readonly callCountAuroc: number;
}

/** What `cellFigures` counts as one attack: a threat and an intensity, or all of them. */
type Cell = Pick<CellFigure, 'threat' | 'intensity'>;

/**
 * Figures of every cell that has attack windows: each threat at each intensity, each threat, each intensity, all. Every cell is held against
 * all quiet windows; exposed windows and doubtful labels are left out (`headline`). `margins` of `samples`: out-of-fold, or of agents that the
 * models never saw. Empty where there are no attacks, or nothing else.
 */
export function cellFigures(
  samples: readonly WindowSample[],
  margins: ArrayLike<number>,
  unitOf: (sample: WindowSample) => string,
  seed: string,
): CellFigure[] {
  const kept = samples.flatMap((sample, i) => (headline(sample) ? [i] : []));
  const rows = kept.map((i) => samples[i]);
  const scores = finite(Float64Array.from(kept, (i) => margins[i]));
  const attacks = rows.filter((sample) => sample.label === 2);
  if (attacks.length === 0 || attacks.length === rows.length) return [];
  const labels = Uint8Array.from(rows, (sample) => (sample.label === 2 ? 1 : 0));
  const units = rows.map(unitOf);
  const ranked = rankingOf(scores, labels);
  const byCalls = rankingOf(
    Float64Array.from(rows, (sample) => sample.callRows.length),
    labels,
  );
  const features = oneFeatureRules(rows.map((sample) => sample.row));
  const ensemble = oneFeatureRules(Array.from(scores, (score) => Float64Array.of(score)));
  return cellsOf(attacks).map((cell): CellFigure => {
    const selection = Int8Array.from(rows, (sample) => (sample.label === 0 ? 0 : inCell(sample, cell) ? 1 : -1));
    const counts = Uint8Array.from(selection, (role) => (role >= 0 ? 1 : 0));
    const own = rows.filter((_, i) => selection[i] === 1);
    const halves = halvesOf(units, selection, seed);
    const stump = judged(features, selection, halves, false);
    return {
      ...cell,
      windows: own.length,
      campaigns: new Set(own.flatMap(({ campaign }) => campaign ?? [])).size,
      ensemble: { auroc: ranked.auroc(counts), balancedAccuracy: judged(ensemble, selection, halves, true).balancedAccuracy },
      stump: { feature: stump.rule === null ? '' : FEATURE_SETS.fused1[stump.rule.feature].name, balancedAccuracy: stump.balancedAccuracy },
      callCountAuroc: byCalls.auroc(counts),
    };
  });
}

/** Threats in the taxonomy's order, intensities from open to hidden, single cells before what pools them. */
function cellsOf(attacks: readonly WindowSample[]): Cell[] {
  const known: readonly string[] = INTENSITIES;
  const rank = (intensity: string) => (known.includes(intensity) ? known.indexOf(intensity) : known.length);
  const intensities = [...new Set(attacks.flatMap(({ intensity }) => intensity ?? []))].sort(
    (a, b) => rank(a) - rank(b) || (a < b ? -1 : 1),
  );
  const cells = [...THREATS, null].flatMap((threat) => [...intensities, null].map((intensity) => ({ threat, intensity })));
  return cells.filter((cell) => attacks.some((sample) => inCell(sample, cell)));
}

function inCell(sample: WindowSample, { threat, intensity }: Cell): boolean {
  return (threat === null || sample.threat === threat) && (intensity === null || sample.intensity === intensity);
}

/** Half 0 or 1 of each row, units whole; units with attacks of the cell are dealt out by themselves, so that both halves get some. */
function halvesOf(units: readonly string[], selection: Selection, seed: string): Int32Array {
  const attacked = new Set(units.filter((_, i) => selection[i] === 1));
  const halves = new Int32Array(units.length);
  for (const side of [true, false]) {
    const rows = units.flatMap((unit, i) => (attacked.has(unit) === side ? [i] : []));
    const own = rows.map((i) => units[i]);
    if (new Set(own).size < 2) continue;
    const dealt = groupedFolds(own, 2, seed);
    rows.forEach((row, j) => {
      halves[row] = dealt[j];
    });
  }
  return halves;
}

/** Both halves judged by the rule that the other one chose; hits and alarms of the two are pooled. */
function judged(rules: OneFeatureRules, selection: Selection, halves: Int32Array, upwards: boolean) {
  let rule: OneFeatureRule | null = null;
  let hits = 0;
  let alarms = 0;
  for (const half of [0, 1]) {
    const found = rules.fit(
      selection.map((role, i) => (halves[i] === half ? -1 : role)),
      upwards,
    );
    if (found === null) return { rule: null, balancedAccuracy: Number.NaN };
    if (rule === null || found.fitted > rule.fitted) rule = found;
    selection.forEach((role, i) => {
      if (role < 0 || halves[i] !== half || !rules.alarms(found, i)) return;
      if (role === 1) hits++;
      else alarms++;
    });
  }
  const attacks = selection.filter((role) => role === 1).length;
  const quiet = selection.filter((role) => role === 0).length;
  return { rule, balancedAccuracy: (hits / attacks + 1 - alarms / quiet) / 2 };
}
