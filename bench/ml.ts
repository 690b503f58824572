/** The learners as they are, on made-up rows: rivals in other languages are measured elsewhere. Times are processor time of one core. */
import { createRandom, fitBoosting, fitIsolationForest, type Matrix } from '@optikal/ml';
import { type Row, rowOf } from './support/rows.ts';

export const name = 'ml';
export const title =
  'boosting fit 100,000 and 1,000,000 × 18 × 200 trees × 31 leaves; isolation forest fit 100,000; both score 100,000, one by one and together; TreeSHAP of a row';

const ROWS = 100_000;
const MANY_ROWS = 1_000_000;
const COLUMNS = 18;
const RUNS = 3;
const EXPLAINED = 200;

export async function run(): Promise<Row[]> {
  const { matrix, labels } = data(ROWS);
  const rows = Array.from({ length: ROWS }, (_, r) => rowAt(matrix, r));
  const boosting = repeat(() => fitBoosting(matrix, labels, { seed: 'bench' }));
  const forest = repeat(() => fitIsolationForest(matrix, { seed: 'bench' }));
  const model = boosting[0].result;
  const trees = forest[0].result;
  const scored = repeat(() => rows.forEach((row) => void trees.score(row)));
  const scoredTogether = repeat(() => trees.scoreMany(rows));
  const boosted = repeat(() => rows.forEach((row) => void model.score(row)));
  const boostedTogether = repeat(() => model.scoreMany(rows));
  const explained = repeat(() => rows.slice(0, EXPLAINED).forEach((row) => void model.explain(row)));
  const many = data(MANY_ROWS);
  const fitOfMany = secondsOf(() => fitBoosting(many.matrix, many.labels, { seed: 'bench' })); // once: it takes its time
  const seconds = (runs: readonly { readonly seconds: number }[]) => runs.map((run) => run.seconds);
  const rates = (runs: readonly { readonly seconds: number }[]) => runs.map((run) => ROWS / run.seconds);
  return [
    rowOf({ work: 'boosting: fit 100k × 18 × 200 trees × 31 leaves', unit: 's', better: 'less', floor: 2.5, runs: seconds(boosting) }),
    rowOf({ work: 'boosting: fit 1M × 18 × 200 trees × 31 leaves', unit: 's', better: 'less', floor: 36, runs: seconds([fitOfMany]) }),
    rowOf({ work: 'boosting: score, 200 trees', unit: 'rows/s', better: 'more', runs: rates(boosted) }),
    rowOf({ work: 'boosting: score 100k together, 200 trees', unit: 'rows/s', better: 'more', runs: rates(boostedTogether) }),
    rowOf({ work: 'isolation forest: fit, 100 trees of 256 rows', unit: 's', better: 'less', runs: seconds(forest) }),
    rowOf({ work: 'isolation forest: score 100k', unit: 'rows/s', better: 'more', runs: rates(scored) }),
    rowOf({ work: 'isolation forest: score 100k together', unit: 'rows/s', better: 'more', runs: rates(scoredTogether) }),
    rowOf({
      work: 'TreeSHAP of a row, 200 trees × 31 leaves',
      unit: 'ms',
      better: 'less',
      runs: seconds(explained).map((s) => (1000 * s) / EXPLAINED),
    }),
  ];
}

/** Eighteen columns, a tenth of the values missing, a class that depends on six of them and on two products. */
function data(rows: number): { matrix: Matrix; labels: Uint8Array } {
  const random = createRandom('bench');
  const values = Float64Array.from({ length: rows * COLUMNS }, () => (random.nextFloat() < 0.1 ? Number.NaN : random.nextGaussian()));
  const at = (r: number, c: number) => values[r * COLUMNS + c] || 0; // NaN counts as nothing
  const labels = Uint8Array.from({ length: rows }, (_, r) => {
    const margin = at(r, 0) - at(r, 1) + at(r, 2) * at(r, 3) + Math.abs(at(r, 4)) + at(r, 5) * at(r, 6) - 1.5 + random.nextGaussian();
    return margin > 0 ? 1 : 0;
  });
  return { matrix: { rows, cols: COLUMNS, values }, labels };
}

function rowAt({ cols, values }: Matrix, r: number): Float64Array {
  return values.slice(r * cols, (r + 1) * cols);
}

function repeat<T>(work: () => T): readonly { readonly result: T; readonly seconds: number }[] {
  return Array.from({ length: RUNS }, () => secondsOf(work));
}

function secondsOf<T>(work: () => T): { readonly result: T; readonly seconds: number } {
  const start = process.cpuUsage();
  const result = work();
  const { user, system } = process.cpuUsage(start);
  return { result, seconds: (user + system) / 1e6 };
}
