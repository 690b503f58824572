/**
 * The detector of another model under an agent's name: the likeliest change among the agent's tasks, what moved there, and trees over both
 * that give one margin. It needs no state but the tasks, and is asked when one ends.
 */
import { arrayOf, type BaseScorer, decodeScorer, readModelFile, writeModelFile } from '@optikal/ml';
import { DetectionError } from '../errors.ts';
import { type Change, DIRECTED, type Directions, likeliestChange, project } from './directions.ts';
import { compareSides, type Sides } from './sides.ts';
import { DRIFT_FEATURES } from './tally.ts';

export interface AgentDriftModel {
  readonly directions: Directions;
  /** Usual spread of each feature among tasks of one model. */
  readonly spreads: Float64Array;
  /** Over the columns of `driftRow`. */
  readonly trees: BaseScorer;
  /** Above it a margin alerts. */
  readonly threshold: number;
}

export interface DriftRow {
  readonly change: Change;
  readonly sides: readonly Sides[];
  /** Of the tasks as a whole (WHOLE_COLUMNS), then shift, t and ranks of each feature, then the largest four |t|. */
  readonly row: Float64Array;
}

export interface DriftJudgement extends DriftRow {
  /** Log-odds of a change; higher = surer. */
  readonly margin: number;
}

/** best, mixture, scatter, tasks before, tasks after. */
export const WHOLE_COLUMNS = 5;
const LARGEST = 4;
export const DRIFT_COLUMNS = WHOLE_COLUMNS + 3 * DRIFT_FEATURES.length + LARGEST;
const KIND = 'agent-drift';

/** The likeliest change among `tasks` (DRIFT_FEATURES each, oldest first), as columns; null where they are too few. */
export function driftRow(
  { directions, spreads }: Pick<AgentDriftModel, 'directions' | 'spreads'>,
  tasks: readonly Float64Array[],
): DriftRow | null {
  const change = likeliestChange(
    directions,
    tasks.map((task) => project(directions, task)),
  );
  if (change === null) return null;
  const column = new Float64Array(tasks.length);
  const sides = DRIFT_FEATURES.map((_, c) => {
    for (let i = 0; i < tasks.length; i++) column[i] = tasks[i]![c]!;
    return compareSides(column, change.at, spreads[c]!);
  });
  const largest = sides.map(({ t }) => t).sort((a, b) => b - a);
  const row = Float64Array.of(
    change.best,
    change.mixture,
    change.scatter,
    change.at,
    tasks.length - change.at,
    ...sides.map(({ shift }) => shift),
    ...sides.map(({ t }) => t),
    ...sides.map(({ ranks }) => ranks),
    ...largest.slice(0, LARGEST),
  );
  return { change, sides, row };
}

/**
 * What the tasks of one agent say, oldest first; null where they are fewer than twice LEAST_SIDE.
 *
 * @example judgeDrift(model, taskRows(memory))?.margin
 */
export function judgeDrift(model: Omit<AgentDriftModel, 'threshold'>, tasks: readonly Float64Array[]): DriftJudgement | null {
  const found = driftRow(model, tasks);
  return found === null ? null : { ...found, margin: model.trees.score(found.row) };
}

/** The feature that a column is of; −1 = of the tasks as a whole. */
export function featureOfColumn(column: number): number {
  const at = column - WHOLE_COLUMNS;
  return at < 0 || at >= 3 * DRIFT_FEATURES.length ? -1 : at % DRIFT_FEATURES.length;
}

export function encodeAgentDrift({ directions, spreads, trees, threshold }: AgentDriftModel): Uint8Array {
  const { center, scale, weights, between } = directions;
  return writeModelFile({
    kind: KIND,
    numbers: {},
    arrays: { center, scale, weights, between, spreads, threshold: Float64Array.of(threshold), trees: trees.encode() },
  });
}

/** Errors: bundle_format; those of the model file's own reader. */
export function decodeAgentDrift(bytes: Uint8Array): AgentDriftModel {
  const content = readModelFile(bytes);
  const doubles = (name: string, length: number) => {
    const found = arrayOf(content, name, Float64Array);
    if (found.length !== length) throw new DetectionError('bundle_format', `expected ${length} numbers \`${name}\`, found ${found.length}`);
    return found;
  };
  const between = arrayOf(content, 'between', Float64Array);
  const cols = DIRECTED.length;
  const directions = {
    center: doubles('center', cols),
    scale: doubles('scale', cols),
    weights: doubles('weights', between.length * cols),
    between,
  };
  const spreads = doubles('spreads', DRIFT_FEATURES.length);
  const threshold = doubles('threshold', 1)[0]!; // its length was just checked
  const trees = decodeScorer(arrayOf(content, 'trees', Uint8Array));
  const finite = [directions.center, directions.weights].every((values) => values.every((x) => Number.isFinite(x)));
  const positive = [directions.scale, between, spreads].every((values) => values.every((x) => x > 0 && x < Number.POSITIVE_INFINITY));
  if (content.kind !== KIND || trees.featureCount !== DRIFT_COLUMNS || !finite || !positive || Number.isNaN(threshold))
    throw new DetectionError('bundle_format', `expected a model of kind ${KIND} over ${DRIFT_COLUMNS} columns`);
  return { directions, spreads, trees, threshold };
}
