/**
 * What finding another model under an agent's name is worth on models and suites that it has not seen. Nothing knows where a change may be.
 * The rows judge a session once, when it is over; the times judge it after each task, as a live agent is, by the largest margin so far.
 */
import { groupedFolds } from '@optikal/ml';
import type { RecordedSession } from '../behaviour/agents-data.ts';
import { type AgentDriftFitOptions, fitAgentDrift, marginPath } from './agent-drift-fit.ts';
import { type DriftSession, driftSessions } from './agent-drift-sessions.ts';
import { type DriftTimes, timesOf } from './agent-drift-times.ts';
import { meanRow, type ProtocolRow, protocolRow } from './protocol-rows.ts';

export interface DriftProtocolOptions {
  /** Default model and suite. */
  readonly leave?: readonly ('model' | 'suite')[];
  readonly seed: string;
  /** Sessions composed for each fit. Default 4000. */
  readonly composed?: number;
  readonly progress?: (done: number, total: number) => void;
}

export interface DriftReport {
  readonly rows: readonly ProtocolRow[];
  /** How soon a change is found, and how often there is none, at the thresholds of the training groups. */
  readonly times: readonly DriftTimes[];
}

/** Models are left out in so many groups. */
const MODEL_GROUPS = 5;

/**
 * Leaves models (in five groups) and suites (by name over all sources) out in turn, fits on the rest, scores what was left out once. A session
 * is left out with the model or suite that it began with; none that holds a left-out model anywhere is learnt from.
 *
 * @example driftProtocol(readRecordedSessions(driftFiles), { seed: '7' }).rows
 */
export function driftProtocol(recorded: readonly RecordedSession[], options: DriftProtocolOptions): DriftReport {
  const sessions = driftSessions(recorded);
  const leave = options.leave ?? ['model', 'suite'];
  const fit = options.composed === undefined ? {} : { composed: options.composed };
  const rows: ProtocolRow[] = [];
  const times: DriftTimes[] = [];
  leave.forEach((what, at) => {
    const partOf = what === 'suite' ? (session: DriftSession) => session.suite : modelGroups(sessions, options.seed);
    const parts = [...new Set(sessions.map(partOf))].sort();
    const scored = parts.map((part, p) => {
      const test = sessions.filter((session) => partOf(session) === part);
      const left = new Set(test.map((session) => session[what]));
      const train = sessions.filter((session) => !left.has(session[what]) && (what === 'suite' || !left.has(session.swap?.model ?? '')));
      const found = scoreTest(train, test, { ...fit, seed: `${options.seed}:${what}:${part}` });
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
  options: AgentDriftFitOptions,
): DriftReport {
  const { seed } = options;
  const found = scoreTest(driftSessions(train), driftSessions(test), options);
  const cells = [...new Set(found.sessions.map((session) => session.cell))].sort();
  const of = (cell: string) => partOf(found, (session) => session.cell === cell);
  const rows = cells.map((cell) => rowOf('train-test', cell, of(cell), seed));
  const times = cells.map((cell) => timesOf('train-test', cell, of(cell)));
  return {
    rows: [...rows, ...(rows.length > 0 ? [meanRow(rows)] : []), rowOf('train-test', 'pooled', found, seed)],
    times: [...times, timesOf('train-test', 'pooled', found)],
  };
}

/** Sessions with the margin after each of their tasks, and the thresholds of each: for its end, and for any task. */
export interface ScoredSessions {
  readonly sessions: readonly DriftSession[];
  readonly paths: readonly Float64Array[];
  readonly wholeThresholds: readonly number[];
  readonly liveThresholds: readonly number[];
}

function scoreTest(train: readonly DriftSession[], test: readonly DriftSession[], options: AgentDriftFitOptions): ScoredSessions {
  const { model, wholeThreshold, liveThreshold } = fitAgentDrift(train, options);
  return {
    sessions: test,
    paths: test.map(({ tasks }) =>
      marginPath(
        model,
        tasks.map((task) => task.values),
      ),
    ),
    wholeThresholds: test.map(() => wholeThreshold),
    liveThresholds: test.map(() => liveThreshold),
  };
}

function rowOf(protocol: string, cell: string, { sessions, paths, wholeThresholds }: ScoredSessions, seed: string): ProtocolRow {
  return protocolRow(
    { protocol, level: 'session', plane: null, cell, against: 'benign' },
    {
      margins: paths.map((path) => path.at(-1) ?? Number.NEGATIVE_INFINITY),
      labels: Uint8Array.from(sessions, (session) => (session.swap === null ? 0 : 1)),
      groups: sessions.map(({ src, model, suite }) => `${src}|${model}|${suite}`),
      threshold: wholeThresholds,
    },
    `${seed}:${protocol}:${cell}`,
  );
}

function poolOf(parts: readonly ScoredSessions[]): ScoredSessions {
  return {
    sessions: parts.flatMap((part) => part.sessions),
    paths: parts.flatMap((part) => part.paths),
    wholeThresholds: parts.flatMap((part) => part.wholeThresholds),
    liveThresholds: parts.flatMap((part) => part.liveThresholds),
  };
}

function partOf(
  { sessions, paths, wholeThresholds, liveThresholds }: ScoredSessions,
  keep: (session: DriftSession) => boolean,
): ScoredSessions {
  const kept = sessions.flatMap((session, i) => (keep(session) ? [i] : []));
  const of = <T>(values: readonly T[]) => kept.map((i) => values[i]!);
  return { sessions: of(sessions), paths: of(paths), wholeThresholds: of(wholeThresholds), liveThresholds: of(liveThresholds) };
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
