/**
 * `calls.jsonl` while it is being written: a turn is told as soon as it is known to be over, not when its task ends. Lines of a task come in
 * order here; a turn is over when a line of the next one comes, or nothing for `QUIET_MS`. Lines without a turn are turns of their own. In
 * order, the events made from these parts are byte for byte those of the whole file (calls.ts). Time is an argument.
 */
import type { ImportProblem } from '../errors.ts';
import type { ObservedCall, ObservedTask, ObservedTurn } from '../observed.ts';
import { type CallLine, readCallLine } from './call-line.ts';

export type FollowItem =
  | { readonly problem: ImportProblem }
  /** The calls of one turn, or of its stragglers: then `part` counts from 1. */
  | { readonly kind: 'turn'; readonly task: ObservedTask; readonly first: boolean; readonly part: number }
  /** No calls any more; all turns. */
  | { readonly kind: 'end'; readonly task: ObservedTask };

export interface CallFollower {
  push(line: string, nowMs: number): FollowItem[];
  /** What the passing of time ends. */
  due(nowMs: number): FollowItem[];
  end(): FollowItem[];
}

/** Calls of one response are written together; a pause this long is a new one. */
const QUIET_MS = 250;
/** As the detector ends a task that has gone quiet (DESIGN 4). */
const IDLE_MS = 1_800_000;
const MAX_OPEN_TASKS = 10_000;
const MAX_CALLS = 4096;
const MAX_CLOSED = 100_000;

interface OpenTask {
  readonly first: CallLine;
  /** Session, role, request and answer as first told. */
  known: Pick<CallLine, 'session' | 'role' | 'request' | 'answerChars' | 'answer'>;
  readonly turns: Map<number, ObservedTurn>;
  readonly ids: Set<string>;
  readonly parts: Map<number, number>;
  pending: ObservedCall[];
  turn: number;
  calls: number;
  told: boolean;
  startMs: number;
  endMs: number;
  heardMs: number;
}

export function followCalls(tenant?: string): CallFollower {
  // By agent; the order of a Map is the order of insertion, so the first entry was quiet longest.
  const open = new Map<string, OpenTask>();
  const closed = new Set<string>();
  let number = 0;

  const close = (agent: string): FollowItem[] => {
    const task = open.get(agent)!;
    open.delete(agent);
    closed.add(`${agent}\n${task.first.task}`);
    for (const oldest of closed) {
      if (closed.size <= MAX_CLOSED) break;
      closed.delete(oldest);
    }
    return [...tell(task, tenant), { kind: 'end', task: observed(task, [], [...task.turns.values()], tenant) }];
  };

  return {
    push(text, nowMs) {
      number++;
      if (text.trim() === '') return [];
      const refuse = (problem: Omit<ImportProblem, 'line'>): FollowItem[] => [{ problem: { line: number, ...problem } }];
      const line = readCallLine(text);
      if ('code' in line) return refuse(line);
      const { agent, task } = line;
      if (closed.has(`${agent}\n${task}`))
        return refuse({ code: 'task_closed', message: `expected a line of an open task, found one of \`${task}\`` });
      const before = open.get(agent);
      if (before !== undefined && before.first.task === task && before.calls >= MAX_CALLS)
        return refuse({ code: 'task_too_long', message: `expected at most ${MAX_CALLS} calls in task \`${task}\`` });
      const items: FollowItem[] = before === undefined || before.first.task === task ? [] : close(agent);
      const current = open.get(agent) ?? newTask(line);
      items.push(...add(current, line, nowMs, tenant));
      open.delete(agent);
      open.set(agent, current);
      if (open.size > MAX_OPEN_TASKS) items.push(...close(open.keys().next().value!));
      return items;
    },
    due(nowMs) {
      const items: FollowItem[] = [];
      for (const [agent, task] of open) {
        if (nowMs - task.heardMs >= IDLE_MS) items.push(...close(agent));
        else if (nowMs - task.heardMs >= QUIET_MS) items.push(...tell(task, tenant));
      }
      return items;
    },
    end: () => [...open.keys()].flatMap(close),
  };
}

function newTask(first: CallLine): OpenTask {
  const { session, role, request, answerChars, answer } = first;
  const { timeMs } = first.call;
  return {
    first,
    known: { session, role, request, answerChars, answer },
    turns: new Map(),
    ids: new Set(),
    parts: new Map(),
    pending: [],
    turn: -1,
    calls: 0,
    told: false,
    startMs: timeMs,
    endMs: timeMs,
    heardMs: 0,
  };
}

function add(task: OpenTask, line: CallLine, nowMs: number, tenant: string | undefined): FollowItem[] {
  const turn = line.turn ?? task.turns.size;
  const items = turn === task.turn ? [] : tell(task, tenant);
  const seen = task.turns.get(turn);
  const { timeMs } = line.call;
  task.turns.set(turn, { turn, timeMs: Math.min(seen?.timeMs ?? timeMs, timeMs), textChars: seen?.textChars ?? line.textChars });
  let callId = line.callId ?? `${line.task}.c${task.calls}`;
  if (task.ids.has(callId)) callId = `${callId.slice(0, 200)}#${task.calls}`;
  task.ids.add(callId);
  task.pending.push({ callId, turn, ...line.call });
  task.turn = turn;
  task.calls++;
  task.startMs = Math.min(task.startMs, timeMs);
  task.endMs = Math.max(task.endMs, timeMs);
  task.heardMs = nowMs;
  const { known } = task;
  task.known = {
    session: known.session ?? line.session,
    role: known.role ?? line.role,
    request: known.request ?? line.request,
    answerChars: known.answerChars ?? line.answerChars,
    answer: known.answer ?? line.answer,
  };
  if (line.turn === null) items.push(...tell(task, tenant));
  return items;
}

/** What is pending is over. */
function tell(task: OpenTask, tenant: string | undefined): FollowItem[] {
  if (task.pending.length === 0) return [];
  const turn = task.turns.get(task.turn)!;
  const part = task.parts.get(task.turn) ?? 0;
  task.parts.set(task.turn, part + 1);
  const item: FollowItem = { kind: 'turn', task: observed(task, task.pending, [turn], tenant), first: !task.told, part };
  task.pending = [];
  task.told = true;
  return [item];
}

function observed(
  { first, known, startMs, endMs }: OpenTask,
  calls: readonly ObservedCall[],
  turns: readonly ObservedTurn[],
  tenant: string | undefined,
): ObservedTask {
  return {
    ...(tenant === undefined ? {} : { tenant }),
    agent: first.agent,
    taskId: first.task,
    ...known,
    startMs,
    endMs,
    ok: null,
    turns,
    calls,
  };
}
