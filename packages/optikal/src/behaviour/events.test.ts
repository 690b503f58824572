import { parseEvent, toCloudEvent } from '@optikal/contracts';
import { describe, expect, it } from 'vitest';
import { registerEvent, taskEvents } from './events.ts';
import type { ObservedCall, ObservedTask } from './observed.ts';

const T0 = Date.UTC(2026, 0, 5, 23, 0, 0); // a Monday
const call = (callId: string, turn: number, seconds: number, over: Partial<ObservedCall> = {}): ObservedCall => ({
  callId,
  turn,
  timeMs: T0 + seconds * 1000,
  tool: 'read_file',
  args: { path: '/a' },
  output: 'text',
  ok: true,
  errorKind: null,
  latencyMs: 40,
  argBytes: 12,
  outBytes: 4,
  ...over,
});
const task: ObservedTask = {
  agent: 'bot-1',
  session: 's0',
  taskId: 't7',
  role: 'support',
  request: 'Read a and b',
  startMs: T0,
  endMs: T0 + 9000,
  answerChars: 33,
  ok: true,
  turns: [
    { turn: 0, timeMs: T0, textChars: 5 },
    { turn: 1, timeMs: T0 + 4000, textChars: 0 },
    { turn: 2, timeMs: T0 + 9000, textChars: 33 },
  ],
  calls: [
    call('c0', 0, 1),
    call('c1', 0, 2, { ok: false, errorKind: 'tool_error', latencyMs: 60 }),
    call('c2', 1, 5, { tool: 'send_email', traceId: 'a'.repeat(32) }),
  ],
};

describe('events of a task', () => {
  it('are its start, a message per turn with calls at the time of the last call, and its end', () => {
    const events = taskEvents(task);
    expect(events.map((event) => [event.id, event.timeMs - T0])).toEqual([
      ['t7:start', 0],
      ['t7:t0', 2000],
      ['t7:t1', 5000],
      ['t7:end', 9000],
    ]);
    expect(events[0]!.data).toEqual({ kind: 'task_started', taskId: 't7', requestChars: 12 });
    expect(events[3]!.data).toEqual({ kind: 'task_ended', taskId: 't7', turns: 3, answerChars: 33, ok: true });
    expect(events[1]!.source).toBe('optikal/import/bot-1');
    expect(events[2]!.correlation).toBe('a'.repeat(32));
  });

  it('derive the metrics from the calls of the turn, and leave null what nobody saw', () => {
    const kindOf = (tool: string) => (tool === 'read_file' ? ('file' as const) : ('network' as const));
    const event = taskEvents(task, { kindOf, argHmacs: ['aa11aa11', 'aa11aa11', null] })[1]!;
    expect(event.type).toBe('argus.agent.metrics.v1');
    expect(event.data).toMatchObject({
      windowStartMs: T0,
      windowEndMs: T0 + 2000,
      metrics: {
        cpu_usage_percent: null,
        memory_usage_mb: null,
        network_calls_count: 0,
        file_operations_count: 2,
        api_calls_count: 3,
        error_count: 1,
        hour_of_day: 23,
        day_of_week: 0,
        query_diversity: 0.5,
        response_time_ms: 50,
        success_rate: 0.5,
      },
    });
    expect(taskEvents(task)[1]!.data).toMatchObject({ metrics: { network_calls_count: null, file_operations_count: null } });
  });

  it('tell turns without calls only if asked', () => {
    expect(taskEvents(task, { silentTurns: true }).map((event) => event.id)).toContain('t7:t2');
  });

  it('carry no content and are valid messages', () => {
    const events = [registerEvent(task), ...taskEvents({ ...task, calls: [call('c0', 0, 1, { args: 'CANARY', output: 'CANARY' })] })];
    for (const event of events) {
      const parsed = parseEvent(JSON.parse(JSON.stringify(toCloudEvent(event))));
      expect(parsed).toMatchObject({ ok: true, unknownFields: 0, event: { id: event.id } });
    }
    expect(JSON.stringify(events)).not.toContain('CANARY');
  });

  it('split a turn of more than 512 calls', () => {
    const many = Array.from({ length: 600 }, (_, i) => call(`c${i}`, 0, i));
    const events = taskEvents({ ...task, calls: many, endMs: T0 + 600_000 });
    expect(events.map((event) => event.id)).toEqual(['t7:start', 't7:t0', 't7:t0.1', 't7:end']);
    expect(events.map((event) => (event.type === 'argus.agent.metrics.v1' ? event.data.metrics.api_calls_count : null))).toEqual([
      null,
      513,
      88,
      null,
    ]);
  });
});
