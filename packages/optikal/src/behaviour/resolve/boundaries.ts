/**
 * Where tasks begin in what one agent did, when nothing marks them: with another message of the user, or after a pause. A task is one request
 * until its final answer; a trace may hold a whole day of them.
 */

export interface Mark {
  readonly startMs: number;
  readonly endMs: number;
  /** What the user had asked last, and in how many messages so far; null = not told, or no model call. */
  readonly asked: { readonly text: string; readonly messages: number } | null;
}

/** As a session's: nobody waits half an hour for a tool. */
export const TASK_PAUSE_MS = 1_800_000;

/**
 * Indices of the marks that begin a task, the first always; `marks` ascending by start. Every model call of a task was asked the same, so it
 * is the first with another text, or with the same text once more, that begins the next.
 *
 * @example taskStarts([asked('a', 1), tool, asked('a', 1), asked('b', 2)]); // [0, 3]
 */
export function taskStarts(marks: readonly Mark[], pauseMs = TASK_PAUSE_MS): number[] {
  const starts: number[] = [];
  let busyUntil = Number.NEGATIVE_INFINITY;
  let latest: Mark['asked'] = null;
  marks.forEach(({ asked, startMs, endMs }, i) => {
    const another = asked !== null && latest !== null && (asked.text !== latest.text || asked.messages > latest.messages);
    if (i === 0 || another || startMs - busyUntil >= pauseMs) starts.push(i);
    busyUntil = Math.max(busyUntil, endMs);
    latest = asked ?? latest;
  });
  return starts;
}
