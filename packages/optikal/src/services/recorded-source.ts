/** Recorded agents (data/agents) as events of two planes; labels, models and run ids stay beside them for the learning protocol. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Event } from '@optikal/contracts';
import { type RecordedSession, readRecordedSessions } from '../behaviour/agents-data.ts';
import { registerEvent, taskEvents } from '../behaviour/events.ts';
import { argHmacs } from '../content/fingerprint.ts';
import { newAgentMemory, taskProvenance } from '../content/provenance.ts';
import { validationsFor } from '../content/validations.ts';
import { toolsOfRecorded } from '../detection/tools/index.ts';
import { indexTruth } from '../training/labels.ts';
import type { SessionMeta } from '../training/protocol.ts';
import type { DataSource, SourceOptions } from './data-source.ts';
import { ServiceError } from './errors.ts';
import { fileLines } from './lines.ts';

/** none = no gateway; oracle = the injected outputs are known (an upper bound, and reports say so). */
export type ContentPlane = 'none' | 'oracle';

/** Recorded arguments are public: a fixed key keeps the same data the same bytes. */
const ARGUMENT_KEY = 'recorded agents';
const DEFAULT_SESSIONS = 'sessions.jsonl.gz';

export function openRecordedSource(folder: string, { content, sessions: sessionsFile = DEFAULT_SESSIONS }: SourceOptions): DataSource {
  const path = (name: string) => {
    const found = join(folder, name);
    if (!existsSync(found)) throw new ServiceError('data_not_found', `expected \`${name}\` in \`${folder}\``);
    return found;
  };
  const tools: unknown = JSON.parse(readFileSync(path('tools.json'), 'utf8'));
  const sessions = readRecordedSessions({
    sessions: fileLines(path(sessionsFile)),
    traces: fileLines(path('traces.jsonl.gz')),
    args: fileLines(path('args.jsonl.gz')),
    outputs: fileLines(path('outputs.jsonl.gz')),
    callOutputs: fileLines(path('call_outputs.jsonl.gz')),
    userTasks: JSON.parse(readFileSync(path('user_tasks.json'), 'utf8')),
    tools,
    fileName: sessionsFile.replace(/\.gz$/, ''),
  });
  const events = sessions.flatMap((session) => sessionEvents(session, content)).sort((a, b) => a.timeMs - b.timeMs);
  const metas = new Map(sessions.map((session) => [`default|${session.agent}`, metaOf(session)]));
  const related = relativesOf(metas);
  return {
    kind: 'recorded',
    description: `recorded agents (${sessionsFile}), content plane: ${content}, authority plane: none`,
    events: () => events,
    truth: indexTruth(sessions.flatMap((session) => session.truth)),
    tools: toolsOfRecorded(tools),
    relatives: (key) => related.get(key) ?? [],
    metaOf: (key) => metas.get(key)!, // every agent of the events is a session
    refused: () => 0,
  };
}

/** All events of one agent: its tasks in order, provenance against its own earlier tasks. */
function sessionEvents(session: RecordedSession, content: ContentPlane): Event[] {
  const memory = newAgentMemory();
  const first = session.tasks[0];
  const events: Event[] = first === undefined ? [] : [registerEvent(first)];
  for (const task of session.tasks) {
    const flagged = content === 'oracle' ? session.flagged : null;
    events.push(...taskEvents(task, { provenance: taskProvenance(task, memory, flagged), argHmacs: argHmacs(ARGUMENT_KEY, task.calls) }));
    events.push(...validationsFor(task, content, session.flagged));
  }
  return events;
}

function metaOf({ group }: RecordedSession): SessionMeta {
  return { model: group.model, suite: group.suite, defence: group.defence, runIds: group.runIds, injectedOutputs: group.outIdsInjected };
}

/** Agents that share a recorded run. */
function relativesOf(metas: ReadonlyMap<string, SessionMeta>): Map<string, string[]> {
  const byRun = new Map<string, string[]>();
  for (const [key, { runIds }] of metas)
    for (const run of new Set(runIds)) {
      const known = byRun.get(run);
      if (known === undefined) byRun.set(run, [key]);
      else known.push(key);
    }
  return new Map(
    [...metas].map(([key, { runIds }]) => [
      key,
      [...new Set(runIds.flatMap((run) => byRun.get(run) ?? []))].filter((other) => other !== key),
    ]),
  );
}
