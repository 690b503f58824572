import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IMPORT_ERRORS } from '../errors.ts';
import { taskEvents } from '../events.ts';
import type { ObservedTask } from '../observed.ts';
import { newCallReader, readCalls } from './calls.ts';
import { agentIdOf, taskIdOf } from './ids.ts';

const T0 = Date.UTC(2026, 0, 5, 10);
const line = (over: Record<string, unknown> = {}) =>
  JSON.stringify({
    time: T0,
    agent: 'bot',
    task: '1',
    turn: 0,
    tool: 'read',
    args: { a: 1 },
    output: 'né',
    ok: true,
    latencyMs: 5,
    request: 'Do',
    ...over,
  });
const tasksOf = (lines: readonly string[]): ObservedTask[] => [...readCalls(lines)].flatMap((item) => ('task' in item ? [item.task] : []));
const problemsOf = (lines: readonly string[]) => [...readCalls(lines)].flatMap((item) => ('problem' in item ? [item.problem] : []));

describe('calls.jsonl', () => {
  it('gives a task per agent and task, ended by the next task of the agent or the end of the input', () => {
    const reader = newCallReader('acme');
    expect(reader.push(line())).toEqual([]);
    expect(reader.push(line({ agent: 'other', task: 'x' }))).toEqual([]);
    const [ended] = reader.push(line({ task: '2', time: '2026-01-05T11:00:00Z' }));
    expect(ended).toMatchObject({
      task: {
        tenant: 'acme',
        agent: 'bot',
        taskId: '1',
        request: 'Do',
        startMs: T0,
        ok: null,
        calls: [{ callId: '1.c0', outBytes: 3, argBytes: 7 }],
      },
    });
    expect(reader.end()).toMatchObject([{ task: { agent: 'other' } }, { task: { taskId: '2', startMs: T0 + 3_600_000 } }]);
  });

  it('tolerates any order within a task', () => {
    const lines = Array.from({ length: 8 }, (_, i) => line({ turn: i >> 1, time: T0 + 1000 * i, tool: `t${i}` }));
    const expected = tasksOf(lines);
    fc.assert(
      fc.property(fc.shuffledSubarray(lines, { minLength: 8 }), (shuffled) => {
        expect(tasksOf(shuffled)).toEqual(expected);
      }),
      { numRuns: 50 },
    );
    expect(expected[0]!.turns.map((turn) => turn.turn)).toEqual([0, 1, 2, 3]);
  });

  it('takes calls one after the other where turns are not told', () => {
    const [task] = tasksOf([line({ turn: undefined, time: T0 + 5 }), line({ turn: undefined, time: T0 + 1 })]);
    expect(task!.calls.map((call) => [call.turn, call.timeMs - T0])).toEqual([
      [0, 1],
      [1, 5],
    ]);
  });

  it('refuses bad lines with their number and a code, and goes on', () => {
    const deep = `{"a":${'['.repeat(40)}${']'.repeat(40)}}`;
    const lines = [
      '{',
      '[]',
      deep,
      line({ tool: undefined }),
      line({ time: 'yesterday' }),
      line({ ok: 'yes' }),
      line({ turn: -1 }),
      line(),
    ];
    expect(problemsOf(lines).map((problem) => [problem.line, problem.code])).toEqual([
      [1, 'invalid_json'],
      [2, 'not_an_object'],
      [3, 'too_deep'],
      [4, 'field_missing'],
      [5, 'time_invalid'],
      [6, 'field_invalid'],
      [7, 'field_invalid'],
    ]);
    expect(tasksOf(lines)).toHaveLength(1);
    expect(problemsOf(['x'.repeat(8_388_609)])[0]!.code).toBe('too_large');
  });

  it('refuses a straggler of a task that ended', () => {
    expect(problemsOf([line(), line({ task: '2' }), line()])).toMatchObject([{ line: 3, code: 'task_closed' }]);
  });

  it('ends a task at 4096 calls and never quotes content in a problem', () => {
    const lines = Array.from({ length: 4097 }, () => line());
    expect(problemsOf(lines)).toMatchObject([{ line: 4097, code: 'task_too_long' }]);
    expect(
      JSON.stringify(problemsOf(['{"time": "CANARY", "args": "CANARY"', line({ time: 'CANARY' }), line({ args: 'CANARY', ok: 3 })])),
    ).not.toContain('CANARY');
  });

  it('keeps at most 10,000 tasks open', () => {
    const reader = newCallReader();
    for (let i = 0; i < 10_000; i++) expect(reader.push(line({ agent: `a${i}` }))).toEqual([]);
    reader.push(line({ agent: 'a0' }));
    expect(reader.push(line({ agent: 'new' }))).toMatchObject([{ task: { agent: 'a1' } }]);
  });

  it('never throws, whatever the line', () => {
    fc.assert(fc.property(fc.array(fc.oneof(fc.string(), fc.json())), (lines) => void [...readCalls(lines)]));
  });

  it('makes events with a content-free log too', () => {
    const [task] = tasksOf([line({ args: undefined, output: undefined, request: undefined, argBytes: 9, outBytes: 11 })]);
    expect(task!.calls[0]).toMatchObject({ args: undefined, output: null, argBytes: 9, outBytes: 11 });
    expect(taskEvents(task!)).toHaveLength(3);
  });
});

describe('foreign ids', () => {
  it('stay as they are if they are ids, else keep what is readable and get a hash', () => {
    expect(agentIdOf('team:bot.1')).toBe('team:bot.1');
    expect(agentIdOf('Zoë|bot 1')).toMatch(/^Zo-bot-1-[0-9a-f]{12}$/);
    expect(agentIdOf('')).toMatch(/^-[0-9a-f]{12}$/);
    expect(agentIdOf('x'.repeat(500))).toHaveLength(128);
    expect(agentIdOf('a b')).not.toBe(agentIdOf('a|b'));
    expect(taskIdOf('t'.repeat(400))).toHaveLength(160);
  });
});

describe('codes of refusal', () => {
  it('have a description each', () => {
    for (const text of Object.values(IMPORT_ERRORS)) expect(text).toMatch(/^[a-zJO].*[^.]$/);
  });
});
