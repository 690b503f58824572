import { parseEvent, toCloudEvent } from '@optikal/contracts';
import { describe, expect, it } from 'vitest';
import { createGateway } from '../gateway.ts';
import { answerEvents, checkOutputs, isFlagged, outputEvents, requestEvents } from './events.ts';
import { wordDetector } from './test-support/detectors.ts';

const gateway = createGateway({ detector: wordDetector() });
const T0 = 1_767_225_600_000;
const task = {
  agent: 'a-1',
  session: 's0',
  taskId: 't0',
  request: 'read my mail',
  calls: [
    { callId: 't0.c0', timeMs: T0, tool: 'read_inbox', output: 'INJECT canary' },
    { callId: 't0.c1', timeMs: T0 + 1000, tool: 'send_email', output: null },
    { callId: 'c'.repeat(256), timeMs: T0 + 2000, tool: 'read_inbox', output: 'fine, bob@canary.example' },
  ],
};

describe('the verdicts on a task', () => {
  it('are events a millisecond after what they are about, violations another one', () => {
    const checks = checkOutputs(gateway, task);
    expect(checks.map(isFlagged)).toEqual([true, false, false]);
    const events = [
      ...requestEvents(gateway, task, T0 - 500),
      ...outputEvents(task, checks),
      ...answerEvents(gateway, task, 'INJECT', T0 + 5000),
    ];
    expect(events.map(({ id, type, timeMs }) => [id.slice(0, 24), type.slice(6, -3), timeMs - T0])).toEqual([
      ['t0:request', 'io.validation', -499],
      ['t0.c0:output', 'io.validation', 1],
      ['t0.c0:output:prompt_inje', 'security.violations', 2],
      ['c'.repeat(24), 'io.validation', 2001],
      ['t0:answer', 'io.validation', 5000],
      ['t0:answer:prompt_injecti', 'security.violations', 5000],
    ]);
    expect(
      events.map(({ data }) => ('verdict' in data ? [data.direction, data.callId?.slice(0, 5) ?? null, data.verdict, data.score] : null)),
    ).toEqual([
      ['input', null, 'allow', 0.02],
      ['tool_output', 't0.c0', 'block', 0.98],
      null,
      ['tool_output', 'ccccc', 'allow', 0.02],
      ['output', null, 'redact', 0.98],
      null,
    ]);
    expect(JSON.stringify(events)).not.toContain('canary');
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
    for (const event of events) expect(parseEvent(toCloudEvent(event))).toMatchObject({ ok: true, unknownFields: 0 });
  });

  it('are none of what was not observed', () => {
    const nothing = { ...task, request: null, calls: [] };
    expect([...requestEvents(gateway, nothing, T0), ...outputEvents(nothing, []), ...answerEvents(gateway, nothing, null, T0)]).toEqual([]);
  });
});
