/**
 * What the detector remembers of one agent between windows: its role, its tools and steps from finished tasks, its habit, its last windows,
 * and the tasks that are still open (taint lives per task). An open task is learnt when it ends, not before, or an attack would hide itself.
 */
import { type DriftMemory, NO_TASKS, rememberTask } from './agent-drift/memory.ts';
import { decodeTally, encodeTally, newTally, type TaskTally, taskValues } from './agent-drift/tally.ts';
import {
  addCounts,
  boundCounts,
  copyCounts,
  countStep,
  decodeCounts,
  type EncodedCounts,
  encodeCounts,
  newToolCounts,
  type ToolCounts,
} from './counts.ts';
import { copyHabit, type Habit, newHabit } from './habit.ts';
import { NO_STEPS, StepList, type StepMemory } from './steps.ts';

/** Bounds of one agent's memory, for ≤ 4 KB of state. */
const MAX_TOOLS = 48;
const MAX_STEPS = 96;
const MAX_OPEN_TASKS = 8;
const MAX_REMEMBERED_CALLS = 64;
/** Calls of which a verdict is recognised as late; verdicts that wait for their call. */
const MAX_RECENT_CALLS = 16;
const MAX_AHEAD = 16;
/** A task without an event for this long has ended. Event time, not arrival: late or early delivery changes nothing. */
export const TASK_IDLE_MS = 1_800_000;

/** What the calls of the present turn did; the next turn sees it. */
export interface PendingTurn {
  calls: number;
  reads: number;
  sideEffects: number;
  outBytes: number;
  injection: number | null;
  flagged: boolean;
}

export interface TaskState {
  readonly id: string;
  lastMs: number;
  /** Turn that the pending sums belong to; calls of a turn do not see each other's outputs. */
  turn: number;
  reads: number;
  sideEffects: number;
  outBytes: number;
  /** Highest injection logit in outputs of earlier turns; null = none was checked. */
  injection: number | null;
  /** Calls of earlier turns since the last flagged output; null = none was flagged. */
  sinceFlagged: number | null;
  pending: PendingTurn;
  /** Tool token of the latest call. */
  previous: string | null;
  /** Tool tokens of the first calls, in order: what is learnt at the end. */
  readonly steps: string[];
  /** Identical calls: token of (tool, argHmac) → times. */
  readonly seen: Map<string, number>;
  /** Tokens of the latest call ids, oldest first. */
  readonly recent: string[];
  /** Verdicts that came before the message of their call: token of the call id and logit. */
  ahead: [callToken: string, logit: number][];
  /** One of its windows alerted: the task is not learnt. */
  alerted: boolean;
  /** How the agent worked through it so far. */
  readonly tally: TaskTally;
}

export interface AgentProfile {
  role: string | null;
  version: string | null;
  readonly own: ToolCounts;
  habit: Habit;
  /** Its last windows with activity, whatever was found in them: what happened, not what is usual. */
  memory: StepMemory;
  /** Its first and last tasks, whatever was found in them: what tells that another model works under its name. */
  drift: DriftMemory;
  readonly tasks: TaskState[];
}

export function newProfile(): AgentProfile {
  return { role: null, version: null, own: newToolCounts(), habit: newHabit(), memory: NO_STEPS, drift: NO_TASKS, tasks: [] };
}

export interface OpenedTask {
  readonly task: TaskState;
  /** The task that had to make room: it has ended, and is learnt with the others that end in this window. */
  readonly displaced: TaskState | null;
}

/** The state of a task, made where it is not known. At most MAX_OPEN_TASKS are open: the one that is idle longest makes room. */
export function openTask(profile: AgentProfile, id: string, timeMs: number): OpenedTask {
  const { tasks } = profile;
  const known = tasks.find((task) => task.id === id);
  if (known !== undefined) return { task: known, displaced: null };
  let displaced: TaskState | null = null;
  if (tasks.length >= MAX_OPEN_TASKS) {
    displaced = tasks.reduce((a, b) => (b.lastMs < a.lastMs ? b : a));
    tasks.splice(tasks.indexOf(displaced), 1);
  }
  const task: TaskState = {
    id,
    lastMs: timeMs,
    turn: -1,
    reads: 0,
    sideEffects: 0,
    outBytes: 0,
    injection: null,
    sinceFlagged: null,
    pending: newPending(),
    previous: null,
    steps: [],
    seen: new Map(),
    recent: [],
    ahead: [],
    alerted: false,
    tally: newTally(),
  };
  tasks.push(task);
  return { task, displaced };
}

export function newPending(): PendingTurn {
  return { calls: 0, reads: 0, sideEffects: 0, outBytes: 0, injection: null, flagged: false };
}

/** The task leaves the open ones and is remembered; its steps join the agent's history, unless one of its windows alerted. */
export function endTask(profile: AgentProfile, task: TaskState): void {
  const at = profile.tasks.indexOf(task);
  if (at >= 0) profile.tasks.splice(at, 1);
  if (task.tally.calls > 0) profile.drift = rememberTask(profile.drift, taskValues(task.tally));
  if (task.alerted || task.steps.length === 0) return;
  const counts = newToolCounts();
  task.steps.forEach((token, i) => {
    countStep(counts, i === 0 ? null : task.steps[i - 1]!, token);
  });
  addCounts(profile.own, counts);
  boundCounts(profile.own, MAX_TOOLS, MAX_STEPS);
}

/** Remembers a call: its step for the end of the task, its id for a verdict that comes late. Bounded. */
export function rememberCall(task: TaskState, token: string, callToken: string): void {
  if (task.steps.length < MAX_REMEMBERED_CALLS) task.steps.push(token);
  task.previous = token;
  if (task.recent.push(callToken) > MAX_RECENT_CALLS) task.recent.shift();
}

/** Keeps a verdict for its call; false = too many wait already. */
export function rememberVerdict(task: TaskState, callToken: string, logit: number): boolean {
  if (task.ahead.length >= MAX_AHEAD) return false;
  task.ahead.push([callToken, logit]);
  return true;
}

/** How often the same call came before in this task. */
export function countRepeat(task: TaskState, token: string): number {
  const before = task.seen.get(token) ?? 0;
  if (before > 0 || task.seen.size < MAX_REMEMBERED_CALLS) task.seen.set(token, before + 1);
  return before;
}

/** A new version of the agent starts a habit of its own, and may be another model: it is compared with itself. Its tools and steps stay as a prior. */
export function forkBaseline(profile: AgentProfile, version: string | null): void {
  profile.version = version;
  profile.habit = newHabit();
  profile.drift = NO_TASKS;
}

/** A copy that can be moved on without a trace in the original. */
export function copyProfile({ role, version, own, habit, memory, drift, tasks }: AgentProfile): AgentProfile {
  return {
    role,
    version,
    own: copyCounts(own),
    habit: copyHabit(habit),
    memory,
    drift,
    tasks: tasks.map((task) => ({
      ...task,
      pending: { ...task.pending },
      steps: [...task.steps],
      seen: new Map(task.seen),
      recent: [...task.recent],
      ahead: task.ahead.map(([token, logit]) => [token, logit]),
      tally: { ...task.tally },
    })),
  };
}

/** A call that came once is its token alone. */
type EncodedSeen = readonly (string | readonly [string, number])[];
/** `tally` is absent in states of before it. */
type EncodedTask = Omit<TaskState, 'seen' | 'tally'> & { readonly seen: EncodedSeen; readonly tally?: ReturnType<typeof encodeTally> };

/** Token, count, token, count, …: a seventh shorter than pairs, which states of before it hold. */
type FlatCounts = readonly [tools: readonly (string | number)[], steps: readonly (string | number)[]];

export type EncodedProfile = {
  readonly r: string | null;
  readonly v: string | null;
  readonly o: FlatCounts | EncodedCounts;
  readonly h: Habit;
  /** Its last windows and the start of the latest; absent where there is none. */
  readonly s?: readonly [steps: string, lastMs: number];
  /** Its first and last tasks; absent where there is none. */
  readonly d?: DriftMemory;
  readonly t: readonly EncodedTask[];
};

/** For JSON at once: it shares arrays with the profile. */
export function encodeProfile(profile: AgentProfile): EncodedProfile {
  return {
    r: profile.role,
    v: profile.version,
    o: flatCounts(profile.own),
    h: profile.habit,
    ...(profile.memory.lastMs === null ? {} : { s: [profile.memory.before.text, profile.memory.lastMs] as const }),
    ...(profile.drift === NO_TASKS ? {} : { d: profile.drift }),
    t: profile.tasks.map((task) => ({
      ...task,
      tally: encodeTally(task.tally),
      seen: [...task.seen].map(([token, count]) => (count === 1 ? token : [token, count])),
    })),
  };
}

export function decodeProfile(encoded: EncodedProfile): AgentProfile {
  return {
    role: encoded.r,
    version: encoded.v,
    own: decodeCounts([pairsOf(encoded.o[0]), pairsOf(encoded.o[1])]),
    habit: encoded.h,
    memory: encoded.s === undefined ? NO_STEPS : { before: StepList.parse(encoded.s[0]), lastMs: encoded.s[1] },
    drift: encoded.d ?? NO_TASKS,
    tasks: encoded.t.map((task) => ({
      ...task,
      tally: task.tally === undefined ? newTally() : decodeTally(task.tally),
      seen: new Map(task.seen.map((item) => (typeof item === 'string' ? [item, 1] : [item[0], item[1]]))),
    })),
  };
}

function flatCounts(counts: ToolCounts): FlatCounts {
  const [tools, steps] = encodeCounts(counts);
  return [tools.flat(), steps.flat()];
}

function pairsOf(list: FlatCounts[number] | EncodedCounts[number]): EncodedCounts[number] {
  if (Array.isArray(list[0])) return list as EncodedCounts[number]; // pairs from the first to the last
  const flat = list as FlatCounts[number]; // tokens and counts in turn, as flatCounts wrote them
  return Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i] as string, flat[2 * i + 1] as number]);
}
