import { describe, expect, it } from 'vitest';
import { DRIFT_FEATURES, newTally } from './agent-drift/tally.ts';
import { encodeCounts } from './counts.ts';
import { copyProfile, decodeProfile, encodeProfile, newProfile, TASK_IDLE_MS } from './profile.ts';
import { callOf, callsOf, deployed, ended, metricsOf, registered, started, verdictOf } from './test-support/events.ts';
import { pass } from './test-support/windows.ts';

const MINUTE = 60_000;

describe('a copy of what the detector remembers', () => {
  it('can be moved on without a trace in the original', () => {
    const profile = newProfile();
    const window = (at: number) => [
      metricsOf(at, { cpu_usage_percent: 5 }),
      callsOf([callOf(at, 'read', { turn: at, argHmac: 'aaaaaaaa' }), callOf(at + 1, 'read', { turn: at, argHmac: 'aaaaaaaa' })]),
      callsOf([callOf(at + 2, 'send', { taskId: 'b' })]),
      verdictOf(at + 3, { callId: 'not yet here', score: 0.9 }),
    ];
    pass(profile, window(0));
    pass(profile, [callsOf([callOf(MINUTE, 'read', { taskId: 'done' })]), deployed(MINUTE, '1')]);
    const before = structuredClone(profile);
    const copy = copyProfile(profile);
    expect(copy).toEqual(before);
    pass(copy, window(2 * MINUTE));
    pass(copy, [deployed(3 * MINUTE, '2', 'other'), ...window(3 * MINUTE)], true);
    pass(copy, [...window(60 * MINUTE)]);
    expect(copy).not.toEqual(before);
    expect(profile).toEqual(before);
  });
});

describe('the stored form of a profile', () => {
  it('of before its short form is still read', () => {
    const profile = newProfile();
    pass(profile, [callsOf([callOf(1, 'read'), callOf(2, 'send'), callOf(3, 'read')]), ended(4)]);
    pass(profile, [started(MINUTE, 'b'), callsOf([callOf(MINUTE + 1, 'read', { taskId: 'b' })])]);
    const { d: _drift, t, ...now } = encodeProfile(profile);
    const old = { ...now, o: encodeCounts(profile.own), t: t.map(({ tally: _tally, ...task }) => task) };
    const again = decodeProfile(JSON.parse(JSON.stringify(old)) as typeof old);
    expect(again.own).toEqual(profile.own);
    expect([again.drift, again.tasks[0]!.tally]).toEqual(['', newTally()]);
    expect(decodeProfile(encodeProfile(profile))).toEqual(profile);
  });
});

describe('an agent’s history', () => {
  const toolsOf = (profile: ReturnType<typeof newProfile>) => profile.own.total;

  it('learns a task when it ends, not before', () => {
    const profile = newProfile();
    pass(profile, [started(0), callsOf([callOf(1, 'read')])]);
    expect(toolsOf(profile)).toBe(0);
    pass(profile, [callsOf([callOf(MINUTE, 'read')]), ended(MINUTE + 1)]);
    expect(toolsOf(profile)).toBe(2);
    expect(profile.tasks).toHaveLength(0);
  });

  it('never learns a task of which any window alerted', () => {
    const profile = newProfile();
    pass(profile, [callsOf([callOf(1, 'read')])]);
    pass(profile, [callsOf([callOf(MINUTE, 'pay')])], true);
    pass(profile, [callsOf([callOf(2 * MINUTE, 'read')]), ended(2 * MINUTE + 1)]);
    expect(toolsOf(profile)).toBe(0);
    pass(profile, [callsOf([callOf(3 * MINUTE, 'read', { taskId: 'b' })]), ended(3 * MINUTE + 1, 'b')], true);
    expect(toolsOf(profile)).toBe(0);
  });

  it('sees a task end at the next start, also one in the same window, and in the same millisecond as its last call', () => {
    const profile = newProfile();
    pass(profile, [
      started(0, 'a'),
      callsOf([callOf(1, 'read', { taskId: 'a' })]),
      started(2, 'b'),
      callsOf([callOf(3, 'send', { taskId: 'b' })]),
    ]);
    expect([toolsOf(profile), profile.tasks.map(({ id }) => id)]).toEqual([1, ['b']]);
    pass(profile, [callsOf([callOf(MINUTE, 'send', { taskId: 'b' })]), ended(MINUTE, 'b')]);
    expect([toolsOf(profile), profile.tasks]).toEqual([3, []]);
  });

  it('sees a task end 30 minutes after its last event', () => {
    const profile = newProfile();
    pass(profile, [callsOf([callOf(0, 'read', { taskId: 'a' })])]);
    pass(profile, [callsOf([callOf(TASK_IDLE_MS - 1, 'read', { taskId: 'b' })])]);
    expect(toolsOf(profile)).toBe(0);
    pass(profile, [callsOf([callOf(TASK_IDLE_MS, 'read', { taskId: 'b' })])]);
    expect([toolsOf(profile), profile.tasks.map(({ id }) => id)]).toEqual([1, ['b']]);
  });

  it('goes on with a task that was idle and speaks again', () => {
    const profile = newProfile();
    pass(profile, [callsOf([callOf(0, 'read', { outBytes: 5, turn: 0 })])]);
    expect(pass(profile, [callsOf([callOf(2 * TASK_IDLE_MS, 'read', { turn: 1 })])]).facts.calls[0]!.readsBefore).toBe(1);
    expect(toolsOf(profile)).toBe(0);
  });

  it('is not fooled by a verdict that comes after the end of its task', () => {
    const profile = newProfile();
    pass(profile, [callsOf([callOf(1, 'read', { callId: 'c' })]), ended(2), verdictOf(3, { callId: 'c' })]);
    expect([toolsOf(profile), profile.tasks]).toEqual([1, []]);
  });

  it('does not keep a task open for ever because of a call with a wrong clock', () => {
    const profile = newProfile();
    pass(profile, [
      metricsOf(1000, {}, [
        callOf(10 * 365 * 86_400_000, 'read', { taskId: 'a' }),
        callOf(-10 * 365 * 86_400_000, 'read', { taskId: 'z' }),
      ]),
    ]);
    pass(profile, [callsOf([callOf(TASK_IDLE_MS - MINUTE, 'read', { taskId: 'b' })])]);
    expect(profile.tasks.map(({ id }) => id)).toEqual(['z', 'a', 'b']);
    pass(profile, [callsOf([callOf(TASK_IDLE_MS + MINUTE, 'read', { taskId: 'b' })])]);
    expect(profile.tasks.map(({ id }) => id)).toEqual(['b']);
  });

  it('has eight tasks open at most; the one that makes room is learnt only if its window did not alert', () => {
    const open = (suspicious: boolean) => {
      const profile = newProfile();
      const calls = Array.from({ length: 9 }, (_, i) => callOf(i, 'read', { taskId: `t${i}` }));
      pass(profile, [callsOf(calls)], suspicious);
      return [toolsOf(profile), profile.tasks.map(({ id }) => id).join(' ')];
    };
    expect(open(false)).toEqual([1, 't1 t2 t3 t4 t5 t6 t7 t8']);
    expect(open(true)).toEqual([0, 't1 t2 t3 t4 t5 t6 t7 t8']);
  });

  it('keeps the task that it just opened, even if that is the oldest by its clock', () => {
    const profile = newProfile();
    pass(profile, [callsOf(Array.from({ length: 8 }, (_, i) => callOf(MINUTE + i, 'read', { taskId: `t${i}` })))]);
    pass(profile, [callsOf([callOf(0, 'read', { taskId: 'late', turn: 0 })]), metricsOf(1, {})]);
    expect(profile.tasks.map(({ id }) => id)).toContain('late');
  });
});

describe('the tasks that an agent is compared with itself by', () => {
  it('join its memory as they end, alerted or not, and those without a call do not', () => {
    const profile = newProfile();
    pass(profile, [started(0), callsOf([callOf(1, 'read')])]);
    expect(profile.drift).toBe('');
    pass(profile, [ended(MINUTE)], true);
    expect(profile.drift).toHaveLength(DRIFT_FEATURES.length);
    pass(profile, [started(2 * MINUTE, 'b'), ended(2 * MINUTE + 1, 'b')]);
    expect(profile.drift).toHaveLength(DRIFT_FEATURES.length);
  });

  it('begin anew with a new version', () => {
    const profile = newProfile();
    pass(profile, [registered(0, 'clerk', '1'), callsOf([callOf(1, 'read')]), ended(2)]);
    expect(profile.drift).not.toBe('');
    pass(profile, [deployed(MINUTE, '2')]);
    expect(profile.drift).toBe('');
  });
});

describe('a new version', () => {
  it('forks the habit and keeps the tools; the first version that is told at registration does not', () => {
    const profile = newProfile();
    const busy = (at: number) => metricsOf(at, { api_calls_count: 5 });
    pass(profile, [busy(0)]);
    pass(profile, [registered(MINUTE, 'clerk', '1'), callsOf([callOf(MINUTE + 1, 'read')]), ended(MINUTE + 2)]);
    expect([profile.version, profile.role, profile.habit.n[0], profile.own.total]).toEqual(['1', 'clerk', 2, 1]);
    pass(profile, [deployed(2 * MINUTE, '1'), busy(2 * MINUTE)]);
    expect(profile.habit.n[0]).toBe(3);
    pass(profile, [deployed(3 * MINUTE, '2'), busy(3 * MINUTE)]);
    expect([profile.version, profile.role, profile.habit.n[0], profile.own.total]).toEqual(['2', 'clerk', 1, 1]);
    pass(profile, [deployed(4 * MINUTE, null), busy(4 * MINUTE)]);
    expect([profile.version, profile.habit.n[0]]).toEqual(['2', 2]);
  });

  it('takes a role that is broken text as well-formed text', () => {
    const profile = newProfile();
    pass(profile, [registered(0, 'a\ud800')]);
    expect(profile.role).toBe('a\ufffd');
  });
});
