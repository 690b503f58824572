import type { Call } from '@optikal/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fleetViews } from './fleet.ts';
import { newProfile } from './profile.ts';
import { callOf, callsOf, decisionOf, ended, metricsOf, registered, verdictOf, violationOf } from './test-support/events.ts';
import { contribution, fleetOf, look, pass } from './test-support/windows.ts';

const MINUTE = 60_000;
const FLAGGED = { verdict: 'block', score: null } as const;

describe('a call sees what earlier turns of its task did', () => {
  it('and nothing of its own turn: reads, side effects, bytes', () => {
    const calls = [
      callOf(1000, 'read', { turn: 0, outBytes: 100 }),
      callOf(1001, 'read', { turn: 0, outBytes: 50 }),
      callOf(2000, 'send', { turn: 1, outBytes: 7 }),
      callOf(2001, 'mystery', { turn: 1, outBytes: null }),
      callOf(3000, 'pay', { turn: 4 }),
    ];
    const { calls: found } = look([callsOf(calls)]).facts;
    expect(found.map(({ readsBefore }) => readsBefore)).toEqual([0, 0, 2, 2, 3]);
    expect(found.map(({ sideEffectsBefore }) => sideEffectsBefore)).toEqual([0, 0, 0, 0, 1]);
    expect(found.map(({ readBytesBefore }) => readBytesBefore)).toEqual([0, 0, Math.log1p(150), Math.log1p(150), Math.log1p(157)]);
    expect(found.map(({ sideEffect }) => sideEffect)).toEqual([false, false, true, false, true]);
  });

  it('a call without a turn is a turn of its own', () => {
    const { calls } = look([callsOf([callOf(1000, 'read'), callOf(1001, 'read'), callOf(1002, 'read')])]).facts;
    expect(calls.map(({ readsBefore }) => readsBefore)).toEqual([0, 1, 2]);
  });

  it('and nothing of another task', () => {
    const calls = [
      callOf(1000, 'read', { turn: 0, taskId: 'a' }),
      callOf(2000, 'read', { turn: 1, taskId: 'b' }),
      callOf(3000, 'read', { turn: 1, taskId: 'a' }),
    ];
    const { calls: found } = look([callsOf(calls), verdictOf(1500, { ...FLAGGED, taskId: 'a' })]).facts;
    expect(found.map(({ readsBefore }) => readsBefore)).toEqual([0, 0, 1]);
    expect(found.map(({ injection }) => injection)).toEqual([Number.NaN, Number.NaN, 4]);
  });

  it('across windows', () => {
    const profile = newProfile();
    pass(profile, [callsOf([callOf(59_000, 'read', { turn: 0, outBytes: 9 })]), verdictOf(59_500, FLAGGED)]);
    const { calls } = pass(profile, [callsOf([callOf(MINUTE, 'send', { turn: 1 })])]).facts;
    expect(calls[0]).toMatchObject({ readsBefore: 1, readBytesBefore: Math.log(10), injection: 4, sinceFlagged: 0 });
  });
});

describe('identical calls', () => {
  it('are the same tool and argument hash of one task; without a hash no two are', () => {
    const call = (at: number, tool: string, argHmac: string | null, taskId = 'task'): Call => callOf(at, tool, { argHmac, taskId });
    const calls = [
      call(1, 'read', 'aaaaaaaa'),
      call(2, 'read', 'aaaaaaaa'),
      call(3, 'read', 'bbbbbbbb'),
      call(4, 'fetch', 'aaaaaaaa'),
      call(5, 'read', 'aaaaaaaa'),
      call(6, 'read', null),
      call(7, 'read', null),
      call(8, 'read', 'aaaaaaaa', 'other'),
    ];
    expect(look([callsOf(calls)]).facts.calls.map(({ repeats }) => repeats)).toEqual([0, 1, 0, 0, 2, 0, 0, 0]);
  });
});

describe('taint', () => {
  const turn = (at: number, number: number, tool = 'read', callId = `c${number}`) => callsOf([callOf(at, tool, { turn: number, callId })]);
  const seen = (...events: Parameters<typeof look>[0][number][]) =>
    look(events).facts.calls.map(({ injection, sinceFlagged }) => [injection, sinceFlagged]);
  const NONE = [Number.NaN, Number.NaN];

  it('is the logit of the score, within ±7; without a score ±4 by the verdict', () => {
    const logit = (score: number | null, verdict: 'allow' | 'block' = 'allow') =>
      seen(turn(1000, 0), verdictOf(1100, { callId: 'c0', score, verdict }), turn(2000, 1))[1]![0];
    expect([logit(0.5), logit(0), logit(1), logit(null), logit(null, 'block')]).toEqual([0, -7, 7, -4, 4]);
    expect(logit(0.9)).toBeCloseTo(Math.log(9), 12);
  });

  it('reaches the turn after the call whose output was judged, not the call itself', () => {
    expect(seen(turn(1000, 0), verdictOf(1100, { ...FLAGGED, callId: 'c0' }), turn(2000, 1), turn(3000, 2))).toEqual([
      NONE,
      [4, 0],
      [4, 1],
    ]);
  });

  it('does not reach the parallel calls of the turn, and they count together afterwards', () => {
    const calls = [callOf(1000, 'read', { turn: 0, callId: 'a' }), callOf(1500, 'send', { turn: 0, callId: 'b' })];
    expect(
      seen(
        callsOf(calls),
        verdictOf(1100, { ...FLAGGED, callId: 'a' }),
        callsOf([callOf(2000, 'send', { turn: 1 }), callOf(2001, 'send', { turn: 1 })]),
        turn(3000, 2),
      ),
    ).toEqual([NONE, NONE, [4, 0], [4, 0], [4, 2]]);
  });

  it('does not reach the call itself where verdict and call share a millisecond, or clocks disagree', () => {
    expect(seen(turn(1000, 0), verdictOf(1000, { ...FLAGGED, callId: 'c0' }), turn(2000, 1))).toEqual([NONE, [4, 0]]);
    expect(seen(verdictOf(990, { ...FLAGGED, callId: 'c0' }), turn(1000, 0), turn(2000, 1))).toEqual([NONE, [4, 0]]);
    expect(seen(turn(500, 0, 'read', 'x'), verdictOf(990, { ...FLAGGED, callId: 'c1' }), turn(1000, 1), turn(2000, 2))).toEqual([
      NONE,
      NONE,
      [4, 0],
    ]);
  });

  it('does not reach the call itself where its message comes a window later', () => {
    const profile = newProfile();
    pass(profile, [turn(1000, 0), verdictOf(59_999, { ...FLAGGED, callId: 'c1' })]);
    const second = pass(profile, [
      callsOf(
        [
          callOf(MINUTE - 10, 'read', { turn: 1, callId: 'c1' }),
          callOf(MINUTE + 1, 'send', { turn: 1, callId: 'd' }),
          callOf(MINUTE + 5000, 'send', { turn: 2, callId: 'e' }),
        ],
        {},
      ),
      metricsOf(MINUTE, {}),
    ]);
    expect(second.facts.calls.map(({ injection }) => injection)).toEqual([Number.NaN, Number.NaN, 4]);
  });

  it('of a call whose message never comes counts a turn later', () => {
    expect(seen(turn(1000, 0), verdictOf(1500, { ...FLAGGED, callId: 'lost' }), turn(2000, 1), turn(3000, 2))).toEqual([
      NONE,
      NONE,
      [4, 0],
    ]);
  });

  it('of a late verdict, a window after its call, reaches the next turn', () => {
    const profile = newProfile();
    pass(profile, [turn(59_000, 0)]);
    const { facts } = pass(profile, [verdictOf(MINUTE + 1, { ...FLAGGED, callId: 'c0' }), turn(MINUTE + 2, 1)]);
    expect(facts.calls[0]!.injection).toBe(4);
  });

  it('of an input is there from the first turn on, and an output to the user taints nothing', () => {
    expect(seen(verdictOf(500, { ...FLAGGED, direction: 'input' }), turn(1000, 0))).toEqual([[4, 0]]);
    expect(seen(turn(1000, 0), verdictOf(1500, { ...FLAGGED, direction: 'output' }), turn(2000, 1))).toEqual([NONE, NONE]);
  });

  it('is the highest, and closeness counts from the latest flagged output', () => {
    expect(
      seen(
        turn(1000, 0),
        verdictOf(1100, { score: 0.9, callId: 'c0' }),
        turn(2000, 1),
        verdictOf(2100, { score: 0.1, callId: 'c1' }),
        turn(3000, 2),
        verdictOf(3100, { score: 0.6, callId: 'c2' }),
        turn(4000, 3),
      ).map(([injection, since]) => [injection!.toFixed(3), since]),
    ).toEqual([
      ['NaN', Number.NaN],
      ['2.197', 0],
      ['2.197', 1],
      ['2.197', 0],
    ]);
  });

  it('comes from violations of injection and poisoning, not from others', () => {
    expect(seen(turn(1000, 0), violationOf(1100, { callId: 'c0' }), turn(2000, 1))).toEqual([NONE, [4, 0]]);
    expect(seen(turn(1000, 0), violationOf(1100, { callId: 'c0', kind: 'tool_poisoning' }), turn(2000, 1))).toEqual([NONE, [4, 0]]);
    expect(seen(turn(1000, 0), violationOf(1100, { callId: 'c0', kind: 'pii' }), turn(2000, 1))).toEqual([NONE, NONE]);
  });

  it('finds the task of a verdict by its call where it names none', () => {
    const events = [
      callsOf([callOf(1000, 'read', { turn: 0, callId: 'c0', taskId: 'a' })]),
      verdictOf(1100, { ...FLAGGED, callId: 'c0', taskId: null }),
      callsOf([callOf(2000, 'read', { turn: 1, taskId: 'a' })]),
    ];
    expect(look(events).facts.calls.map(({ injection }) => injection)).toEqual([Number.NaN, 4]);
  });

  it('is that of its own task where two tasks use one call id', () => {
    const events = [
      callsOf([callOf(1000, 'read', { turn: 5, callId: '0', taskId: 'a' }), callOf(1001, 'read', { turn: 0, callId: '0', taskId: 'b' })]),
      verdictOf(1100, { ...FLAGGED, callId: '0', taskId: 'b' }),
      callsOf([callOf(2000, 'read', { turn: 6, callId: '1', taskId: 'a' }), callOf(2001, 'read', { turn: 1, callId: '1', taskId: 'b' })]),
    ];
    expect(look(events).facts.calls.map(({ injection }) => injection)).toEqual([Number.NaN, Number.NaN, Number.NaN, 4]);
  });

  it('never reaches the turn of its own call, in any order of turns, calls and verdicts', () => {
    const plan = fc.array(
      fc.record({
        calls: fc.integer({ min: 1, max: 3 }),
        delay: fc.integer({ min: -40, max: 400 }),
        judged: fc.integer({ min: 0, max: 2 }),
      }),
      { minLength: 1, maxLength: 8 },
    );
    fc.assert(
      fc.property(plan, (turns) => {
        const events = turns.flatMap(({ calls, delay, judged }, t) => {
          const made = Array.from({ length: calls }, (_, i) => callOf(1000 + 1000 * t + 10 * i, 'read', { turn: t, callId: `${t}.${i}` }));
          return [
            callsOf(made),
            verdictOf(1000 + 1000 * t + 10 * (judged % calls) + delay, { callId: `${t}.${judged % calls}`, score: 1 - 1 / (t + 2) }),
          ];
        });
        // The score rises with the turn, so that the highest seen tells the latest turn whose output was read.
        for (const { call, injection } of look(events).facts.calls) {
          const turn = call.call.turn!;
          if (turn === 0) expect(injection).toBe(Number.NaN);
          else expect(injection).toBeCloseTo(Math.log(turn), 9);
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('policy', () => {
  it('counts decisions of the policy alone: what Optikal or a human caused is no feature', () => {
    const { facts } = look([
      decisionOf(1, { decision: 'forbid', riskScore: 0.3 }),
      decisionOf(2, { decision: 'step_up', riskScore: 0.7 }),
      decisionOf(3, { decision: 'permit', riskScore: null }),
      decisionOf(4, { decision: 'forbid', riskScore: 1, cause: 'optikal_risk' }),
      decisionOf(5, { decision: 'forbid', riskScore: 1, cause: 'human' }),
    ]);
    expect(facts).toMatchObject({ decisions: 3, denied: 1, stepUps: 1, riskMax: 0.7 });
  });

  it('knows of a call whether any decision on it forbids, and the highest risk', () => {
    const { calls } = look([
      callsOf([
        callOf(1000, 'send', { callId: 'a' }),
        callOf(2000, 'send', { callId: 'b' }),
        callOf(3000, 'send', { callId: 'c' }),
        callOf(4000, 'send', { callId: 'd' }),
      ]),
      decisionOf(999, { callId: 'a', decision: 'forbid', riskScore: 0.2 }),
      decisionOf(1001, { callId: 'a', decision: 'permit', riskScore: 0.1 }),
      decisionOf(1999, { callId: 'b', riskScore: 0.4 }),
      decisionOf(2999, { callId: 'c', decision: 'forbid', riskScore: 1, cause: 'optikal_risk' }),
      decisionOf(3999, { callId: 'd', taskId: 'another task', decision: 'forbid' }),
    ]).facts;
    expect(calls.map(({ denied, risk }) => [denied, risk])).toEqual([
      [1, 0.2],
      [0, 0.4],
      [Number.NaN, Number.NaN],
      [Number.NaN, Number.NaN],
    ]);
  });
});

describe('verdicts and violations', () => {
  it('are counted, secrets by the words of any gateway', () => {
    const finding = (kind: string) => ({ kind, score: null });
    const { facts } = look([
      verdictOf(1, { findings: [finding('secret'), finding('aws_credentials'), finding('API key'), finding('pii')] }),
      verdictOf(2, { verdict: 'redact' }),
      verdictOf(3, { verdict: 'block', direction: 'output' }),
      violationOf(4, { kind: 'secret_leak' }),
      violationOf(5, { kind: 'blocked_content' }),
    ]);
    expect(facts).toMatchObject({ checked: 3, blocked: 2, violations: 2, secrets: 4 });
  });
});

describe('surprise', () => {
  const view = fleetViews(
    fleetOf(
      contribution('clerk', [
        ['read', 'send'],
        ['read', 'read'],
      ]),
      contribution('other', [['pay']]),
    ),
  );
  const clerk = registered(0, 'clerk');

  it('is that of the role: tools (n+½)/(N+½(K+20)), steps (n+2p)/(n(prev)+2)', () => {
    // The role: read 3, send 1, N 4, K 2; steps ^>read 2, read>send 1, read>read 1; from ^ 2, from read 2.
    const { calls } = look([clerk, callsOf([callOf(1, 'read'), callOf(2, 'send'), callOf(3, 'pay')])], { fleetOf: view }).facts;
    const p = { read: 3.5 / 15, send: 1.5 / 15, pay: 0.5 / 15 };
    expect(calls.map(({ roleSurprise }) => roleSurprise)).toEqual([-Math.log(p.read), -Math.log(p.send), -Math.log(p.pay)]);
    expect(calls.map(({ roleOrder }) => roleOrder)).toEqual([
      -Math.log((2 + 2 * p.read) / 4),
      -Math.log((1 + 2 * p.send) / 4),
      -Math.log((0 + 2 * p.pay) / 2),
    ]);
  });

  it('is that of the fleet where the role is unknown or nobody of it called a tool', () => {
    const fleet = -Math.log((3 + 0.5) / (5 + 0.5 * 23));
    expect(look([callsOf([callOf(1, 'read')])], { fleetOf: view }).facts.calls[0]!.roleSurprise).toBeCloseTo(fleet, 12);
    expect(look([registered(0, 'nobody'), callsOf([callOf(1, 'read')])], { fleetOf: view }).facts.calls[0]!.roleSurprise).toBeCloseTo(
      fleet,
      12,
    );
    const silent = fleetViews(fleetOf(contribution('clerk', [], [1, 2]), contribution('other', [['pay']])));
    expect(look([clerk, callsOf([callOf(1, 'pay')])], { fleetOf: silent }).facts.calls[0]!.roleSurprise).toBeCloseTo(
      -Math.log(1.5 / 11.5),
      12,
    );
  });

  it('is unknown where nobody has done anything, and own surprise until a task has ended', () => {
    const profile = newProfile();
    const first = pass(profile, [callsOf([callOf(1, 'read'), callOf(2, 'read')])]).facts.calls[1]!;
    expect([first.roleSurprise, first.roleOrder, first.ownSurprise, first.ownOrder, first.newTool]).toEqual(Array(5).fill(Number.NaN));
    pass(profile, [ended(MINUTE)]);
    const calls = pass(profile, [callsOf([callOf(2 * MINUTE, 'read', { taskId: 'b' }), callOf(2 * MINUTE + 1, 'send', { taskId: 'b' })])])
      .facts.calls;
    expect(calls.map(({ newTool }) => newTool)).toEqual([0, 1]);
    // Own: read 2, N 2, K 1; steps ^>read 1, read>read 1; from ^ 1, from read 1.
    expect(calls.map(({ ownSurprise }) => ownSurprise)).toEqual([-Math.log(2.5 / 12.5), -Math.log(0.5 / 12.5)]);
    expect(calls.map(({ ownOrder }) => ownOrder)).toEqual([-Math.log((1 + 2 * 0.2) / 3), -Math.log((2 * 0.04) / 3)]);
  });
});
