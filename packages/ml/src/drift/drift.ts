/** Fits a drift reference: what the features of live rows are compared with. */
import { checkMatrix, type Matrix } from '../matrix.ts';
import { cellOf, cutCells } from './cells.ts';
import { DriftReference } from './model.ts';
import { type DriftOptions, resolveDriftOptions } from './options.ts';

/** Fewer rows do not say what is usual. */
const LEAST_ROWS = 20;

/**
 * The reference of `rows` (NaN = missing), at least 20. Keep rows of a stream together and in their natural distance: what is thinned out has lost
 * the dependence that the critical values must know. ML_EMPTY_INPUT, ML_SHAPE_MISMATCH, ML_INFINITE_VALUE, ML_NOT_FINITE, ML_UNKNOWN_OPTION,
 * ML_BAD_OPTION.
 *
 * @example
 * const detector = fitDrift(matrix, { times, names: ['errors', 'latency'] }).detector({ bufferSize: 500 });
 * detector.update(Float64Array.of(3, 0.2), Date.UTC(2026, 0, 5));
 * detector.summary().features[0].alarm;
 */
export function fitDrift(rows: Matrix, options: DriftOptions = {}): DriftReference {
  checkMatrix(rows, LEAST_ROWS);
  const { times, groups, names, columns, bins, watch, retrain, level } = resolveDriftOptions(options, rows);
  const order = Array.from(times, (_, i) => i).sort((a, b) => groups[a] - groups[b] || times[a] - times[b] || a - b);
  const columnOf = (column: number): Float64Array => Float64Array.from(order, (i) => rows.values[i * rows.cols + column]);
  const cells = Array.from(columns, (column) => cutCells(columnOf(column), bins));
  const codes = new Uint8Array(columns.length * rows.rows);
  for (let c = 0; c < columns.length; c++) {
    const { edges } = cells[c];
    codes.set(
      columnOf(columns[c]).map((value) => cellOf(edges, value)),
      c * rows.rows,
    );
  }
  return new DriftReference({
    featureCount: rows.cols,
    columns,
    names,
    cells,
    codes,
    times: Float64Array.from(order, (i) => times[i]),
    groups: Int32Array.from(order, (i) => groups[i]),
    watch,
    retrain,
    level,
  });
}
