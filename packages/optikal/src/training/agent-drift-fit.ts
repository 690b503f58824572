/**
 * Fits the detector of another model under an agent's name on recorded sessions of which the models are known: directions and spreads on
 * their tasks, trees on thousands of sessions composed of them, the threshold on sessions of models that a fit had not seen.
 */
import { fitBoosting, groupedFolds, matrixOf, quantile } from '@optikal/ml';
import { NO_TASKS, rememberTask, taskRows } from '../detection/agent-drift/memory.ts';
import { type AgentDriftModel, DRIFT_COLUMNS, driftRow, judgeDrift, WHOLE_COLUMNS } from '../detection/agent-drift/model.ts';
import { DetectionError } from '../detection/errors.ts';
import { type ComposedSession, composeSessions, poolsOf } from './agent-drift-compose.ts';
import { fitDirections, fitSpreads, type TaskPools } from './agent-drift-directions.ts';
import type { DriftSession, DriftTask } from './agent-drift-sessions.ts';

export interface AgentDriftFit {
  readonly model: AgentDriftModel;
  /** Margins at most 1 % of sessions without a change pass: judged once at their end, and after each task. */
  readonly wholeThreshold: number;
  readonly liveThreshold: number;
}

export interface AgentDriftFitOptions {
  readonly seed: string;
  /** Sessions composed for the trees; the folds of the thresholds use a third as many. Default 4000. */
  readonly composed?: number;
}

const COMPOSED = 4000;
const FOLD_SHARE = 3;
/** Sessions without a change that a fold's threshold is set on, as a share of those composed for its fit. */
const QUIET_SHARE = 5;
const FOLDS = 2;

type UnitOf = (task: DriftTask, suite: string) => string;
const UNITS: readonly (readonly [string, UnitOf])[] = [
  ['model', ({ model }) => model],
  ['suite', (_task, suite) => suite],
];
const FPR = 0.01;
/** Small trees whose margin rises with every measure of a change: on suites never seen they are better than free ones (docs/agent-drift.md). */
const TREES = { rounds: 150, leaves: 4, learningRate: 0.06, minDataInLeaf: 20, l2: 5, rowShare: 0.7, columnShare: 0.3 };

/**
 * Sessions with their models; every suite with two models or more teaches. Errors: no_attacks where none has.
 *
 * @example fitAgentDrift(driftSessions(recorded), { seed: '7' }).model
 */
export function fitAgentDrift(sessions: readonly DriftSession[], { seed, composed = COMPOSED }: AgentDriftFitOptions): AgentDriftFit {
  const fitted = fitOn(poolsOf(sessions), composed, `${seed}:all`);
  if (fitted === null) throw new DetectionError('no_attacks', 'expected sessions of two models in one suite');
  // A stranger may have another model or other work: the threshold is the one that either needs.
  const count = Math.ceil(composed / FOLD_SHARE);
  const quiet = UNITS.map(([name, unitOf]) => quietMargins(sessions, unitOf, count, `${seed}:${name}`));
  const liveThreshold = thresholdOf(quiet.map(({ live }) => live));
  return { model: { ...fitted, threshold: liveThreshold }, wholeThreshold: thresholdOf(quiet.map(({ whole }) => whole)), liveThreshold };
}

/** At most 1 % of any of these pass it. */
function thresholdOf(margins: readonly (readonly number[])[]): number {
  const own = margins.filter((values) => values.length > 0).map((values) => quantile(values, 1 - FPR));
  return own.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...own);
}

/** The margin after each task of an agent with the memory of a live one; −∞ while they are too few. */
export function marginPath(model: Omit<AgentDriftModel, 'threshold'>, tasks: readonly Float64Array[]): Float64Array {
  let memory = NO_TASKS;
  return Float64Array.from(tasks, (values) => {
    memory = rememberTask(memory, values);
    return judgeDrift(model, taskRows(memory))?.margin ?? Number.NEGATIVE_INFINITY;
  });
}

function fitOn(pools: TaskPools, count: number, seed: string): Omit<AgentDriftModel, 'threshold'> | null {
  const directions = fitDirections(pools);
  if (directions === null) return null;
  const parts = { directions, spreads: fitSpreads(pools) };
  const composed = composeSessions(pools, count, seed);
  const rows = composed.flatMap((session) => {
    const found = driftRow(parts, valuesOf(session));
    return found === null ? [] : [{ row: found.row, label: session.swap === null ? 0 : 1 }];
  });
  const labels = Uint8Array.from(rows, ({ label }) => label);
  if (!labels.includes(0) || !labels.includes(1)) return null;
  const trees = fitBoosting(matrixOf(rows.map(({ row }) => row)), labels, { ...TREES, monotone: rising(), seed });
  return { ...parts, trees };
}

/** More of any measure is never less of a change; scatter is never more of one; how many tasks there are is free. */
function rising(): Int8Array {
  const monotone = new Int8Array(DRIFT_COLUMNS).fill(1);
  monotone.set([1, 1, -1, 0, 0].slice(0, WHOLE_COLUMNS));
  return monotone;
}

interface QuietMargins {
  readonly whole: number[];
  readonly live: number[];
}

/** Of composed sessions without a change, by a fit that saw none of their models, or none of their suites. */
function quietMargins(sessions: readonly DriftSession[], unitOf: UnitOf, count: number, seed: string): QuietMargins {
  const units = [...new Set(sessions.flatMap(({ suite, tasks }) => tasks.map((task) => unitOf(task, suite))))].sort();
  const [whole, live]: [number[], number[]] = [[], []];
  if (units.length < FOLDS) return { whole, live };
  const folds = groupedFolds(units, FOLDS, seed);
  const foldOf = new Map(units.map((unit, i) => [unit, folds[i]!]));
  for (let fold = 0; fold < FOLDS; fold++) {
    const name = `${seed}:fold:${fold}`;
    const isOwn = (task: DriftTask, suite: string) => foldOf.get(unitOf(task, suite)) === fold;
    const others = poolsOf(sessions, (task, suite) => !isOwn(task, suite));
    const fitted = fitOn(others, count, name);
    if (fitted === null) continue;
    const composed = composeSessions(poolsOf(sessions, isOwn), Math.ceil((2 * count) / QUIET_SHARE), `${name}:quiet`);
    for (const path of composed.filter(({ swap }) => swap === null).map((session) => marginPath(fitted, valuesOf(session)))) {
      whole.push(path.at(-1)!); // a composed session has tasks
      live.push(path.reduce((a, b) => Math.max(a, b)));
    }
  }
  return { whole, live };
}

function valuesOf({ tasks }: Pick<ComposedSession, 'tasks'>): Float64Array[] {
  return tasks.map((task) => task.values);
}
