import { type Event, ThreatAlertSchema } from '@optikal/contracts';
import { fitBoosting, matrixOf } from '@optikal/ml';
import { Value } from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { decodeBundle, encodeBundle } from '../ensemble/bundle.ts';
import { fittedContent, modelsOf } from '../test-support/bundles.ts';
import { callOf, callsOf, ended, lifecycleOf, registered, T0 } from '../test-support/events.ts';
import { BUNDLE, bodyOf, logOf, run, runCrashing } from '../test-support/run.ts';
import { DIRECTED } from './directions.ts';
import { type AgentDriftModel, DRIFT_COLUMNS } from './model.ts';
import { DRIFT_FEATURES } from './tally.ts';

const MINUTE = 60_000;

/** Looks at the answers alone, and is sure where the likelihood ratio (the first column) is above 5. */
const model: AgentDriftModel = {
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
const models = modelsOf({ ...BUNDLE, agentDrift: model }, Number.POSITIVE_INFINITY);

/** A task a minute; its answer has so many characters. */
const lifeOf = (answers: readonly number[]): Event[] => [
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
const swapped = lifeOf([...Array.from({ length: 10 }, (_, i) => 20 + i), ...Array.from({ length: 12 }, (_, i) => 400 + i)]);

describe('another model under an agent’s name', () => {
  it('alerts once, in the window of the task that made it sure, and is the agent from then on', () => {
    const { alerts, counters } = run(logOf(swapped), models);
    expect(alerts).toHaveLength(1);
    expect(counters.alerts).toBe(1);
    const body = bodyOf(alerts[0]!);
    // Ten tasks of one model and four of the other are the fewest that two sides can hold.
    expect(body).toMatchObject({
      detector: 'drift',
      threatType: 'behavioral_drift',
      revision: 2,
      decision: 'alert',
      role: 'clerk',
      tasks: ['t13'],
    });
    expect(body.windowStartMs).toBe(T0 + 14 * MINUTE);
    expect(body.sentence).toMatch(/^agent-1 \(clerk\) has worked otherwise than at its beginning since 4 tasks ago/);
    expect(Value.Check(ThreatAlertSchema, body)).toBe(true);
  });

  it('says by how much each number moved: base value and lines sum to the margin', () => {
    const body = bodyOf(run(logOf(swapped), models).alerts[0]!);
    expect(body.baseValue + body.attributions.reduce((sum, line) => sum + line.contribution, 0)).toBeCloseTo(body.margin, 6);
    const answer = body.attributions.find(({ feature }) => feature === 'drift_answer')!;
    expect(answer.usual).toBeCloseTo(Math.log(25), 0);
    expect(answer.value).toBeCloseTo(Math.log(402), 0);
  });

  it('is found alike where all memory is lost after each record', () => {
    const log = logOf(swapped);
    expect(runCrashing(log, () => true, models)).toEqual(run(log, models));
  });

  it('is not found in one model, nor without a model of it in the bundle', () => {
    expect(run(logOf(lifeOf(Array.from({ length: 22 }, (_, i) => 20 + i))), models).alerts).toEqual([]);
    expect(run(logOf(swapped), modelsOf(BUNDLE, Number.POSITIVE_INFINITY)).alerts).toEqual([]);
  });

  it('is looked for by a bundle that was written and read', () => {
    const { agentDrift } = decodeBundle(encodeBundle({ ...fittedContent(), agentDrift: model }).files);
    expect(run(logOf(swapped), modelsOf({ ...BUNDLE, agentDrift: agentDrift! }, Number.POSITIVE_INFINITY))).toEqual(
      run(logOf(swapped), models),
    );
    expect(encodeBundle(fittedContent()).files.has('agent-drift.model')).toBe(false);
  });
});
