/**
 * `calls.jsonl`: the simplest way to show one's own agents, one tool call a line:
 *
 *   {"time":"2026-01-05T10:00:00Z","agent":"bot","task":"42","turn":0,"tool":"read_inbox","args":{},"output":"…","ok":true,"latencyMs":80,"request":"…"}
 *
 * Needed: time (RFC 3339 or ms), agent, task, tool, ok. Also read: turn, args, output, latencyMs, request, callId, session, role, errorKind,
 * argBytes, outBytes (for logs without content), textChars, answer, answerChars, traceId, spanId. A task ends when the next task of its agent
 * starts or the input ends; within a task the lines may come in any order. A bad line becomes a problem, never an exception.
 * Memory: at most 10,000 open tasks and 256 M characters; over that, the task that was quiet longest is ended.
 */
import type { ImportErrorCode, ImportProblem } from '../errors.ts';
import type { ObservedCall, ObservedTask, ObservedTurn } from '../observed.ts';
import { type CallLine, readCallLine } from './call-line.ts';

export type ImportItem = { readonly task: ObservedTask } | { readonly problem: ImportProblem };

export interface CallReader {
  /** The next line of the input; returns the tasks that it ends, or why it is refused. */
  push(line: string): ImportItem[];
  /** The input has ended: all open tasks. */
  end(): ImportItem[];
}

const MAX_OPEN_TASKS = 10_000;
const MAX_OPEN_CHARS = 268_435_456;
const MAX_CALLS = 4096;
/** How many ended tasks are remembered, so that a straggler is refused and does not open its task again. */
const MAX_CLOSED = 100_000;

interface OpenTask {
  readonly lines: CallLine[];
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
      const read = readCallLine(text);
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

/** Where any line lacks its turn, calls are taken one after the other, each a turn of its own. */
function observedTask(lines: readonly CallLine[], tenant: string | undefined): ObservedTask {
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
  const pick = <T>(of: (line: CallLine) => T | null) => ordered.map(of).find((value) => value !== null) ?? null;
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
    answer: pick((line) => line.answer),
    ok: null,
    turns: [...turns.values()],
    calls,
  };
}
