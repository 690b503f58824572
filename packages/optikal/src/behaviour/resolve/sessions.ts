/**
 * Which session a task belongs to where no conversation id says so. `gen_ai.conversation.id` must not be made up (its convention says so), so a
 * session that is inferred is marked as one: `~` and a hash. Tasks of one agent in one process follow each other in one session until a pause;
 * processes that ran at the same time are kept apart; a process that came after another one ended went on with its session.
 */
import { createHash } from 'node:crypto';

export interface SessionTask {
  readonly agent: string;
  /** The conversation's id; null = not told. */
  readonly session: string | null;
  /** `service.instance.id`; null or absent = not told. */
  readonly instance?: string | null;
  readonly startMs: number;
  readonly endMs: number;
}

/** A pause of this length ends a session: as an idle task ends (detection/profile.ts), and as the web's analytics count visits. */
export const SESSION_IDLE_MS = 1_800_000;
const INFERRED = '~';
const HASH_CHARS = 16;

/** The same tasks with a session each, those that have one untouched, in their order. */
export function withSessions<T extends SessionTask>(tasks: readonly T[], idleMs = SESSION_IDLE_MS): (T & { readonly session: string })[] {
  const sessions = new Map<T, string>();
  for (const own of Map.groupBy(tasks, (task) => task.agent).values())
    for (const strand of strandsOf(own)) nameSessions(strand, idleMs, sessions);
  return tasks.map((task) => ({ ...task, session: sessions.get(task)! })); // every task is in one strand
}

/**
 * Tasks of one agent, one strand for what ran beside each other: those of a process are one strand, and a process that began after the last
 * task of a strand goes on with it.
 */
function strandsOf<T extends SessionTask>(tasks: readonly T[]): T[][] {
  const processes = [...Map.groupBy(tasks, (task) => task.instance ?? '').values()].map((group) => group.toSorted(byTime));
  processes.sort((a, b) => byTime(a[0]!, b[0]!)); // groups are never empty
  const strands: T[][] = [];
  for (const own of processes) {
    const before = strands.filter((strand) => strand.every((task) => task.endMs <= own[0]!.startMs));
    // The one that was at work last: the others had stopped for other reasons.
    const latest = before.toSorted((a, b) => lastMs(b) - lastMs(a))[0];
    if (latest === undefined) strands.push(own);
    else latest.push(...own);
  }
  return strands;
}

function nameSessions<T extends SessionTask>(strand: readonly T[], idleMs: number, sessions: Map<T, string>): void {
  let run: T[] = [];
  const close = () => {
    nameRun(run, sessions);
    run = [];
  };
  let busyUntil = Number.NEGATIVE_INFINITY;
  for (const task of strand) {
    if (run.length > 0 && task.startMs - busyUntil >= idleMs) close();
    run.push(task);
    busyUntil = Math.max(busyUntil, task.endMs);
  }
  close();
}

/** Of a run without a pause: a task between two of one conversation is of it; all others together are one inferred session. */
function nameRun<T extends SessionTask>(run: readonly T[], sessions: Map<T, string>): void {
  const first = run.find((task) => task.session === null);
  run.forEach((task, i) => {
    const before = run.slice(0, i).findLast((other) => other.session !== null)?.session;
    const after = run.slice(i + 1).find((other) => other.session !== null)?.session;
    const told = task.session ?? (before !== undefined && before === after ? before : null);
    sessions.set(task, told ?? inferred(first ?? task));
  });
}

/** Sessions of one agent's tasks as they begin, for who tells them at once. */
export interface LiveSessions {
  /** The session of a task that begins now, with nothing known of what follows. */
  begin(task: Pick<SessionTask, 'session' | 'startMs'>): string;
  /** The agent was at work until then. */
  busy(untilMs: number): void;
}

/**
 * As `withSessions` of one process, in order of time, but for what it cannot know: a task between two of one conversation is of an inferred
 * session, since the second of them has not come yet.
 */
export function liveSessions(agent: string, idleMs = SESSION_IDLE_MS): LiveSessions {
  let name: string | null = null;
  let busyUntil = Number.NEGATIVE_INFINITY;
  return {
    begin({ session, startMs }) {
      if (startMs - busyUntil >= idleMs) name = null;
      busyUntil = Math.max(busyUntil, startMs);
      if (session !== null) return session;
      name ??= inferred({ agent, session, startMs, endMs: startMs });
      return name;
    },
    busy(untilMs) {
      busyUntil = Math.max(busyUntil, untilMs);
    },
  };
}

/** By agent, process and beginning: the same input gives the same names. */
function inferred({ agent, instance, startMs }: SessionTask): string {
  const text = JSON.stringify([agent, instance ?? null, startMs]);
  return INFERRED + createHash('sha256').update(text).digest('hex').slice(0, HASH_CHARS);
}

function byTime(a: SessionTask, b: SessionTask): number {
  return a.startMs - b.startMs || a.endMs - b.endMs;
}

function lastMs(tasks: readonly SessionTask[]): number {
  return tasks.reduce((latest, task) => Math.max(latest, task.endMs), Number.NEGATIVE_INFINITY);
}
