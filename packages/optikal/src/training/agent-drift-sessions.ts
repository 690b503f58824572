/**
 * Recorded sessions as drift of an agent sees them: one row of numbers a task, made from the same events that a live agent sends. What tells
 * the answer (the models, the point of the swap) stands beside the rows, for the protocol and the fit only.
 */
import type { RecordedSession } from '../behaviour/agents-data.ts';
import { taskEvents } from '../behaviour/events.ts';
import type { ObservedTask } from '../behaviour/observed.ts';
import { argHmacs } from '../content/fingerprint.ts';
import { decodeTask, encodeTask } from '../detection/agent-drift/memory.ts';
import { newTally, tallyCall, tallyEnd, taskValues } from '../detection/agent-drift/tally.ts';

export interface DriftTask {
  /** As `DRIFT_FEATURES`, of the levels that an agent's memory keeps. */
  readonly values: Float64Array;
  readonly endMs: number;
  /** Who worked through it, which recorded run it is and what the user asked for: never a feature. */
  readonly model: string;
  readonly run: string;
  readonly request: string;
}

export interface DriftSession {
  readonly agent: string;
  readonly src: string;
  readonly suite: string;
  /** Of the first task. */
  readonly model: string;
  readonly cell: string;
  /** First task of another model, and when it starts; null = one model all along. */
  readonly swap: { readonly task: number; readonly model: string; readonly timeMs: number } | null;
  readonly startMs: number;
  readonly tasks: readonly DriftTask[];
}

/** Recorded arguments are public: a fixed key keeps the same data the same bytes. */
const ARGUMENT_KEY = 'recorded agents';

/** Of `drift_sessions.jsonl`, read by `readRecordedSessions`. */
export function driftSessions(sessions: readonly RecordedSession[]): DriftSession[] {
  return sessions.map(({ agent, group, tasks }) => ({
    agent,
    src: group.src,
    suite: group.suite,
    model: group.model,
    cell: group.cell,
    swap: group.swap,
    startMs: tasks[0]?.startMs ?? 0,
    tasks: tasks.map((task, i) => ({
      values: decodeTask(encodeTask(valuesOf(task))),
      endMs: task.endMs,
      model: group.swap !== null && i >= group.swap.task ? group.swap.model : group.model,
      run: group.runIds[i] ?? `${agent}/${task.taskId}`,
      request: task.request ?? task.taskId,
    })),
  }));
}

function valuesOf(task: ObservedTask): Float64Array {
  const tally = newTally();
  const seen = new Set<string>();
  for (const event of taskEvents(task, { argHmacs: argHmacs(ARGUMENT_KEY, task.calls) })) {
    if (event.type === 'argus.agent.lifecycle.v1' && event.data.kind === 'task_ended') tallyEnd(tally, event.data);
    if (event.type !== 'argus.agent.metrics.v1') continue;
    for (const call of event.data.calls ?? []) {
      const key = `${call.tool}\n${call.argHmac}`;
      tallyCall(tally, call, call.argHmac !== null && seen.has(key));
      seen.add(key);
    }
  }
  return taskValues(tally);
}
