/**
 * `calls.jsonl`: the simplest way to show one's own agents, one tool call a line:
 *
 *   {"time":"2026-01-05T10:00:00Z","agent":"bot","task":"42","turn":0,"tool":"read_inbox","args":{},"output":"…","ok":true,"latencyMs":80,"request":"…"}
 *
 * Needed: time (RFC 3339 or ms), agent, task, tool, ok. Also read: turn, args, output, latencyMs, request, callId, session, role, errorKind,
 * argBytes, outBytes (for logs without content), textChars, answerChars, traceId, spanId. A task ends when the next task of its agent
 * starts or the input ends; within a task the lines may come in any order. A bad line becomes a problem, never an exception.
 * Memory: at most 10,000 open tasks and 256 M characters; over that, the task that was quiet longest is ended.
 */
import type { ImportErrorCode, ImportProblem } from '../errors.ts';
import type { ObservedCall, ObservedTask, ObservedTurn } from '../observed.ts';
import { agentIdOf, taskIdOf } from './ids.ts';
import { byteLength, isObject, jsonOrText, parseJson, timeMsOf } from './json.ts';

export type ImportItem = { readonly task: ObservedTask } | { readonly problem: ImportProblem };

export interface CallReader {
  /** The next line of the input; returns the tasks that it ends, or why it is refused. */
  push(line: string): ImportItem[];
  /** The input has ended: all open tasks. */
  end(): ImportItem[];
}

const MAX_LINE_CHARS = 8_388_608;
const MAX_OPEN_TASKS = 10_000;
const MAX_OPEN_CHARS = 268_435_456;
const MAX_CALLS = 4096;
/** How many ended tasks are remembered, so that a straggler is refused and does not open its task again. */
const MAX_CLOSED = 100_000;
const HEX = /^[0-9a-f]{8,128}$/;

interface Line {
  readonly agent: string;
  readonly task: string;
  readonly session: string | null;
  readonly role: string | null;
  readonly request: string | null;
  readonly turn: number | null;
  readonly textChars: number | null;
  readonly answerChars: number | null;
  readonly callId: string | null;
  readonly call: Omit<ObservedCall, 'callId' | 'turn'>;
}

interface OpenTask {
  readonly lines: Line[];
  chars: number;
}

/** All of an input that is at hand; for a stream use `newCallReader`. */
export function* readCalls(lines: Iterable<string>, tenant?: string): Generator<ImportItem> {
  const reader = newCallReader(tenant);
  for (const line of lines) yield* reader.push(line);
  yield* reader.end();
}

export function newCallReader(tenant?: string): CallReader {
  // By agent; the order of a Map is the order of insertion, so the first entry was quiet longest.
  const open = new Map<string, OpenTask>();
  const closed = new Set<string>();
  let number = 0;
  let chars = 0;

  const close = (agent: string, items: ImportItem[]) => {
    const task = open.get(agent)!;
    open.delete(agent);
    chars -= task.chars;
    closed.add(`${agent}\n${task.lines[0]!.task}`);
    for (const oldest of closed) {
      if (closed.size <= MAX_CLOSED) break;
      closed.delete(oldest);
    }
    items.push({ task: observedTask(task.lines, tenant) });
  };

  return {
    push(text) {
      number++;
      if (text.trim() === '') return [];
      const refuse = (code: ImportErrorCode, message: string): ImportItem[] => [{ problem: { line: number, code, message } }];
      const json = parseJson(text, MAX_LINE_CHARS);
      if (!json.ok) return refuse(json.code, json.message);
      const read = readLine(json.value);
      if ('code' in read) return refuse(read.code, read.message);
      const { agent, task } = read;
      if (closed.has(`${agent}\n${task}`)) return refuse('task_closed', `expected a line of an open task, found one of \`${task}\``);
      const items: ImportItem[] = [];
      let current = open.get(agent);
      if (current !== undefined && current.lines[0]!.task !== task) {
        close(agent, items);
        current = undefined;
      }
      current ??= { lines: [], chars: 0 };
      if (current.lines.length >= MAX_CALLS) return refuse('task_too_long', `expected at most ${MAX_CALLS} calls in task \`${task}\``);
      current.lines.push(read);
      current.chars += text.length;
      chars += text.length;
      open.delete(agent);
      open.set(agent, current);
      while (open.size > 1 && (open.size > MAX_OPEN_TASKS || chars > MAX_OPEN_CHARS)) close(open.keys().next().value!, items);
      return items;
    },
    end() {
      const items: ImportItem[] = [];
      for (const agent of open.keys()) close(agent, items);
      return items;
    },
  };
}

type Refusal = { readonly code: ImportErrorCode; readonly message: string };

function readLine(value: unknown): Line | Refusal {
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
  for (const name of ['request', 'callId', 'session', 'role', 'errorKind', 'traceId', 'spanId'] as const)
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
    answerChars: countOf(value.answerChars),
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

/** Where any line lacks its turn, calls are taken one after the other, each a turn of its own. */
function observedTask(lines: readonly Line[], tenant: string | undefined): ObservedTask {
  const counted = lines.every((line) => line.turn !== null);
  const ordered = [...lines].sort((a, b) => (counted ? a.turn! - b.turn! : 0) || a.call.timeMs - b.call.timeMs);
  const ids = new Set<string>();
  const turns = new Map<number, ObservedTurn>();
  const first = ordered[0]!;
  const calls = ordered.map((line, index): ObservedCall => {
    const turn = counted ? line.turn! : index;
    const before = turns.get(turn);
    turns.set(turn, {
      turn,
      timeMs: Math.min(before?.timeMs ?? line.call.timeMs, line.call.timeMs),
      textChars: before?.textChars ?? line.textChars,
    });
    let callId = line.callId ?? `${line.task}.c${index}`;
    if (ids.has(callId)) callId = `${callId.slice(0, 200)}#${index}`;
    ids.add(callId);
    return { callId, turn, ...line.call };
  });
  const times = calls.map((call) => call.timeMs);
  const pick = <T>(of: (line: Line) => T | null) => ordered.map(of).find((value) => value !== null) ?? null;
  return {
    ...(tenant === undefined ? {} : { tenant }),
    agent: first.agent,
    session: pick((line) => line.session),
    taskId: first.task,
    role: pick((line) => line.role),
    request: pick((line) => line.request),
    startMs: times.reduce((a, b) => Math.min(a, b)),
    endMs: times.reduce((a, b) => Math.max(a, b)),
    answerChars: pick((line) => line.answerChars),
    ok: null,
    turns: [...turns.values()],
    calls,
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
