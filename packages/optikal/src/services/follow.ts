/** The user's own agents as events while they work: each turn as soon as it is over, with the provenance of its calls (see import.ts for files). */
import type { Event } from '@optikal/contracts';
import type { ImportProblem } from '../behaviour/errors.ts';
import { registerEvent, taskEvents } from '../behaviour/events.ts';
import { type FollowItem, followCalls } from '../behaviour/formats/follow-calls.ts';
import { type LiveSessions, liveSessions } from '../behaviour/resolve/sessions.ts';
import { argHmacs } from '../content/fingerprint.ts';
import { answerEvents, checkOutputs, isFlagged, outputEvents, requestEvents } from '../content/gateway/events.ts';
import type { Gateway } from '../content/gateway.ts';
import { type AgentMemory, newAgentMemory, TaskContent } from '../content/provenance.ts';

export interface Follower {
  push(line: string, nowMs: number): readonly Event[];
  due(nowMs: number): readonly Event[];
  end(): readonly Event[];
}

export interface FollowOptions {
  readonly tenant?: string;
  readonly hmacKey: Uint8Array;
  /** As in import.ts. */
  readonly gateway?: Gateway | null;
  readonly onProblem: (problem: ImportProblem) => void;
}

interface FollowedAgent {
  readonly memory: AgentMemory;
  role: string | null;
  content: TaskContent | null;
  readonly sessions: LiveSessions;
  /** Of the task that it is at. */
  session: string | null;
}

export function createFollower({ tenant, hmacKey, gateway = null, onProblem }: FollowOptions): Follower {
  const calls = followCalls(tenant);
  const agents = new Map<string, FollowedAgent>();

  const events = (item: FollowItem): readonly Event[] => {
    if ('problem' in item) {
      onProblem(item.problem);
      return [];
    }
    const known = agents.get(item.task.agent);
    const agent = known ?? newAgent(item.task.agent);
    if (known === undefined) agents.set(item.task.agent, agent);
    if (item.kind === 'turn' && item.first) agent.session = agent.sessions.begin(item.task);
    agent.sessions.busy(item.task.endMs);
    const task = { ...item.task, session: item.task.session ?? agent.session };
    const registered: Event[] = [];
    if (known === undefined || (task.role !== null && task.role !== agent.role)) {
      registered.push(registerEvent(task));
      agent.role = task.role;
    }
    if (item.kind === 'end') {
      agent.content?.commit(agent.memory);
      agent.content = null;
      const answered = gateway === null ? [] : answerEvents(gateway, task, task.answer ?? null, task.endMs);
      return [...registered, ...answered, taskEvents(task).at(-1)!]; // its last event is the end
    }
    // An agent's new task starts only after its last one was told to be over.
    agent.content ??= new TaskContent(task.request, gateway !== null);
    const { content, memory } = agent;
    const provenance = task.calls.map((call) => content.provenanceOf(call.tool, call.args, memory));
    const checks = gateway === null ? [] : checkOutputs(gateway, task);
    for (const [i, call] of task.calls.entries()) {
      if (call.output !== null) content.see(call.output, isFlagged(checks[i] ?? null));
      else if (call.ok && call.outBytes !== 0) content.missed();
    }
    const [start, ...rest] = taskEvents(task, { provenance, argHmacs: argHmacs(hmacKey, task.calls) });
    const told = rest.slice(0, -1).map((event) => (item.part === 0 ? event : { ...event, id: `${event.id}.late${item.part}` }));
    const asked = gateway === null || !item.first ? [] : requestEvents(gateway, task, task.startMs);
    return [...registered, ...(item.first ? [start!] : []), ...asked, ...told, ...outputEvents(task, checks)];
  };

  return {
    push: (line, nowMs) => calls.push(line, nowMs).flatMap(events),
    due: (nowMs) => calls.due(nowMs).flatMap(events),
    end: () => calls.end().flatMap(events),
  };
}

function newAgent(name: string): FollowedAgent {
  return { memory: newAgentMemory(), role: null, content: null, sessions: liveSessions(name), session: null };
}
