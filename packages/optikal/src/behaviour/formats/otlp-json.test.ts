import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { taskEvents } from '../events.ts';
import { readOtlpJson } from './otlp-json.ts';

const T0 = Date.UTC(2026, 0, 5, 10);
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const nanos = (ms: number) => `${T0 + ms}000000`;
const value = (v: unknown) => (typeof v === 'number' ? { intValue: String(v) } : { stringValue: v });
const attributes = (map: Record<string, unknown>) => Object.entries(map).map(([key, v]) => ({ key, value: value(v) }));
const span = (id: number, parent: number | null, from: number, to: number, map: Record<string, unknown>, over: object = {}) => ({
  traceId: TRACE,
  spanId: id.toString(16).padStart(16, '0'),
  ...(parent === null ? {} : { parentSpanId: parent.toString(16).padStart(16, '0') }),
  name: 'span',
  startTimeUnixNano: nanos(from),
  endTimeUnixNano: nanos(to),
  attributes: attributes(map),
  ...over,
});
const request = (spans: object[], service: string | null = 'shop') => ({
  resourceSpans: [{ resource: { attributes: attributes(service === null ? {} : { 'service.name': service }) }, scopeSpans: [{ spans }] }],
});
const agent = (over: Record<string, unknown> = {}) => ({ 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'clerk', ...over });
const chat = (over: Record<string, unknown> = {}) => ({ 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'm', ...over });
const tool = (name: string, over: Record<string, unknown> = {}) => ({
  'gen_ai.operation.name': 'execute_tool',
  'gen_ai.tool.name': name,
  ...over,
});

const MESSAGES = JSON.stringify([
  { role: 'system', parts: [{ type: 'text', content: 'You are a clerk' }] },
  { role: 'user', parts: [{ type: 'text', content: 'Pay the bill' }] },
]);
const full = [
  span(1, null, 0, 9000, agent({ 'gen_ai.agent.id': 'clerk-7', 'gen_ai.conversation.id': 'conv-1', 'gen_ai.input.messages': MESSAGES })),
  span(2, 1, 10, 1000, chat()),
  span(
    3,
    1,
    1100,
    1200,
    tool('read_file', { 'gen_ai.tool.call.arguments': '{"path": "bill.txt"}', 'gen_ai.tool.call.result': 'Pay 98.70' }),
  ),
  span(4, 1, 1100, 1500, tool('get_iban', { 'gen_ai.tool.call.id': 'call_9' }), { status: { code: 2 } }),
  span(5, 1, 1600, 2500, chat()),
  span(6, 1, 2600, 2700, tool('send_money', { 'error.type': 'timeout' })),
  span(
    7,
    1,
    3000,
    8000,
    chat({ 'gen_ai.output.messages': JSON.stringify([{ role: 'assistant', parts: [{ type: 'text', content: 'Done' }] }]) }),
  ),
];

describe('OTLP traces', () => {
  it('become a task per agent span, with turns, calls and what the content says', () => {
    const { tasks, problems } = readOtlpJson([request(full)], 'acme');
    expect(problems).toEqual([]);
    expect(tasks).toHaveLength(1);
    const [task] = tasks;
    expect(task).toMatchObject({
      tenant: 'acme',
      agent: 'clerk-7',
      session: 'conv-1',
      taskId: `${TRACE}-0000000000000001`,
      role: 'clerk',
      request: 'Pay the bill',
      startMs: T0,
      endMs: T0 + 9000,
      answerChars: 4,
      ok: null,
    });
    expect(task!.turns.map((turn) => [turn.turn, turn.timeMs - T0, turn.textChars])).toEqual([
      [0, 1000, null],
      [1, 2500, null],
      [2, 8000, 4],
    ]);
    expect(task!.calls).toMatchObject([
      {
        callId: '0000000000000003',
        turn: 0,
        tool: 'read_file',
        args: { path: 'bill.txt' },
        output: 'Pay 98.70',
        ok: true,
        latencyMs: 100,
        argBytes: 20,
      },
      { callId: 'call_9', turn: 0, tool: 'get_iban', args: undefined, output: null, ok: false, errorKind: 'tool_error', argBytes: null },
      { turn: 1, tool: 'send_money', ok: false, errorKind: 'timeout', traceId: TRACE, spanId: '0000000000000006' },
    ]);
    expect(taskEvents(task!).map((event) => event.correlation)).toEqual([null, TRACE, TRACE, null]);
  });

  it('are the same however the spans are spread over requests', () => {
    const whole = readOtlpJson([request(full)]).tasks;
    fc.assert(
      fc.property(fc.shuffledSubarray(full, { minLength: full.length }), fc.nat(full.length), (spans, cut) => {
        expect(readOtlpJson([request(spans.slice(0, cut)), request(spans.slice(cut))]).tasks).toEqual(whole);
      }),
      { numRuns: 40 },
    );
  });

  it('name the agent by id, else service and name, else service; foreign characters are mapped', () => {
    const name = (map: Record<string, unknown>, service: string | null = 'shop') =>
      readOtlpJson([request([span(1, null, 0, 1, map)], service)]).tasks[0]?.agent;
    expect(name(agent())).toBe('shop:clerk');
    expect(name(agent(), null)).toBe('clerk');
    expect(name(chat())).toBe('shop');
    expect(name(agent({ 'gen_ai.agent.id': 'ä b' }))).toMatch(/^-b-[0-9a-f]{12}$/);
  });

  it('give a called agent a task of its own', () => {
    const nested = [...full, span(8, 6, 2610, 2690, agent({ 'gen_ai.agent.name': 'bank' })), span(9, 8, 2620, 2630, tool('transfer'))];
    const { tasks } = readOtlpJson([request(nested)]);
    expect(tasks.map((task) => [task.agent, task.calls.length])).toEqual([
      ['clerk-7', 3],
      ['shop:bank', 1],
    ]);
  });

  it('are read in OpenInference, OpenLLMetry, AI SDK and older gen_ai words', () => {
    const spans = [
      span(1, null, 0, 10, { 'gen_ai.system': 'openai', 'gen_ai.request.model': 'm' }),
      span(2, null, 11, 12, {
        'openinference.span.kind': 'TOOL',
        'tool.name': 'search',
        'input.value': '{"q": "x"}',
        'output.value': 'found',
      }),
      span(3, null, 13, 14, { 'traceloop.span.kind': 'tool', 'traceloop.entity.name': 'fetch' }),
      span(4, null, 15, 16, { 'ai.operationId': 'ai.toolCall', 'ai.toolCall.name': 'send', 'ai.toolCall.args': '{"to": "a"}' }),
      span(5, null, 17, 18, { 'mcp.method.name': 'tools/call', 'gen_ai.tool.name': 'remote' }),
      span(6, 5, 17, 18, tool('remote')),
    ];
    const [task] = readOtlpJson([request(spans)]).tasks;
    expect(task!.calls.map((call) => call.tool)).toEqual(['search', 'fetch', 'send', 'remote']);
    expect(task!.calls[0]).toMatchObject({ args: { q: 'x' }, output: 'found', turn: 0 });
    expect(task).toMatchObject({ taskId: TRACE, session: null });
  });

  it('group tools by overlap where no model call is told, and keep repeated call ids apart', () => {
    const id = { 'gen_ai.tool.call.id': 'call_0' };
    const { tasks } = readOtlpJson([
      request([span(1, null, 0, 20, tool('a', id)), span(2, null, 10, 30, tool('b', id)), span(3, null, 30, 40, tool('c'))]),
    ]);
    expect(tasks[0]!.calls.map((call) => [call.turn, call.callId])).toEqual([
      [0, 'call_0-0000000000000001'],
      [0, 'call_0-0000000000000002'],
      [1, '0000000000000003'],
    ]);
  });

  it('accept ids in base64 and numbers as times', () => {
    const raw = { traceId: Buffer.from(TRACE, 'hex').toString('base64'), spanId: 'AAAAAAAAAAE=', startTimeUnixNano: T0 * 1e6 };
    expect(readOtlpJson([request([span(1, null, 0, 1, agent(), raw)])]).tasks[0]).toMatchObject({
      taskId: `${TRACE}-0000000000000001`,
      startMs: T0,
    });
  });

  it('turn what cannot be read into problems', () => {
    const spans = [
      span(1, null, 0, 1, agent(), { traceId: 'xyz' }),
      span(2, null, 0, 1, agent(), { startTimeUnixNano: 'soon' }),
      span(3, null, 0, 1, { 'gen_ai.operation.name': 'execute_tool' }),
    ];
    expect(readOtlpJson([request(spans)]).problems.map((problem) => [problem.line, problem.code])).toEqual([
      [1, 'field_invalid'],
      [2, 'time_invalid'],
      [3, 'span_without_tool'],
    ]);
    expect(readOtlpJson([request([span(1, null, 0, 1, chat())], null)]).problems).toMatchObject([{ code: 'span_without_agent' }]);
    expect(readOtlpJson([null, 7, { resourceSpans: [{}, null, { scopeSpans: [{ spans: [null] }] }] }])).toMatchObject({
      tasks: [],
      problems: [{ line: 1, code: 'not_an_object' }],
    });
  });

  it('are one agent under its id and its name, with their process, and two where the name is of two', () => {
    const root = span(1, null, 0, 9, agent({ 'gen_ai.agent.id': 'clerk-7' }));
    const lost = span(3, 99, 20, 21, tool('read', { 'gen_ai.agent.name': 'clerk' }), { traceId: TRACE.replace('0a', '0b') });
    const resource = { attributes: attributes({ 'service.name': 'shop', 'service.namespace': 'eu', 'service.instance.id': 'p1' }) };
    const both = { resourceSpans: [{ resource, scopeSpans: [{ spans: [root, lost] }] }] };
    expect(readOtlpJson([both]).tasks.map((task) => [task.agent, task.instance])).toEqual([
      ['clerk-7', 'p1'],
      ['clerk-7', 'p1'],
    ]);
    const other = span(5, null, 40, 41, agent({ 'gen_ai.agent.id': 'clerk-8' }));
    const three = { resourceSpans: [{ resource, scopeSpans: [{ spans: [root, lost, other] }] }] };
    const [, named] = readOtlpJson([three]).tasks;
    expect(named).toMatchObject({ agent: expect.stringMatching(/^eu-shop:clerk-[0-9a-f]{12}$/), role: 'clerk' });
  });

  it('hold a task for each message of the user, where no agent span marks them', () => {
    const said = (...texts: string[]) => JSON.stringify(texts.map((content) => ({ role: 'user', content })));
    const spans = [
      span(1, null, 0, 10, chat({ 'gen_ai.input.messages': said('first') })),
      span(2, null, 11, 12, tool('read')),
      span(3, null, 13, 20, chat({ 'gen_ai.input.messages': said('first') })),
      span(4, null, 30, 40, chat({ 'gen_ai.input.messages': said('first', 'second') })),
      span(5, null, 41, 42, tool('send')),
    ];
    expect(readOtlpJson([request(spans)]).tasks.map((task) => [task.taskId, task.request, task.calls.map((call) => call.tool)])).toEqual([
      [TRACE, 'first', ['read']],
      [`${TRACE}-0000000000000004`, 'second', ['send']],
    ]);
  });

  it('survive spans that are their own ancestors', () => {
    const loop = [span(1, 2, 0, 1, agent()), span(2, 1, 0, 1, agent()), span(3, 1, 0, 1, tool('x'))];
    expect(readOtlpJson([request(loop)]).tasks.length).toBeGreaterThan(0);
  });
});
