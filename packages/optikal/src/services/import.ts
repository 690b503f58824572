/**
 * The user's own agents as events: tasks read by the behaviour plane, provenance and hashes computed by the content plane, content left behind.
 * Everything is held until the input ends, because a task is known only then, and written in event time.
 */
import type { Event } from '@optikal/contracts';
import type { ImportProblem } from '../behaviour/errors.ts';
import { registerEvent, taskEvents } from '../behaviour/events.ts';
import { type ImportItem, newCallReader } from '../behaviour/formats/calls.ts';
import { readOtlpJson } from '../behaviour/formats/otlp-json.ts';
import type { ObservedTask } from '../behaviour/observed.ts';
import { type SessionTask, withSessions } from '../behaviour/resolve/sessions.ts';
import { argHmacs } from '../content/fingerprint.ts';
import { answerEvents, checkOutputs, isFlagged, outputEvents, requestEvents } from '../content/gateway/events.ts';
import type { Gateway } from '../content/gateway.ts';
import { type AgentMemory, newAgentMemory, taskProvenance } from '../content/provenance.ts';

export interface Imported {
  readonly events: readonly Event[];
  readonly agents: number;
  readonly tasks: number;
}

export interface Importer {
  push(line: string): void;
  end(): Imported;
}

export interface ImportOptions {
  readonly format: 'calls' | 'otlp-json';
  readonly tenant?: string;
  readonly hmacKey: Uint8Array;
  /** Judges every request, output and answer that was observed; null or absent = nobody does, and nothing is said of content. */
  readonly gateway?: Gateway | null;
  readonly onProblem: (problem: ImportProblem) => void;
}

export function createImporter({ format, tenant, hmacKey, gateway = null, onProblem }: ImportOptions): Importer {
  const agents = new Map<string, { memory: AgentMemory; role: string | null }>();
  // A session that nobody told is known when all tasks are; content is not held until then.
  const told: (SessionTask & { readonly events: readonly Event[] })[] = [];

  const take = (task: ObservedTask) => {
    const events: Event[] = [];
    let known = agents.get(task.agent);
    if (known === undefined || (task.role !== null && task.role !== known.role)) {
      events.push(registerEvent(task));
      known = { memory: known?.memory ?? newAgentMemory(), role: task.role };
      agents.set(task.agent, known);
    }
    events.push(...eventsOf(task, known.memory));
    const { agent, instance = null, startMs, endMs } = task;
    // As its events have it: shortened where it is long.
    const { session } = events[0]!; // a task has a start and an end
    told.push({ agent, session, instance, startMs, endMs, events });
  };
  const eventsOf = (task: ObservedTask, memory: AgentMemory): Event[] => {
    const hashed = { argHmacs: argHmacs(hmacKey, task.calls) };
    if (gateway === null) return taskEvents(task, { provenance: taskProvenance(task, memory), ...hashed });
    const checks = checkOutputs(gateway, task);
    const flagged = new Set(task.calls.flatMap(({ callId }, i) => (isFlagged(checks[i]!) ? [callId] : [])));
    const told = taskEvents(task, { provenance: taskProvenance(task, memory, flagged), ...hashed });
    return [
      ...told.slice(0, -1),
      ...requestEvents(gateway, task, task.startMs),
      ...outputEvents(task, checks),
      ...answerEvents(gateway, task, task.answer ?? null, task.endMs),
      told.at(-1)!, // its last event is the end
    ];
  };
  const takeAll = (items: readonly ImportItem[]) => {
    for (const item of items) {
      if ('task' in item) take(item.task);
      else onProblem(item.problem);
    }
  };
  const reader = newCallReader(tenant);
  const requests = requestReader(onProblem);
  let line = 0;

  return {
    push(text) {
      line++;
      if (format === 'calls') return takeAll(reader.push(text));
      requests.push(text, line);
    },
    end() {
      if (format === 'calls') takeAll(reader.end());
      else {
        const read = readOtlpJson(requests.end(), tenant);
        // Provenance of a task looks back at the agent's earlier ones.
        for (const task of read.tasks.toSorted((a, b) => a.startMs - b.startMs)) take(task);
        for (const problem of read.problems) onProblem(problem);
      }
      const events = withSessions(told).flatMap(({ events: own, session }) => own.map((event) => ({ ...event, session })));
      events.sort((a, b) => a.timeMs - b.timeMs);
      return { events, agents: agents.size, tasks: told.length };
    },
  };
}

/** Export requests: one a line, as a collector writes them, or spread over lines as people format them (first and last line at the margin). */
function requestReader(onProblem: ImportOptions['onProblem']): { push(text: string, line: number): void; end(): readonly unknown[] } {
  const requests: unknown[] = [];
  let open: { text: string[]; line: number } | null = null;
  const parse = (text: string): boolean => {
    try {
      requests.push(JSON.parse(text));
      return true;
    } catch {
      return false;
    }
  };
  const giveUp = () => {
    if (open !== null) onProblem({ line: open.line, code: 'invalid_json', message: 'expected an OTLP JSON export request' });
    open = null;
  };
  return {
    push(text, line) {
      if (text.trim() === '') return;
      if (text.startsWith('{')) {
        giveUp();
        if (!parse(text)) open = { text: [text], line };
      } else if (open === null) onProblem({ line, code: 'invalid_json', message: 'expected an OTLP JSON export request' });
      else {
        open.text.push(text);
        if (text.startsWith('}') && parse(open.text.join('\n'))) open = null;
      }
    },
    end() {
      giveUp();
      return requests;
    },
  };
}
