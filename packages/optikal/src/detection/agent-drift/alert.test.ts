import { ThreatAlertSchema } from '@optikal/contracts';
import { Value } from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { decodeBundle, encodeBundle } from '../ensemble/bundle.ts';
import { answersModel, lifeOf, MINUTE, swapped } from '../test-support/answers-drift.ts';
import { fittedContent, modelsOf } from '../test-support/bundles.ts';
import { T0 } from '../test-support/events.ts';
import { BUNDLE, bodyOf, logOf, run, runCrashing } from '../test-support/run.ts';

const models = modelsOf({ ...BUNDLE, agentDrift: answersModel }, Number.POSITIVE_INFINITY);

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

  it('says what was compared with what: tasks on both sides, each direction, each number', () => {
    const { drift } = bodyOf(run(logOf(swapped), models).alerts[0]!);
    expect(drift).toMatchObject({ tasksBefore: 10, tasksAfter: 4 });
    const { directions, features, logRatio, meanLogRatio } = drift!;
    expect(directions).toHaveLength(1);
    // The answers are the model's third directed number, and its only weight; the others weigh nothing, so the first of them follows.
    expect(directions[0]!.features).toEqual(['drift_answer', 'drift_text_beside_calls']);
    // ln(25) is 0.8 below the centre, ln(402) is 2 above; spread 1.
    expect(directions[0]!.before).toBeCloseTo(Math.log(25) - 4, 0);
    expect(directions[0]!.after).toBeCloseTo(Math.log(402) - 4, 1);
    expect(directions[0]!.logRatio).toBeCloseTo(logRatio, 9);
    expect(meanLogRatio).toBeLessThan(logRatio);
    const answer = features.find(({ feature }) => feature === 'drift_answer')!;
    expect(answer.shift).toBeCloseTo(Math.log(402 / 25), 0);
    expect(answer.ranks).toBe(1);
    expect(features.map(({ feature }) => feature)).toHaveLength(14);
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
    const { agentDrift } = decodeBundle(encodeBundle({ ...fittedContent(), agentDrift: answersModel }).files);
    expect(run(logOf(swapped), modelsOf({ ...BUNDLE, agentDrift: agentDrift! }, Number.POSITIVE_INFINITY))).toEqual(
      run(logOf(swapped), models),
    );
    expect(encodeBundle(fittedContent()).files.has('agent-drift.model')).toBe(false);
  });
});
