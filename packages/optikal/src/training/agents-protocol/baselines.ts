/** What stands beside each figure: the number of calls alone, and the single feature that tells most in the training part. */
import { FEATURE_SETS } from '@optikal/contracts';
import { auroc } from '@optikal/ml';
import type { Row } from '../../detection/features/columns.ts';
import type { WindowSample } from '../dataset.ts';
import type { Case } from './cases.ts';
import { type Against, casesOfLevel, counts, type FoldData, type Level } from './fold.ts';

export interface BaselineMargins {
  readonly calls: Float64Array;
  readonly best: Float64Array;
  readonly feature: string;
}

/** More training rows than this choose no other feature. */
const MOST_ROWS = 3000;

export function baselineMargins(train: FoldData, test: FoldData, level: Level, against: Against): BaselineMargins {
  const tested = casesOfLevel(test.cases, level);
  const fitted = casesOfLevel(train.cases, level).filter((of) => counts(of, against));
  const stride = Math.ceil(fitted.length / MOST_ROWS);
  const used = fitted.filter((of, i) => of.label === 2 || i % stride === 0);
  const labels = used.map(({ label }) => (label === 2 ? 1 : 0));
  const { column, direction } = bestColumn(
    used.map((of) => rowOfCase(of, level, train.samples)),
    labels,
  );
  return {
    calls: Float64Array.from(tested, ({ calls }) => calls),
    best: Float64Array.from(tested, (of) => ranked(rowOfCase(of, level, test.samples)[column]!, direction)),
    feature: FEATURE_SETS[level === 'window' ? 'fused1' : 'call1'][column]!.name,
  };
}

/** Of a window its row; of a run the highest value of each call feature. */
function rowOfCase({ parts }: Case, level: Level, samples: readonly WindowSample[]): Row {
  const [first] = parts;
  if (level === 'window') return samples[first!.sample]!.row; // a case has a part
  const highest = new Float64Array(FEATURE_SETS.call1.length).fill(Number.NaN);
  for (const { sample, calls } of parts)
    for (const call of calls)
      samples[sample]!.callRows[call]!.forEach((value, c) => {
        if (!(value <= highest[c]!)) highest[c] = value;
      });
  return highest;
}

function bestColumn(rows: readonly Row[], labels: readonly number[]): { readonly column: number; readonly direction: 1 | -1 } {
  let best: { column: number; direction: 1 | -1; found: number } = { column: 0, direction: 1, found: 0 };
  if (!labels.includes(0) || !labels.includes(1)) return best;
  for (let column = 0; column < rows[0]!.length; column++) {
    const found = auroc(
      rows.map((row) => ranked(row[column]!, 1)),
      labels,
    );
    // What is unknown ranks lowest either way, so the other direction is a measurement of its own.
    const against = auroc(
      rows.map((row) => ranked(row[column]!, -1)),
      labels,
    );
    if (found > best.found) best = { column, direction: 1, found };
    if (against > best.found) best = { column, direction: -1, found: against };
  }
  return best;
}

function ranked(value: number, direction: 1 | -1): number {
  return Number.isFinite(value) ? direction * value : -1e9;
}
