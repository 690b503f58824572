/**
 * Boosting on the columns that vary. A column that is the same in every row (a plane that is not connected) is never split on, but costs a
 * histogram in every node; left out, it also takes no place in the sample of columns that a tree may use.
 */
import { Boosting, type BoostingOptions, fitBoosting, type Matrix } from '@optikal/ml';
import type { Row } from '../detection/features/columns.ts';

export type TreeOptions = Omit<BoostingOptions, 'monotone' | 'weights' | 'earlyStopping'>;

/**
 * Scores whole rows like any other model. `monotone` has an entry for each column of a row. null where there is nothing to learn: one class
 * only, or no column that varies.
 */
export function fitTrees(
  rows: readonly Row[],
  labels: Uint8Array,
  monotone: Int8Array,
  { weights, ...options }: TreeOptions & { readonly weights?: Float64Array },
): Boosting | null {
  const columns = varyingColumns(rows, monotone.length);
  const positives = labels.reduce((sum, label) => sum + label, 0);
  if (columns.length === 0 || positives === 0 || positives === labels.length) return null;
  const fitted = fitBoosting(take(rows, columns), labels, {
    ...options,
    ...(weights === undefined ? {} : { weights }),
    monotone: Int8Array.from(columns, (column) => monotone[column]!),
  });
  const { trees } = fitted;
  const feature = trees.feature.map((column) => (column < 0 ? column : columns[column]!));
  return new Boosting({ ...trees, featureCount: monotone.length, feature }, fitted.baseLogOdds);
}

function varyingColumns(rows: readonly Row[], width: number): number[] {
  const [first] = rows;
  if (first === undefined) return [];
  return Array.from({ length: width }, (_, column) => column).filter((column) =>
    rows.some((row) => !Object.is(row[column], first[column])),
  );
}

function take(rows: readonly Row[], columns: readonly number[]): Matrix {
  const values = new Float64Array(rows.length * columns.length);
  let at = 0;
  for (const row of rows) for (const column of columns) values[at++] = row[column]!;
  return { rows: rows.length, cols: columns.length, values };
}
