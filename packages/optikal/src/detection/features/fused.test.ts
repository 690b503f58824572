import { type Call, type Event, FEATURE_SETS } from '@optikal/contracts';
import { createRandom, type Random } from '@optikal/ml';
import { describe, expect, it } from 'vitest';
import { fleetViews } from '../fleet.ts';
import { HABIT_METRICS } from '../habit.ts';
import { newProfile } from '../profile.ts';
import { callOf, callsOf, decisionOf, ended, metricsOf, registered, verdictOf, violationOf } from '../test-support/events.ts';
import { plainRow } from '../test-support/plain-rows.ts';
import { contribution, feature, fleetOf, look, pass } from '../test-support/windows.ts';

const MINUTE = 60_000;
const FLEET = fleetViews(
  fleetOf(
    contribution(
      'clerk',
      [
        ['read', 'send'],
        ['read', 'read'],
      ],
      [0, 1, 2],
    ),
  ),
);

/** Two turns of task a (two reads, one flagged; then a side effect after it), one payment of task b, decisions and a secret. */
const RICH: readonly Event[] = [
  registered(0, 'clerk'),
  callsOf([
    callOf(1000, 'read', {
      taskId: 'a',
      turn: 0,
      callId: 'r1',
      argHmac: 'aaaaaaaa',
      argBytes: 1,
      outBytes: 100,
      provenance: {
        destCount: 1,
        destOut: 0,
        destNew: 1,
        valuesOut: 0,
        valuesOutLatest: 0,
        valuesFlagged: 0,
        wordsOutShare: 0,
        affinity: 0.9,
        requested: 1,
      },
    }),
    callOf(1001, 'read', { taskId: 'a', turn: 0, callId: 'r2', argHmac: 'aaaaaaaa', argBytes: 1, outBytes: 200 }),
  ]),
  verdictOf(1100, { taskId: 'a', callId: 'r1', verdict: 'block', score: 0.9 }),
  verdictOf(1101, { taskId: 'a', callId: 'r2', score: 0.1 }),
  callsOf([
    callOf(2000, 'send', {
      taskId: 'a',
      turn: 1,
      callId: 's1',
      argHmac: 'bbbbbbbb',
      argBytes: 30,
      outBytes: 4,
      ok: false,
      errorKind: 'denied',
      provenance: {
        destCount: 2,
        destOut: 1,
        destNew: 2,
        valuesOut: 3,
        valuesOutLatest: 2,
        valuesFlagged: 1,
        wordsOutShare: 0.5,
        affinity: 0.2,
        requested: 0.25,
      },
    }),
  ]),
  callsOf([
    callOf(3000, 'pay', {
      taskId: 'b',
      callId: 'p1',
      argBytes: 10,
      provenance: { destCount: 1, valuesOut: 0, affinity: 0.4, requested: 0.5 },
    }),
  ]),
  callsOf([
    callOf(4000, 'grant', { taskId: 'b', callId: 'g1', argBytes: 2, errorKind: 'blocked' }),
    callOf(4001, 'mystery', { taskId: 'b', callId: 'm1' }),
  ]),
  metricsOf(5000, { cpu_usage_percent: 50, memory_usage_mb: 1024 }),
  decisionOf(1999, { callId: 's1', decision: 'forbid', riskScore: 0.8 }),
  decisionOf(2999, { callId: 'p1', decision: 'step_up', riskScore: 0.4 }),
  decisionOf(3999, { callId: 'g1' }),
  violationOf(6000, { kind: 'secret_leak', taskId: 'a' }),
];

function experienced() {
  const profile = newProfile();
  pass(profile, [callsOf([callOf(0, 'read', { taskId: '0' })]), ended(1, '0')], false, FLEET);
  return profile;
}
/** A minute later than the events of `RICH`, whose times are within the first. */
const rich = () => look(RICH, { profile: experienced(), fleetOf: FLEET });

describe('fused1', () => {
  it('has the values of the formulas', () => {
    const found = rich();
    const logit9 = Math.log(9);
    // The role: read 3, send 1, N 4, K 2; steps ^>read 2, read>send 1, read>read 1.
    const p = { read: 3.5 / 15, send: 1.5 / 15, new: 0.5 / 15 };
    const tools = [p.read, p.read, p.send, p.new, p.new, p.new].map((share) => -Math.log(share));
    const steps = [(2 + 2 * p.read) / 4, (1 + 2 * p.read) / 4, (1 + 2 * p.send) / 4, (2 * p.new) / 4, (2 * p.new) / 2, (2 * p.new) / 2].map(
      (share) => -Math.log(share),
    );
    const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    // Own: read 1, N 1, K 1; ^>read 1.
    const o = { read: 1.5 / 11.5, new: 0.5 / 11.5 };
    const own = [o.read, o.read, o.new, o.new, o.new, o.new].map((share) => -Math.log(share));
    const ownSteps = [(1 + 2 * o.read) / 3, o.read, o.new, (2 * o.new) / 3, o.new, o.new].map((share) => -Math.log(share));
    const worked: Record<string, number> = {
      turns: 5,
      calls: 6,
      write_calls: 1,
      account_calls: 1,
      money_calls: 1,
      unknown_calls: 1,
      side_effect_share: 0.5,
      tasks: 2,
      out_bytes_log: Math.log(305),
      arg_bytes_log: Math.log(43),
      repeated_calls: 1,
      blocked_calls: 2,
      new_tool_share: 4 / 6,
      dest_count: 4,
      role_surprise_max: Math.max(...tools),
      role_surprise_mean: mean(tools),
      role_order_max: Math.max(...steps),
      role_order_mean: mean(steps),
      own_surprise_max: Math.max(...own),
      own_order_max: Math.max(...ownSteps),
      own_order_mean: mean(ownSteps),
      side_surprise_max: Math.max(steps[2]!, steps[3]!, steps[4]!),
      read_bytes_before: Math.log(301),
      reads_before: 2,
      side_effects_before: 2,
      dest_from_output: 1,
      dest_new: 3,
      values_from_output: 3,
      values_from_latest: 2,
      words_from_output: 0.5,
      side_values_from_output: 3,
      affinity_min: 0.2,
      // send 1 − 0.25; pay took no value from an output; of grant nothing is known.
      unrequested_side: 0.75,
      unrequested_any: 0 + 0.75 + 0.5,
      values_flagged: 1,
      checked: 2,
      blocked_share: 0.5,
      injection_max: logit9,
      injection_at_side: logit9,
      since_flagged: 1,
      side_after_taint: 1,
      violations: 1,
      secrets: 1,
      decisions: 3,
      denied_share: 1 / 3,
      denied: 1,
      risk_max: 0.8,
      step_ups: 1,
      history: 1 / 6,
      cpu_usage: 0.5,
      memory_usage_gb: 1,
      api_calls_per_min: 11,
      errors_per_min: 1,
      error_rate: 1 / 12,
    };
    for (const [name, value] of Object.entries(worked)) expect(feature(found, name), name).toBeCloseTo(value, 10);
  });

  it('has a value of each name of the table in a window that shows everything', () => {
    const latency = metricsOf(7000, { response_time_ms: 10 });
    const found = look([...RICH, latency], { profile: experienced(), fleetOf: FLEET });
    const missing = FEATURE_SETS.fused1.filter(({ name }) => Number.isNaN(feature(found, name))).map(({ name }) => name);
    expect(missing).toEqual([]);
    expect(found.row).toHaveLength(FEATURE_SETS.fused1.length);
  });

  it('holds the habit of each metric against the agent’s own last windows, shrunk to its role', () => {
    const profile = newProfile();
    for (let i = 0; i < 3; i++)
      pass(profile, [registered(i * MINUTE, 'clerk'), callsOf([callOf(i * MINUTE, 'read', { taskId: `${i}` })])], false, FLEET);
    const found = look([callsOf(Array.from({ length: 7 }, (_, i) => callOf(3 * MINUTE + i, 'send', { taskId: 'x' })))], {
      profile,
      fleetOf: FLEET,
    });
    // Own: three windows of one call: mean ln 2, variance 0. Role: mean 1, variance 2/3, weight 5.
    const z = (own: number, x: number) => (Math.log1p(x) - (3 * Math.log1p(own) + 5) / 8) / Math.sqrt((5 * (2 / 3)) / 8);
    expect(feature(found, 'z_calls')).toBeCloseTo(z(1, 7), 12);
    expect(feature(found, 'z_side_effects')).toBeCloseTo(z(0, 7), 12);
    expect(feature(found, 'z_reads')).toBeCloseTo(z(1, 0), 12);
    expect(feature(found, 'z_network_calls')).toBeCloseTo(z(0, 7), 12);
    expect(feature(found, 'z_file_ops')).toBeCloseTo(z(1, 0), 12);
    expect(feature(found, 'z_errors')).toBeCloseTo(z(0, 0), 12);
    expect(feature(found, 'z_api_calls')).toBeCloseTo(z(2, 14), 12);
    expect(feature(found, 'history')).toBe(3 / 8);
    for (const name of ['z_cpu', 'z_memory', 'z_response_time', 'z_out_bytes', 'z_destinations'])
      expect(feature(found, name), name).toBe(Number.NaN);
    expect(HABIT_METRICS.map((name) => `z_${name}`).every((name) => FEATURE_SETS.fused1.some((spec) => spec.name === name))).toBe(true);
  });

  it('does not know the calls of a window of which no message told any', () => {
    const found = look([metricsOf(0, { api_calls_count: 30 }), verdictOf(1, { score: 0.5 })]);
    const unknown = [
      'turns',
      'calls',
      'write_calls',
      'account_calls',
      'money_calls',
      'unknown_calls',
      'side_effect_share',
      'tasks',
      'out_bytes_log',
      'arg_bytes_log',
      'repeated_calls',
      'blocked_calls',
      'side_surprise_max',
      'side_values_from_output',
      'affinity_min',
      'injection_at_side',
      'side_after_taint',
      'z_calls',
      'z_reads',
      'z_side_effects',
    ];
    for (const name of unknown) expect(feature(found, name), name).toBe(Number.NaN);
    expect(feature(found, 'api_calls_per_min')).toBe(30);
    const empty = look([metricsOf(0, {}, [])]);
    for (const name of ['turns', 'calls', 'write_calls', 'tasks', 'arg_bytes_log', 'repeated_calls', 'side_surprise_max'])
      expect(feature(empty, name), name).toBe(0);
  });

  it('does not know bytes and provenance that nobody computed', () => {
    const found = look([callsOf([callOf(0, 'send'), callOf(1, 'read')])]);
    for (const name of [
      'out_bytes_log',
      'arg_bytes_log',
      'dest_count',
      'dest_from_output',
      'dest_new',
      'values_from_output',
      'values_from_latest',
      'words_from_output',
      'side_values_from_output',
      'affinity_min',
      'unrequested_any',
      'values_flagged',
      'new_tool_share',
    ])
      expect(feature(found, name), name).toBe(Number.NaN);
  });

  it('says what a window without side effects says: nothing out of place, nothing asked for', () => {
    const found = look([callsOf([callOf(0, 'read', { provenance: { affinity: 0.1 } })]), verdictOf(1, { score: 0.9 })], { fleetOf: FLEET });
    expect(
      [
        'side_surprise_max',
        'arg_bytes_log',
        'side_values_from_output',
        'unrequested_side',
        'affinity_min',
        'injection_at_side',
        'side_after_taint',
      ].map((name) => feature(found, name)),
    ).toEqual([0, 0, 0, 0, 1, -7, 0]);
  });

  it('does not know the content plane where nothing was checked, nor the authority where nothing was decided', () => {
    const found = look([callsOf([callOf(0, 'send')])]);
    for (const name of [
      'blocked_share',
      'injection_max',
      'injection_at_side',
      'since_flagged',
      'side_after_taint',
      'violations',
      'secrets',
      'denied_share',
      'denied',
      'risk_max',
      'step_ups',
    ])
      expect(feature(found, name), name).toBe(Number.NaN);
    expect([feature(found, 'checked'), feature(found, 'decisions')]).toEqual([0, 0]);
  });

  it('counts violations where no verdict stands beside them', () => {
    const found = look([callsOf([callOf(0, 'send')]), violationOf(1, { kind: 'secret_leak' })]);
    expect([feature(found, 'violations'), feature(found, 'secrets')]).toEqual([1, 1]);
  });

  it('remembers a taint of an earlier window of the task', () => {
    const profile = newProfile();
    pass(profile, [callsOf([callOf(0, 'read')]), verdictOf(1, { score: 0.9 })]);
    const found = pass(profile, [callsOf([callOf(MINUTE, 'send')])]);
    expect([
      feature(found, 'checked'),
      feature(found, 'injection_max'),
      feature(found, 'side_after_taint'),
      feature(found, 'since_flagged'),
    ]).toEqual([0, Math.log(0.9 / (1 - 0.9)), 1, 1]);
  });

  it('is to the bit what the formulas give one by one, whatever a window holds', () => {
    const random = createRandom('windows');
    for (let w = 0, profile = newProfile(); w < 300; w++) {
      if (w % 20 === 0) profile = newProfile();
      const found = pass(profile, anyWindow(w * MINUTE, random), random.nextFloat() < 0.1, FLEET);
      for (const [name, value] of Object.entries(plainRow(found)))
        expect(Object.is(feature(found, name), value), `${name} of window ${w}`).toBe(true);
    }
  });
});

/** Nothing to twenty calls of a few tools, tasks and turns, with and without what a call may leave out, and what is said of them. */
function anyWindow(at: number, random: Random): Event[] {
  const one = <T>(of: readonly T[]): T => of[Math.floor(random.nextFloat() * of.length)]!;
  const count = () => one([null, 0, 1, 2, 7]);
  const share = () => (random.nextFloat() < 0.3 ? null : random.nextFloat());
  const events: Event[] = [];
  const calls = Array.from({ length: one([0, 1, 1, 2, 5, 20]) }, (_, i): Call => {
    const known = random.nextFloat() < 0.7;
    return callOf(at + i, one(['read', 'send', 'pay', 'grant', 'odd']), {
      taskId: one(['a', 'b', 'c']),
      turn: one([null, 0, 1, 2]),
      callId: `c${one([i, 0, 1])}`,
      ok: random.nextFloat() < 0.8,
      errorKind: one([null, 'blocked', 'timeout', 'denied']),
      argHmac: one([null, 'aaaaaaaa', 'bbbbbbbb']),
      argBytes: count(),
      outBytes: count(),
      provenance: known
        ? {
            valuesOut: count(),
            valuesOutLatest: count(),
            destCount: count(),
            destOut: count(),
            destNew: count(),
            valuesFlagged: count(),
            wordsOutShare: share(),
            affinity: share(),
            requested: share(),
          }
        : null,
    });
  });
  if (calls.length > 0 || random.nextFloat() < 0.5) events.push(metricsOf(at, { api_calls_count: count() }, calls));
  else events.push(metricsOf(at, { api_calls_count: count(), query_diversity: share() }));
  for (const { callId, taskId } of calls) {
    if (random.nextFloat() < 0.2) events.push(verdictOf(at + 30, { callId, taskId, score: share() }));
    if (random.nextFloat() < 0.1)
      events.push(decisionOf(at + 31, { callId, taskId, riskScore: share(), decision: one(['permit', 'forbid', 'step_up']) }));
    if (random.nextFloat() < 0.05) events.push(violationOf(at + 32, { callId, taskId }));
  }
  return events;
}
