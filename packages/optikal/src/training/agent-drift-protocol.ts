/**
 * What finding another model under an agent's name is worth on models and suites that it has not seen. A session is scored by the largest
 * margin at the end of any of its tasks, as a live agent is: nothing knows where a change may be, or how long the session will last.
 */
import { groupedFolds, recallAtFpr } from '@optikal/ml';
import type { RecordedSession } from '../behaviour/agents-data.ts';
import { type DriftScorer, fitDriftScorer } from './agent-drift-fit.ts';
import { type DriftSession, driftSessions } from './agent-drift-sessions.ts';
import { type DriftTimes, timesOf } from './agent-drift-times.ts';
import { meanRow, type ProtocolRow, protocolRow } from './protocol-rows.ts';

export interface DriftProtocolOptions {
  /** Default model and suite. */
  readonly leave?: readonly ('model' | 'suite')[];
  readonly seed: string;
  readonly progress?: (done: number, total: number) => void;
}

export interface DriftReport {
  readonly rows: readonly ProtocolRow[];
  /** How soon a change is found, and how often there is none, at the thresholds of the training groups. */
  readonly times: readonly DriftTimes[];
}

/** Models are left out in so many groups. */
const MODEL_GROUPS = 5;
const FPR = 0.01;

/**
 * Leaves models (in five groups) and suites (by name over all sources) out in turn, fits on the rest, scores what was left out once. A session
 * is left out with the model or suite that it began with; none that holds a left-out model anywhere is learnt from.
 *
 * @example driftProtocol(readRecordedSessions(driftFiles), { seed: '7' }).rows
 */
export function driftProtocol(recorded: readonly RecordedSession[], options: DriftProtocolOptions): DriftReport {
  const sessions = driftSessions(recorded);
  const leave = options.leave ?? ['model', 'suite'];
  const rows: ProtocolRow[] = [];
  const times: DriftTimes[] = [];
  leave.forEach((what, at) => {
    const partOf = what === 'suite' ? (session: DriftSession) => session.suite : modelGroups(sessions, options.seed);
    const parts = [...new Set(sessions.map(partOf))].sort();
    const scored = parts.map((part, p) => {
      const test = sessions.filter((session) => partOf(session) === part);
      const left = new Set(test.map((session) => session[what]));
      const train = sessions.filter((session) => !left.has(session[what]) && (what === 'suite' || !left.has(session.swap?.model ?? '')));
      const found = scoreTest(train, test, `${options.seed}:${what}:${part}`);
      options.progress?.(at * parts.length + p + 1, leave.length * parts.length);
      return { part, ...found };
    });
    const own = scored.map(({ part, ...found }) => rowOf(what, part, found, options.seed));
    const pooled = poolOf(scored);
    rows.push(...own, meanRow(own), rowOf(what, 'pooled', pooled, options.seed));
    times.push(timesOf(what, 'pooled', pooled));
  });
  return { rows, times };
}

/** Fits on `train` and scores `test` once, by the traces' own `cell`. */
export function driftTrainTest(
  train: readonly RecordedSession[],
  test: readonly RecordedSession[],
  { seed }: Pick<DriftProtocolOptions, 'seed'>,
): DriftReport {
  const found = scoreTest(driftSessions(train), driftSessions(test), seed);
  const cells = [...new Set(found.sessions.map((session) => session.cell))].sort();
  const of = (cell: string) => partOf(found, (session) => session.cell === cell);
  const rows = cells.map((cell) => rowOf('train-test', cell, of(cell), seed));
  const times = cells.map((cell) => timesOf('train-test', cell, of(cell)));
  return {
    rows: [...rows, ...(rows.length > 0 ? [meanRow(rows)] : []), rowOf('train-test', 'pooled', found, seed)],
    times: [...times, timesOf('train-test', 'pooled', found)],
  };
}

/** Sessions with the margin at the end of each of their tasks, and the threshold of each. */
export interface ScoredSessions {
  readonly sessions: readonly DriftSession[];
  readonly paths: readonly Float64Array[];
  readonly thresholds: readonly number[];
}

function scoreTest(train: readonly DriftSession[], test: readonly DriftSession[], seed: string): ScoredSessions {
  const fitted = fitDriftScorer(train, seed);
  const threshold = thresholdOf(train, fitted.trainPaths);
  return { sessions: test, paths: test.map((session) => pathOf(session, fitted.scorer)), thresholds: test.map(() => threshold) };
}

/** The margin after each task; before the first that can be judged it is −∞. */
export function pathOf({ tasks }: DriftSession, scorer: DriftScorer): Float64Array {
  const values = tasks.map((task) => task.values);
  return Float64Array.from(values, (_, i) => scorer(values.slice(0, i + 1)));
}

/** At most 1 % of the training sessions without a change pass it. */
function thresholdOf(train: readonly DriftSession[], paths: readonly Float64Array[]): number {
  const labels = train.map(labelOf);
  if (!labels.includes(0) || !labels.includes(1)) return Number.POSITIVE_INFINITY;
  return recallAtFpr(paths.map(largest), labels, FPR).threshold;
}

function rowOf(protocol: string, cell: string, { sessions, paths, thresholds }: ScoredSessions, seed: string): ProtocolRow {
  return protocolRow(
    { protocol, level: 'session', plane: null, cell, against: 'benign' },
    {
      margins: paths.map(largest),
      labels: Uint8Array.from(sessions, labelOf),
      groups: sessions.map(({ src, model, suite }) => `${src}|${model}|${suite}`),
      threshold: thresholds,
    },
    `${seed}:${protocol}:${cell}`,
  );
}

function poolOf(parts: readonly ScoredSessions[]): ScoredSessions {
  return {
    sessions: parts.flatMap((part) => part.sessions),
    paths: parts.flatMap((part) => part.paths),
    thresholds: parts.flatMap((part) => part.thresholds),
  };
}

function partOf({ sessions, paths, thresholds }: ScoredSessions, keep: (session: DriftSession) => boolean): ScoredSessions {
  const kept = sessions.flatMap((session, i) => (keep(session) ? [i] : []));
  return { sessions: kept.map((i) => sessions[i]!), paths: kept.map((i) => paths[i]!), thresholds: kept.map((i) => thresholds[i]!) };
}

function modelGroups(sessions: readonly DriftSession[], seed: string): (session: DriftSession) => string {
  const models = sessions.map((session) => session.model);
  const folds = groupedFolds(models, Math.min(MODEL_GROUPS, new Set(models).size), seed);
  const groupOf = new Map(models.map((model, i) => [model, folds[i]!]));
  const names = new Map(
    [...Map.groupBy(groupOf.keys(), (model) => groupOf.get(model))].map(([group, own]) => [group, own.sort().join(', ')]),
  );
  return ({ model }) => names.get(groupOf.get(model))!; // every session's model is in one group
}

function labelOf(session: DriftSession): 0 | 1 {
  return session.swap === null ? 0 : 1;
}

/** −1e9 where nothing could be judged. */
export function largest(path: Float64Array): number {
  return path.reduce((a, b) => (b > a ? b : a), -1e9);
}
