/**
 * What the detector remembers of one agent between windows: its role, its tools and steps from finished tasks, its habit, and the tasks
 * that are still open (taint lives per task). An open task is learnt when it ends, not before, or an attack would hide itself.
 */
import { boundCounts, countStep, decodeCounts, type EncodedCounts, encodeCounts, newToolCounts, type ToolCounts } from './counts.ts';
import { addCounts } from './counts.ts';
import { type Habit, newHabit } from './habit.ts';

/** Bounds of one agent's memory, for ≤ 4 KB of state. */
const MAX_TOOLS = 48;
const MAX_STEPS = 96;
const MAX_OPEN_TASKS = 8;
const MAX_REMEMBERED_CALLS = 64;
/** A task without an event for this long has ended. Event time, not arrival: late or early delivery changes nothing. */
export const TASK_IDLE_MS = 1_800_000;

export interface TaskState {
  readonly id: string;
  lastMs: number;
  /** Turn that the pending sums belong to; calls of a turn do not see each other. */
  turn: number;
  reads: number;
  sideEffects: number;
  outBytes: number;
  /** Highest injection logit in outputs of earlier turns; null = none was checked. */
  injection: number | null;
  /** Calls since the last flagged output of an earlier turn; null = none was flagged. */
  sinceFlagged: number | null;
  pending: { reads: number; sideEffects: number; outBytes: number; injection: number | null; flagged: boolean };
  previous: string | null;
  counts: [previous: string | null, token: string][];
  /** Identical calls: token of (tool, argHmac) → times. */
  readonly seen: Map<string, number>;
  /** One of its windows alerted: the task is not learnt. */
  alerted: boolean;
}

export interface AgentProfile {
  role: string | null;
  version: string | null;
  readonly own: ToolCounts;
  habit: Habit;
  readonly tasks: TaskState[];
}

export function newProfile(): AgentProfile {
  return { role: null, version: null, own: newToolCounts(), habit: newHabit(), tasks: [] };
}

/** The state of a task, made where it is not known. At most MAX_OPEN_TASKS are open; the one that is idle longest ends. */
export function openTask(profile: AgentProfile, id: string, timeMs: number): TaskState {
  const known = profile.tasks.find((task) => task.id === id);
  if (known !== undefined) return known;
  const task: TaskState = {
    id,
    lastMs: timeMs,
    turn: -1,
    reads: 0,
    sideEffects: 0,
    outBytes: 0,
    injection: null,
    sinceFlagged: null,
    pending: { reads: 0, sideEffects: 0, outBytes: 0, injection: null, flagged: false },
    previous: null,
    counts: [],
    seen: new Map(),
    alerted: false,
  };
  profile.tasks.push(task);
  if (profile.tasks.length > MAX_OPEN_TASKS) {
    const idle = profile.tasks.reduce((a, b) => (b.lastMs < a.lastMs ? b : a));
    endTask(profile, idle);
  }
  return task;
}

/** The task's steps join the agent's history, unless one of its windows alerted. */
export function endTask(profile: AgentProfile, task: TaskState): void {
  profile.tasks.splice(profile.tasks.indexOf(task), 1);
  if (task.alerted || task.counts.length === 0) return;
  const counts = newToolCounts();
  for (const [previous, token] of task.counts) countStep(counts, previous, token);
  addCounts(profile.own, counts);
  boundCounts(profile.own, MAX_TOOLS, MAX_STEPS);
}

/** Remembers a call's step for the end of the task, within bounds. */
export function rememberStep(task: TaskState, previous: string | null, token: string): void {
  if (task.counts.length < MAX_REMEMBERED_CALLS) task.counts.push([previous, token]);
}

/** How often the same call came before in this task. */
export function countRepeat(task: TaskState, token: string): number {
  const before = task.seen.get(token) ?? 0;
  if (before > 0 || task.seen.size < MAX_REMEMBERED_CALLS) task.seen.set(token, before + 1);
  return before;
}

/** A new version of the agent starts a habit of its own; its tools and steps stay as a prior. */
export function forkBaseline(profile: AgentProfile, version: string | null): void {
  profile.version = version;
  profile.habit = newHabit();
}

export type EncodedProfile = {
  readonly r: string | null;
  readonly v: string | null;
  readonly o: EncodedCounts;
  readonly h: Habit;
  readonly t: readonly (Omit<TaskState, 'seen'> & { readonly seen: readonly [string, number][] })[];
};

export function encodeProfile(profile: AgentProfile): EncodedProfile {
  return {
    r: profile.role,
    v: profile.version,
    o: encodeCounts(profile.own),
    h: profile.habit,
    t: profile.tasks.map((task) => ({ ...task, seen: [...task.seen] })),
  };
}

export function decodeProfile(encoded: EncodedProfile): AgentProfile {
  return {
    role: encoded.r,
    version: encoded.v,
    own: decodeCounts(encoded.o),
    habit: encoded.h,
    tasks: encoded.t.map((task) => ({ ...task, seen: new Map(task.seen) })),
  };
}
