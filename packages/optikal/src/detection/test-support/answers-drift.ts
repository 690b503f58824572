/** An agent that works through a task a minute, and a model of drift that looks at the answers alone. */
import type { Event } from '@optikal/contracts';
import { fitBoosting, matrixOf } from '@optikal/ml';
import { DIRECTED } from '../agent-drift/directions.ts';
import { type AgentDriftModel, DRIFT_COLUMNS } from '../agent-drift/model.ts';
import { DRIFT_FEATURES } from '../agent-drift/tally.ts';
import { callOf, callsOf, ended, lifecycleOf, registered } from './events.ts';

export const MINUTE = 60_000;

/** Looks at the answers alone, and is sure where the likelihood ratio (the first column) is above 5. */
export const answersModel: AgentDriftModel = {
  directions: {
    center: new Float64Array(DIRECTED.length).fill(4),
    scale: new Float64Array(DIRECTED.length).fill(1),
    weights: Float64Array.from(DIRECTED, (_, j) => (j === 2 ? 1 : 0)),
    between: Float64Array.of(2),
  },
  spreads: new Float64Array(DRIFT_FEATURES.length).fill(1),
  trees: fitBoosting(
    matrixOf(Array.from({ length: 40 }, (_, i) => Float64Array.from({ length: DRIFT_COLUMNS }, (_, c) => (c === 0 ? i / 4 : 0)))),
    Uint8Array.from({ length: 40 }, (_, i) => (i >= 20 ? 1 : 0)),
    { rounds: 30, leaves: 2, minDataInLeaf: 5 },
  ),
  threshold: 1,
};
/** A task a minute; its answer has so many characters. */
export const lifeOf = (answers: readonly number[]): Event[] => [
  registered(0, 'clerk'),
  ...answers.flatMap((answerChars, i) => {
    const [at, taskId] = [(i + 1) * MINUTE, `t${i}`];
    return [
      callsOf([callOf(at, 'read', { taskId, turn: 0, textCharsThisTurn: 0 })]),
      lifecycleOf(at + 9000, { kind: 'task_ended', taskId, turns: 2, answerChars, ok: null }),
    ];
  }),
  ended(100 * MINUTE, 'none'),
];
/** Ten answers of one length, then twelve of another: another model works from the eleventh task on. */
export const swapped = lifeOf([...Array.from({ length: 10 }, (_, i) => 20 + i), ...Array.from({ length: 12 }, (_, i) => 400 + i)]);
