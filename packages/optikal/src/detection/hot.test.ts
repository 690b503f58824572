import type { Event } from '@optikal/contracts';
import { describe, expect, it } from 'vitest';
import { admit } from '../stream/window.ts';
import { newAgentState } from './agent-state.ts';
import { isHot } from './hot.ts';
import { openTask, rememberVerdict } from './profile.ts';
import { callOf, callsOf, decisionOf, metricsOf, T0, TOOLS, verdictOf, violationOf } from './test-support/events.ts';

/** Whether each of these events, as they come, is hot. */
function hot(events: readonly Event[], agent = newAgentState('t', 'a')): boolean[] {
  return events.map((event) => {
    const admission = admit(agent.windows, { event, offset: 0 }, T0, () => true);
    return admission.outcome === 'accepted' && isHot(event, admission.window, agent, TOOLS);
  });
}

const clean = callsOf([callOf(5000, 'send')]);
const tainted = () => {
  const agent = newAgentState('t', 'a');
  return { agent, task: openTask(agent.profile, 'task', T0).task };
};

describe('a hot record', () => {
  it('is a forbid of the policy, and of nobody else', () => {
    expect(
      hot([
        decisionOf(0, { decision: 'forbid' }),
        decisionOf(1),
        decisionOf(2, { decision: 'step_up' }),
        decisionOf(3, { decision: 'forbid', cause: 'optikal_risk' }),
      ]),
    ).toEqual([true, false, false, false]);
  });

  it('is a secret', () => {
    expect(
      hot([
        violationOf(0, { kind: 'secret_leak' }),
        violationOf(1, { kind: 'pii' }),
        verdictOf(2, { findings: [{ kind: 'private_key_secret', score: null }] }),
      ]),
    ).toEqual([true, false, true]);
  });

  it('is a side effect after a flagged text, also one of an earlier open window', () => {
    expect(
      hot([
        clean,
        verdictOf(0, { score: 0.9 }),
        callsOf([callOf(6000, 'read')]),
        callsOf([callOf(6000, 'send')]),
        callsOf([callOf(66_000, 'pay')]),
      ]),
    ).toEqual([false, false, false, true, true]);
    expect(hot([violationOf(0), clean])).toEqual([false, true]);
    expect(hot([verdictOf(0, { score: 0.9, direction: 'output' }), clean])).toEqual([false, false]);
    expect(hot([verdictOf(0, { score: null, verdict: 'block' }), metricsOf(1, { api_calls_count: 1 }), clean])).toEqual([
      false,
      false,
      true,
    ]);
  });

  it('is a side effect by the word of the sender where nobody knows the tool', () => {
    expect(
      hot([verdictOf(0, { score: 0.9 }), callsOf([callOf(1, 'mystery')]), callsOf([callOf(2, 'mystery', { effect: 'write' })])]),
    ).toEqual([false, false, true]);
  });

  it('is a side effect in a task that read a flagged text in a window that has closed, in its latest turn too', () => {
    const read = tainted();
    read.task.injection = 2;
    expect(hot([clean], read.agent)).toEqual([true]);
    const latest = tainted();
    latest.task.injection = -4;
    latest.task.pending.injection = 4;
    expect(hot([clean], latest.agent)).toEqual([true]);
    const waiting = tainted();
    rememberVerdict(waiting.task, 'x', 4);
    expect(hot([clean], waiting.agent)).toEqual([true]);
    expect(hot([clean], tainted().agent)).toEqual([false]);
  });
});
