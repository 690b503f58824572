/** From drafts to events: the messages of a turn are put in order of event time, then numbered by the service that sends them. */
import type { Event, EventData, EventType } from '@optikal/contracts';
import type { AgentState } from './agent-state.ts';

type Plane = 'asr' | 'asg' | 'pde';

interface Draft {
  readonly timeMs: number;
  readonly plane: Plane;
  readonly type: EventType;
  readonly data: unknown;
}

const PLANES: Readonly<Record<EventType, Plane>> = {
  'argus.agent.metrics.v1': 'asr',
  'argus.agent.lifecycle.v1': 'asr',
  'argus.call.provenance.v1': 'asg',
  'argus.io.validation.v1': 'asg',
  'argus.security.violations.v1': 'asg',
  'argus.policy.decisions.v1': 'pde',
};

export interface Thread {
  readonly session: string | null;
  readonly task: string | null;
  readonly correlation: string | null;
}

export const NO_THREAD: Thread = { session: null, task: null, correlation: null };

export interface Outbox {
  put<T extends EventType>(type: T, timeMs: number, data: EventData<T>): void;
  /** All drafts so far as events, in order of time, and none left. */
  take(thread: Thread): Event[];
}

export function createOutbox(state: AgentState, tenant: string): Outbox {
  let drafts: Draft[] = [];
  return {
    put(type, timeMs, data) {
      drafts.push({ timeMs, plane: PLANES[type], type, data });
    },
    take(thread) {
      const sorted = drafts.sort((a, b) => a.timeMs - b.timeMs);
      drafts = [];
      return sorted.map(({ timeMs, plane, type, data }) => {
        const count = ++state.emitted[plane];
        const sequence = String(count).padStart(8, '0');
        const event = {
          id: `${state.plan.id}.${plane}.${sequence}`,
          source: `/${plane}/${state.plan.id}`,
          type,
          tenant,
          agent: state.plan.id,
          timeMs,
          session: thread.session,
          task: thread.task,
          correlation: thread.correlation,
          sequence,
          data,
        };
        return event as Event; // `put` ties the data to the type
      });
    },
  };
}
