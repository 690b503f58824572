/**
 * The best rule of one feature for many selections of the same rows: each column is sorted once, a selection costs one walk a column. Equal to
 * `bestStump` of the selected rows (its oracle in the tests), which sorts every column anew.
 */
import type { Row } from '../detection/features/columns.ts';

export interface OneFeatureRule {
  readonly feature: number;
  readonly threshold: number;
  /** 1: alarm where x > threshold; −1: alarm where x ≤ threshold. A missing value never alarms. */
  readonly direction: 1 | -1;
  /** Balanced accuracy on the rows it was chosen on. */
  readonly fitted: number;
}

/** What each row is in a selection: 1 = attack, 0 = quiet, −1 = not in it. */
export type Selection = Int8Array;

export interface OneFeatureRules {
  /** null where the selection lacks attacks or quiet rows. `upwards`: only rules that alarm on high values. */
  fit(selection: Selection, upwards?: boolean): OneFeatureRule | null;
  alarms(rule: OneFeatureRule, row: number): boolean;
}

export function oneFeatureRules(rows: readonly Row[]): OneFeatureRules {
  const columns = Array.from({ length: rows[0]?.length ?? 0 }, (_, feature) => {
    const values = Float64Array.from(rows, (row) => row[feature]);
    const order = Int32Array.from(values.keys()).filter((i) => !Number.isNaN(values[i]));
    return { values, order: order.sort((a, b) => values[a] - values[b] || a - b) };
  });
  return {
    fit(selection, upwards = false) {
      const quiet = selection.filter((role) => role === 0).length;
      const attacks = selection.filter((role) => role === 1).length;
      if (quiet === 0 || attacks === 0) return null;
      let best: OneFeatureRule | null = null;
      for (const [feature, column] of columns.entries()) {
        const found = bestThreshold(column, selection, quiet, attacks, upwards);
        if (best === null || found.fitted > best.fitted) best = { feature, ...found };
      }
      return best;
    },
    alarms({ feature, threshold, direction }, row) {
      const x = columns[feature].values[row];
      return direction === 1 ? x > threshold : x <= threshold;
    },
  };
}

interface Column {
  readonly values: Float64Array;
  /** Rows whose value is known, ascending. */
  readonly order: Int32Array;
}

/** One walk upwards: at each gap between two values, what lies above it and what lies at or below it. */
function bestThreshold({ values, order }: Column, selection: Selection, quiet: number, attacks: number, upwards: boolean) {
  const taken = order.filter((row) => selection[row] >= 0);
  let attacksAbove = taken.filter((row) => selection[row] === 1).length;
  let quietAbove = taken.length - attacksAbove;
  const known = { attacks: attacksAbove, quiet: quietAbove };
  let best: Omit<OneFeatureRule, 'feature'> = { threshold: 0, direction: 1, fitted: 0 };
  for (let k = 0; k < taken.length; k++) {
    const x = values[taken[k]];
    if (selection[taken[k]] === 1) attacksAbove--;
    else quietAbove--;
    const next = k + 1 < taken.length ? values[taken[k + 1]] : x + 1;
    if (next === x) continue;
    const middle = x / 2 + next / 2;
    const threshold = middle >= x && middle < next ? middle : x;
    const above = (attacksAbove / attacks + 1 - quietAbove / quiet) / 2;
    if (above > best.fitted) best = { threshold, direction: 1, fitted: above };
    const below = ((known.attacks - attacksAbove) / attacks + 1 - (known.quiet - quietAbove) / quiet) / 2;
    if (!upwards && below > best.fitted) best = { threshold, direction: -1, fitted: below };
  }
  return best;
}
