/** One line of `calls.jsonl`, read and checked: what a batch of them (calls.ts) and a stream of them (follow-calls.ts) are made of. */
import type { ImportErrorCode } from '../errors.ts';
import type { ObservedCall } from '../observed.ts';
import { agentIdOf, taskIdOf } from './ids.ts';
import { byteLength, isObject, jsonOrText, parseJson, timeMsOf } from './json.ts';

const MAX_LINE_CHARS = 8_388_608;
const HEX = /^[0-9a-f]{8,128}$/;

export interface CallLine {
  readonly agent: string;
  readonly task: string;
  readonly session: string | null;
  readonly role: string | null;
  readonly request: string | null;
  readonly turn: number | null;
  readonly textChars: number | null;
  readonly answerChars: number | null;
  readonly answer: string | null;
  readonly callId: string | null;
  readonly call: Omit<ObservedCall, 'callId' | 'turn'>;
}

export interface Refusal {
  readonly code: ImportErrorCode;
  readonly message: string;
}

export function readCallLine(text: string): CallLine | Refusal {
  const json = parseJson(text, MAX_LINE_CHARS);
  return json.ok ? readLine(json.value) : { code: json.code, message: json.message };
}

function readLine(value: unknown): CallLine | Refusal {
  if (!isObject(value)) return { code: 'not_an_object', message: 'expected a JSON object' };
  for (const name of ['time', 'agent', 'task', 'tool', 'ok'] as const)
    if (value[name] === undefined || value[name] === null) return { code: 'field_missing', message: `expected a field \`${name}\`` };
  const timeMs = timeMsOf(value.time);
  if (timeMs === null) return { code: 'time_invalid', message: 'expected `time` as RFC 3339 or milliseconds since 1970' };
  const [agent, task] = [nameOf(value.agent), nameOf(value.task)];
  if (agent === null || task === null) return invalid(agent === null ? 'agent' : 'task', 'a name');
  if (typeof value.tool !== 'string' || value.tool === '') return invalid('tool', 'a name');
  if (typeof value.ok !== 'boolean') return invalid('ok', 'true or false');
  for (const name of ['turn', 'textChars', 'answerChars', 'argBytes', 'outBytes'] as const)
    if (!isNone(value[name]) && !isCount(value[name])) return invalid(name, 'a whole number from 0');
  if (!isNone(value.latencyMs) && !(typeof value.latencyMs === 'number' && value.latencyMs >= 0 && value.latencyMs <= 1e9))
    return invalid('latencyMs', 'a number from 0 to 1e9');
  for (const name of ['request', 'answer', 'callId', 'session', 'role', 'errorKind', 'traceId', 'spanId'] as const)
    if (!isNone(value[name]) && typeof value[name] !== 'string') return invalid(name, 'a string');
  const args = isNone(value.args) ? undefined : jsonOrText(value.args);
  const output = isNone(value.output) ? null : typeof value.output === 'string' ? value.output : JSON.stringify(value.output);
  return {
    agent: agentIdOf(agent),
    task: taskIdOf(task),
    session: textOf(value.session),
    role: textOf(value.role),
    request: typeof value.request === 'string' ? value.request : null,
    turn: countOf(value.turn),
    textChars: countOf(value.textChars),
    answerChars: countOf(value.answerChars) ?? (typeof value.answer === 'string' ? value.answer.length : null),
    answer: typeof value.answer === 'string' ? value.answer : null,
    callId: textOf(value.callId),
    call: {
      timeMs,
      tool: value.tool.slice(0, 256),
      args,
      output,
      ok: value.ok,
      errorKind: value.ok ? null : (textOf(value.errorKind) ?? 'tool_error'),
      latencyMs: typeof value.latencyMs === 'number' ? value.latencyMs : null,
      argBytes: countOf(value.argBytes) ?? (args === undefined ? null : byteLength(typeof args === 'string' ? args : JSON.stringify(args))),
      outBytes: countOf(value.outBytes) ?? (output === null ? null : byteLength(output)),
      traceId: hexOf(value.traceId),
      spanId: hexOf(value.spanId),
    },
  };
}

const invalid = (field: string, expected: string): Refusal => ({
  code: 'field_invalid',
  message: `expected \`${field}\` to be ${expected}`,
});
const isNone = (value: unknown): value is null | undefined => value === undefined || value === null;
const isCount = (value: unknown): value is number => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= 1e9;
const countOf = (value: unknown): number | null => (isCount(value) ? value : null);
const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value.slice(0, 256) : null);
const hexOf = (value: unknown): string | null => (typeof value === 'string' && HEX.test(value) ? value : null);

/** Numbers are names too: `"task": 42`. */
function nameOf(value: unknown): string | null {
  if (typeof value === 'string' && value !== '') return value;
  return typeof value === 'number' ? String(value) : null;
}
