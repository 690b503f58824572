import { describe, expect, it } from 'vitest';
import { believedEffect, readWindow } from './content.ts';
import {
  callOf,
  callsOf,
  decisionOf,
  ended,
  lifecycleOf,
  metricsOf,
  provenanceOf,
  registered,
  started,
  T0,
  TOOLS,
  verdictOf,
  violationOf,
} from './test-support/events.ts';

const raw = (...events: Parameters<typeof readWindow>[0]) => readWindow(events, TOOLS).raw;

describe('the metrics of a window without calls', () => {
  it('are those of its one message', () => {
    const found = raw(
      metricsOf(1000, {
        cpu_usage_percent: 30,
        memory_usage_mb: 512,
        network_calls_count: 3,
        file_operations_count: 2,
        api_calls_count: 7,
        error_count: 1,
        hour_of_day: 22,
        day_of_week: 6,
        query_diversity: 0.5,
        response_time_ms: 120,
        success_rate: 0.9,
      }),
    );
    expect(found).toEqual({
      cpu: 30,
      memory: 512,
      network: 3,
      files: 2,
      api: 7,
      errors: 1,
      hour: 22,
      weekday: 6,
      diversity: 0.5,
      responseMs: 120,
      success: 0.9,
    });
  });

  it('merge: counts sum, the others are means weighted by API calls, diversity is unknown', () => {
    const found = raw(
      metricsOf(1000, {
        cpu_usage_percent: 10,
        memory_usage_mb: 100,
        network_calls_count: 1,
        file_operations_count: 2,
        api_calls_count: 1,
        error_count: 1,
        query_diversity: 0.5,
        response_time_ms: 100,
        success_rate: 0,
      }),
      metricsOf(2000, {
        cpu_usage_percent: 50,
        memory_usage_mb: 500,
        network_calls_count: 4,
        file_operations_count: 5,
        api_calls_count: 3,
        error_count: 0,
        query_diversity: 0.5,
        response_time_ms: 300,
        success_rate: 1,
      }),
    );
    expect(found).toMatchObject({
      cpu: 40,
      memory: 400,
      network: 5,
      files: 7,
      api: 4,
      errors: 1,
      diversity: Number.NaN,
      responseMs: 250,
      success: 0.75,
    });
  });

  it('are unknown, never zero, where no message has them', () => {
    const found = raw(metricsOf(1000, { api_calls_count: 2 }), metricsOf(2000, { error_count: 1 }));
    expect(found).toMatchObject({
      cpu: Number.NaN,
      memory: Number.NaN,
      network: Number.NaN,
      files: Number.NaN,
      api: 2,
      errors: 1,
      success: Number.NaN,
      responseMs: Number.NaN,
    });
  });

  it('take hour and weekday from the agent’s own clock, else from UTC, else from nowhere', () => {
    expect(raw(metricsOf(1000, {}))).toMatchObject({ hour: 10, weekday: 3 });
    expect(raw(metricsOf(1000, {}), metricsOf(2000, { hour_of_day: 4, day_of_week: 0 }))).toMatchObject({ hour: 4, weekday: 0 });
    expect(raw(decisionOf(1000))).toMatchObject({ hour: Number.NaN, weekday: Number.NaN, api: Number.NaN });
  });

  it('of an empty list of calls are the message’s own', () => {
    expect(raw(metricsOf(1000, { api_calls_count: 1, error_count: 0, query_diversity: 0.5 }, []))).toMatchObject({
      api: 1,
      errors: 0,
      diversity: 0.5,
    });
  });
});

describe('the metrics of a window with calls', () => {
  it('are derived from the calls, whatever the message says', () => {
    const calls = [
      callOf(1000, 'read', { turn: 0, argHmac: 'aaaaaaaa', latencyMs: 100 }),
      callOf(1500, 'read', { turn: 0, argHmac: 'aaaaaaaa', latencyMs: 300 }),
      callOf(2000, 'fetch', { turn: 1, argHmac: 'aaaaaaaa' }),
      callOf(3000, 'mystery', { turn: 2, ok: false }),
    ];
    // 4 calls of 3 turns; the kind of `mystery` is unknown: it is neither a network call nor a file operation.
    expect(
      raw(
        metricsOf(3000, { api_calls_count: 99, error_count: 99, network_calls_count: 99, query_diversity: 0.01, success_rate: 0 }, calls),
      ),
    ).toMatchObject({
      api: 7,
      errors: 1,
      network: 1,
      files: 2,
      diversity: 0.75,
      responseMs: 200,
      success: 0.75,
    });
  });

  it('add what messages without calls counted', () => {
    expect(raw(callsOf([callOf(1000, 'read')]), metricsOf(2000, { api_calls_count: 1, error_count: 2 }))).toMatchObject({
      api: 3,
      errors: 2,
      diversity: 1,
    });
  });

  it('count as one turn each the calls that have none', () => {
    expect(raw(callsOf([callOf(1000, 'read'), callOf(1001, 'read')]))).toMatchObject({ api: 4 });
  });

  it('know no network calls where no tool has a known kind', () => {
    expect(raw(callsOf([callOf(1000, 'mystery')]))).toMatchObject({ network: Number.NaN, files: Number.NaN, api: 2 });
  });
});

describe('the calls of a window', () => {
  it('have the provenance that the gateway tells, for its task where it names one', () => {
    const calls = [
      callOf(1000, 'read', { callId: '1', taskId: 'a', provenance: { destOut: 1 } }),
      callOf(1001, 'read', { callId: '1', taskId: 'b', provenance: { destOut: 2 } }),
      callOf(1002, 'read', { callId: '2', taskId: 'a' }),
      callOf(1003, 'read', { callId: '3', taskId: 'a', provenance: { destOut: 3 } }),
    ];
    const found = readWindow(
      [provenanceOf(0, '1', { destOut: 7 }, 'b'), callsOf(calls), provenanceOf(5000, '2', { destOut: 8 })],
      TOOLS,
    ).calls;
    expect(found.map(({ provenance }) => provenance?.destOut)).toEqual([1, 7, 8, 3]);
  });

  it('belong to the task of their message where they name none', () => {
    expect(readWindow([callsOf([callOf(1, 'read', { taskId: null })], { task: 'x' })], TOOLS).calls[0]!.taskId).toBe('x');
    expect(readWindow([callsOf([callOf(1, 'read', { taskId: null })])], TOOLS).calls[0]!.taskId).toBe('');
  });

  it('come in order of their time, then id', () => {
    const calls = [callOf(3000, 'read', { callId: 'z' }), callOf(1000, 'read', { callId: 'y' }), callOf(1000, 'read', { callId: 'x' })];
    expect(readWindow([callsOf(calls)], TOOLS).calls.map(({ call }) => call.callId)).toEqual(['x', 'y', 'z']);
  });

  it('take odd names as names', () => {
    const tools = ['__proto__', 'constructor', 'toString', 'a\nb', '\u0000', '😀', '\ud800'];
    const found = readWindow([callsOf(tools.map((tool, i) => callOf(i, tool, { callId: tool, turn: i })))], TOOLS);
    expect(found.calls.map(({ effect }) => effect)).toEqual(tools.map(() => 'unknown'));
    expect(found.raw).toMatchObject({ api: 14, diversity: 1 });
  });
});

describe('the effect of a call', () => {
  const known = (effect: 'read' | 'write' | 'unknown', belief: 'user' | 'mcp' | 'classifier' | 'unknown') => ({
    effect,
    belief,
    kind: null,
    untrusted: false,
  });
  it('is raised by the sender over what the classifier guessed, never lowered', () => {
    expect(believedEffect(known('read', 'classifier'), 'money')).toBe('money');
    expect(believedEffect(known('write', 'classifier'), 'read')).toBe('write');
    expect(believedEffect(known('unknown', 'unknown'), 'read')).toBe('read');
    expect(believedEffect(known('unknown', 'unknown'), null)).toBe('unknown');
  });
  it('is what the user and a trusted server say', () => {
    expect(believedEffect(known('read', 'user'), 'money')).toBe('read');
    expect(believedEffect(known('read', 'mcp'), 'money')).toBe('read');
  });
});

describe('what happens in a window', () => {
  it('comes in order of time; within a millisecond a task starts before its calls and ends after all else', () => {
    const found = readWindow([ended(5000), callsOf([callOf(5000, 'read')]), started(5000), verdictOf(5000), verdictOf(4000)], TOOLS);
    expect(found.items.map(({ kind, timeMs }) => `${kind} ${timeMs - T0}`)).toEqual([
      'verdict 4000',
      'lifecycle 5000',
      'verdict 5000',
      'call 5000',
      'lifecycle 5000',
    ]);
    expect(found.items.at(-1)).toMatchObject({ data: { kind: 'task_ended' } });
  });

  it('is worth a score if something was done or judged', () => {
    const active = (...events: Parameters<typeof readWindow>[0]) => readWindow(events, TOOLS).active;
    expect([active(metricsOf(0, {})), active(violationOf(0)), active(decisionOf(0))]).toEqual([true, true, true]);
    expect([
      active(registered(0, 'r')),
      active(verdictOf(0)),
      active(provenanceOf(0, 'c', {})),
      active(lifecycleOf(0, { kind: 'retire' })),
    ]).toEqual([false, false, false, false]);
    expect([active(decisionOf(0, { cause: 'optikal_risk' })), active(decisionOf(0, { cause: 'human' }))]).toEqual([false, false]);
  });

  it('tells whether calls were reported at all', () => {
    const reported = (...events: Parameters<typeof readWindow>[0]) => readWindow(events, TOOLS).callsReported;
    expect([
      reported(metricsOf(0, {})),
      reported(decisionOf(0)),
      reported(metricsOf(0, {}, [])),
      reported(callsOf([callOf(0, 'read')])),
    ]).toEqual([false, false, true, true]);
  });

  it('names the first session and at most 16 correlation ids, sorted', () => {
    const events = Array.from({ length: 20 }, (_, i) =>
      decisionOf(i, {}, { session: i === 0 ? null : `s${i}`, correlation: `c${String(30 - i)}` }),
    );
    const found = readWindow(events, TOOLS);
    expect(found.session).toBe('s1');
    expect(found.correlationIds).toEqual(Array.from({ length: 16 }, (_, i) => `c${15 + i}`));
  });
});
