import { agentKey } from '@optikal/contracts';
import { describe, expect, it } from 'vitest';
import { admit } from '../stream/window.ts';
import {
  decodeAgentState,
  encodeAgentState,
  hasReadFlagged,
  newAgentState,
  profileChanged,
  restoreRecords,
  restProfile,
} from './agent-state.ts';
import { callOf, callsOf, deployed, ended, metricsOf, registered, started, T0, verdictOf } from './test-support/events.ts';
import { pass } from './test-support/windows.ts';

const MINUTE = 60_000;

/** Months of work: 300 tasks of 40 calls with 200 tools, all metrics, every task ended. */
function longLife() {
  const state = newAgentState('tenant-1', 'agent-1');
  const { profile } = state;
  pass(profile, [registered(0, 'a role with a long name', '2026.10.1-rc.1+build.4711')]);
  for (let t = 0; t < 300; t++) {
    const at = (t + 1) * MINUTE;
    const calls = Array.from({ length: 40 }, (_, i) =>
      callOf(at + 10 + i, `tool_${(t * 7 + i * i) % 200}`, {
        taskId: `t${t}`,
        turn: i,
        argHmac: `${1_000_000 + ((t + i) % 9)}a`,
        outBytes: 1 + ((t * i) % 997),
        latencyMs: 3 + ((t * 31) % 101),
        provenance: { destCount: i % 3 },
      }),
    );
    pass(profile, [
      started(at, `t${t}`),
      callsOf(calls),
      metricsOf(at + 60, { cpu_usage_percent: (t * 17) % 100, memory_usage_mb: 100 + t / 7, response_time_ms: 10 + t / 3 }),
      verdictOf(at + 70, { taskId: `t${t}`, score: 0.3 }),
      ended(at + 80, `t${t}`),
    ]);
    state.windows.lastClosedEndMs = T0 + at + MINUTE;
  }
  return state;
}

describe('the stored state of an agent', () => {
  it('is at most 4 KB when it is idle, however long it has lived', () => {
    const state = longLife();
    expect(state.profile.tasks).toEqual([]);
    expect([state.profile.own.tools.size, state.profile.own.steps.size, state.profile.memory.before.steps.length]).toEqual([48, 96, 9]);
    expect(Buffer.byteLength(encodeAgentState(state))).toBeLessThanOrEqual(4096);
  });

  it('is at most 24 KB with eight open tasks that are as full as they get', () => {
    const state = longLife();
    for (let t = 0; t < 12; t++)
      pass(state.profile, [
        callsOf(
          Array.from({ length: 200 }, (_, i) =>
            callOf((400 + t) * MINUTE + i, `tool_${i}`, {
              taskId: `open-${t}`,
              callId: `call-${t}-${i}`,
              turn: i,
              argHmac: `abcdef${1000 + i}`,
            }),
          ),
        ),
      ]);
    expect(state.profile.tasks).toHaveLength(8);
    expect(Buffer.byteLength(encodeAgentState(state))).toBeLessThanOrEqual(24_576);
  });

  it('is the same after it was read back, and has the same bytes again', () => {
    const state = longLife();
    const { profile, windows } = state;
    pass(profile, [
      deployed(500 * MINUTE, 'v2'),
      callsOf([
        callOf(500 * MINUTE + 5, 'read', { turn: 0, argHmac: 'aaaaaaaa' }),
        callOf(500 * MINUTE + 6, 'read', { turn: 0, argHmac: 'aaaaaaaa' }),
      ]),
      verdictOf(500 * MINUTE + 7, { callId: 'ahead', score: 0.9 }),
    ]);
    const event = callsOf([callOf(501 * MINUTE, 'read')]);
    admit(windows, { event, offset: 7 }, T0 + 501 * MINUTE, () => true);
    const text = encodeAgentState(state);
    const again = decodeAgentState(agentKey('tenant-1', 'agent-1'), text);
    restoreRecords(again, (offset) => ({ event: offset === 7 ? event : null! }));
    expect(encodeAgentState(again)).toBe(text);
    expect(again.profile.tasks).toEqual(profile.tasks);
    expect(again.profile.habit).toEqual(profile.habit);
    expect(again.windows).toEqual(windows);
    expect([again.tenant, again.agent]).toEqual(['tenant-1', 'agent-1']);
    expect(again.profile.memory.before.steps).toEqual(profile.memory.before.steps);
    expect(again.profile.memory.lastMs).toBe(profile.memory.lastMs);
  });

  it('of an agent that nothing is known of can be read back', () => {
    const again = decodeAgentState('t|__proto__', encodeAgentState(newAgentState('t', '__proto__')));
    expect(again).toEqual(newAgentState('t', '__proto__'));
    expect(again.profile).toEqual(newAgentState('t', '__proto__').profile);
  });

  it('of a version that remembered no windows can be read back, and remembers those that come', () => {
    const old = encodeAgentState(longLife()).replace(/"s":\["[^"]*",\d+\],/, '');
    expect(old).not.toContain('"s":');
    const again = decodeAgentState('tenant-1|agent-1', old);
    expect(again.profile.memory.lastMs).toBeNull();
    const analysis = pass(again.profile, [callsOf([callOf(700 * MINUTE, 'read')])]);
    profileChanged(again);
    expect(analysis.sequence).toHaveLength(1);
    expect(again.profile.memory.before.steps).toEqual(analysis.sequence);
    expect(encodeAgentState(again)).toContain(`"s":["${analysis.steps.text}",${T0 + 700 * MINUTE}]`);
  });

  it('is the same whether its profile rests as text or not, also when it changes afterwards', () => {
    const [held, resting] = [longLife(), longLife()];
    const lives = (state: typeof held, at: number) => {
      pass(state.profile, [
        started(at, 'next'),
        callsOf([callOf(at + 1, 'read', { taskId: 'next' })]),
        verdictOf(at + 2, { taskId: 'next', score: 0.9 }),
      ]);
      profileChanged(state);
    };
    const text = encodeAgentState(resting);
    restProfile(resting);
    expect(hasReadFlagged(resting)).toBe(false);
    expect(encodeAgentState(resting)).toBe(text);
    expect(resting.profile).toEqual(held.profile);
    lives(held, 600 * MINUTE);
    lives(resting, 600 * MINUTE);
    restProfile(resting); // its text is not known: nothing to rest on
    expect(encodeAgentState(resting)).toBe(encodeAgentState(held));
    restProfile(resting);
    expect([hasReadFlagged(held), hasReadFlagged(resting)]).toEqual([true, true]);
    expect(hasReadFlagged(decodeAgentState('t|a', encodeAgentState(held)))).toBe(true);
  });
});
