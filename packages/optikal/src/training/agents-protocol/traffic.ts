/**
 * Recorded sessions as events, made again for each plane of content: what costs (where each argument comes from, hashes of arguments) is done
 * once, and verdicts with what hangs on them are added. The same sessions and verdicts give the same events.
 */
import type { Event, Provenance } from '@optikal/contracts';
import type { RecordedSession } from '../../behaviour/agents-data.ts';
import { registerEvent, taskEvents } from '../../behaviour/events.ts';
import type { ObservedTask } from '../../behaviour/observed.ts';
import { argHmacs } from '../../content/fingerprint.ts';
import { newAgentMemory, taskProvenance } from '../../content/provenance.ts';
import { scoredEvents } from '../../content/validations.ts';

/** Recorded arguments are public: a fixed key keeps the same data the same bytes. */
const ARGUMENT_KEY = 'recorded agents';
const FLAGGED_SCORE = 0.5;

export interface Traffic {
  readonly sessions: readonly RecordedSession[];
  /** Of each session, its tasks. */
  readonly tasks: readonly (readonly PreparedTask[])[];
}

interface PreparedTask {
  readonly task: ObservedTask;
  /** Without verdicts. */
  readonly provenance: readonly Provenance[];
  readonly hmacs: readonly (string | null)[];
  /** By which outputs are flagged: `valuesFlagged` of each call. Few distinct ones come up over all planes and folds. */
  readonly flaggedValues: Map<string, readonly (number | null)[]>;
}

/** Probability that the output of this call holds an injection; null = the gateway did not look. */
export type ScoreOf = (session: RecordedSession, callId: string) => number | null;

export function prepareTraffic(sessions: readonly RecordedSession[]): Traffic {
  return {
    sessions,
    tasks: sessions.map(({ tasks }) => {
      const memory = newAgentMemory();
      return tasks.map((task) => ({
        task,
        provenance: taskProvenance(task, memory),
        hmacs: argHmacs(ARGUMENT_KEY, task.calls),
        flaggedValues: new Map(),
      }));
    }),
  };
}

/** All events in order of time. `scoreOf` null = there is no gateway. */
export function trafficEvents({ sessions, tasks }: Traffic, scoreOf: ScoreOf | null): Event[] {
  const events = sessions.flatMap((session, s) => {
    const [first] = session.tasks;
    const own: Event[] = first === undefined ? [] : [registerEvent(first)];
    for (const prepared of tasks[s]!) own.push(...preparedEvents(prepared, scoreOf === null ? null : (callId) => scoreOf(session, callId)));
    return own;
  });
  return events.sort((a, b) => a.timeMs - b.timeMs);
}

function preparedEvents(prepared: PreparedTask, scoreOf: ((callId: string) => number | null) | null): Event[] {
  const { task, provenance, hmacs } = prepared;
  if (scoreOf === null) return taskEvents(task, { provenance, argHmacs: hmacs });
  const scores = new Map(task.calls.map(({ callId, output }) => [callId, output === null ? null : scoreOf(callId)]));
  const flagged = new Set(task.calls.flatMap(({ callId }) => ((scores.get(callId) ?? 0) >= FLAGGED_SCORE ? [callId] : [])));
  const values = flaggedValues(prepared, flagged);
  const judged = provenance.map((of, i) => ({ ...of, valuesFlagged: values[i]! }));
  return [...taskEvents(task, { provenance: judged, argHmacs: hmacs }), ...scoredEvents(task, (callId) => scores.get(callId) ?? null)];
}

/** What an agent remembers has no part in it: a memory of its own will do. */
function flaggedValues({ task, flaggedValues: known }: PreparedTask, flagged: ReadonlySet<string>): readonly (number | null)[] {
  const key = [...flagged].join(' ');
  let values = known.get(key);
  if (values === undefined) {
    values = taskProvenance(task, newAgentMemory(), flagged).map(({ valuesFlagged }) => valuesFlagged);
    known.set(key, values);
  }
  return values;
}
