/**
 * Fits the directions in which models differ most, measured by how much the tasks of one model differ: the generalised eigenvectors of the
 * covariances between models and within them (Fisher 1936; Rao 1948). Suites are kept apart: what differs between them is no model's doing.
 */
import { DIRECTED, type Directions } from '../detection/agent-drift/directions.ts';
import { DRIFT_FEATURES } from '../detection/agent-drift/tally.ts';
import type { DriftTask } from './agent-drift-sessions.ts';
import { eigenOfSymmetric } from './symmetric-eigen.ts';

/** Tasks of one model in one suite, by model, by suite. */
export type TaskPools = ReadonlyMap<string, ReadonlyMap<string, readonly DriftTask[]>>;

/** Fewer tasks of a model say little of its mean. */
const LEAST_TASKS = 5;
/** Share of the covariances within that is taken away, and what the variances get instead. */
const SHRINKAGE = 0.05;
const SHRUNK_TO = 0.2;
/** A direction in which models differ less than this share of one model's tasks is chance. */
const LEAST_BETWEEN = 0.01;
/** Tasks that a model's mean is made of, about: that much of the variance within is in the variance between means. */
const USUAL_TASKS = 25;
const FURTHEST = 2.5;

/** null where no suite has two models. */
export function fitDirections(pools: TaskPools): Directions | null {
  const all = [...pools.values()].flatMap((models) => [...models.values()].flat());
  const cols = DIRECTED.length;
  const columns = DIRECTED.map((c) => all.map((task) => task.values[c]!).filter((x) => !Number.isNaN(x)));
  const center = Float64Array.from(columns, meanOf);
  const scale = Float64Array.from(columns, (column, j) => Math.sqrt(meanOf(column.map((x) => (x - center[j]!) ** 2))) || 1);
  const standard = ({ values }: DriftTask) =>
    DIRECTED.map((c, j) => {
      const z = (values[c]! - center[j]!) / scale[j]!;
      return Number.isNaN(z) ? 0 : Math.min(FURTHEST, Math.max(-FURTHEST, z));
    });
  const within = new Scatter(cols);
  const between = new Scatter(cols);
  for (const models of pools.values()) {
    const means: number[][] = [];
    for (const tasks of models.values()) {
      if (tasks.length < LEAST_TASKS) continue;
      means.push(within.add(tasks.map(standard)));
    }
    if (means.length > 1) between.add(means);
  }
  if (between.freedom === 0) return null;
  const w = within.covariance().map((row, i) => row.map((x, j) => (i === j ? x + SHRINKAGE * SHRUNK_TO : x * (1 - SHRINKAGE))));
  const b = between.covariance().map((row, i) => row.map((x, j) => x - w[i]![j]! / USUAL_TASKS));
  return { center, scale, ...generalised(w, b) };
}

/** Standard deviation of each feature within (suite, model). */
export function fitSpreads(pools: TaskPools): Float64Array {
  return Float64Array.from(DRIFT_FEATURES, (_, c) => {
    let squares = 0;
    let freedom = 0;
    for (const models of pools.values())
      for (const tasks of models.values()) {
        const values = tasks.map((task) => task.values[c]!).filter((x) => !Number.isNaN(x));
        if (values.length < 2) continue;
        const mean = meanOf(values);
        squares += values.reduce((sum, x) => sum + (x - mean) ** 2, 0);
        freedom += values.length - 1;
      }
    return Math.sqrt(squares / Math.max(1, freedom)) || 1;
  });
}

/** Sums of squares and products around the mean of each group. */
class Scatter {
  readonly #sums: number[][];
  freedom = 0;

  constructor(cols: number) {
    this.#sums = Array.from({ length: cols }, () => Array.from({ length: cols }, () => 0));
  }

  /** Gives the mean of the rows. */
  add(rows: readonly (readonly number[])[]): number[] {
    const mean = this.#sums.map((_, j) => meanOf(rows.map((row) => row[j]!)));
    for (const row of rows)
      for (let i = 0; i < mean.length; i++)
        for (let j = 0; j < mean.length; j++) this.#sums[i]![j]! += (row[i]! - mean[i]!) * (row[j]! - mean[j]!);
    this.freedom += rows.length - 1;
    return mean;
  }

  covariance(): number[][] {
    return this.#sums.map((row) => row.map((x) => x / Math.max(1, this.freedom)));
  }
}

/** W^(−½) whitens; the eigenvectors of W^(−½) B W^(−½) are the directions, its eigenvalues the variances between models. */
function generalised(w: readonly number[][], b: readonly number[][]): Pick<Directions, 'weights' | 'between'> {
  const own = eigenOfSymmetric(w);
  const whiten = w.map((_, i) =>
    w.map((_, j) => own.values.reduce((sum, value, k) => sum + (own.vectors[i]![k]! * own.vectors[j]![k]!) / Math.sqrt(value), 0)),
  );
  const found = eigenOfSymmetric(product(product(whiten, b), whiten));
  const kept = [...found.values.keys()].filter((k) => found.values[k]! > LEAST_BETWEEN).sort((x, y) => found.values[y]! - found.values[x]!);
  const weights = kept.flatMap((k) => w.map((_, j) => w.reduce((sum, _, i) => sum + found.vectors[i]![k]! * whiten[i]![j]!, 0)));
  return { weights: Float64Array.from(weights), between: Float64Array.from(kept, (k) => found.values[k]!) };
}

function product(a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number[][] {
  return a.map((row) => b[0]!.map((_, j) => row.reduce((sum, x, k) => sum + x * b[k]![j]!, 0)));
}

function meanOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, x) => sum + x, 0) / values.length;
}
