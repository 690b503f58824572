/** Recorded agents (data/agents) as events of two planes; labels, models and run ids stay beside them for the learning protocol. */
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type RecordedSession, readRecordedSessions } from '../behaviour/agents-data.ts';
import { oracleScore } from '../content/validations.ts';
import { toolsOfRecorded, type UserTools } from '../detection/tools/index.ts';
import { keyOf, relativesOf } from '../training/agents-protocol/data.ts';
import { prepareTraffic, trafficEvents } from '../training/agents-protocol/traffic.ts';
import { indexTruth } from '../training/labels.ts';
import type { SessionMeta } from '../training/protocol.ts';
import type { DataSource, SourceOptions } from './data-source.ts';
import { ServiceError } from './errors.ts';
import { fileLines } from './lines.ts';

/** none = no gateway; oracle = the injected outputs are known (an upper bound, and reports say so). */
export type ContentPlane = 'none' | 'oracle';

export const DEFAULT_SESSIONS = 'sessions.jsonl.gz';
export const DRIFT_SESSIONS = 'drift_sessions.jsonl.gz';

export interface RecordedAgents {
  readonly sessions: readonly RecordedSession[];
  readonly tools: UserTools;
}

/** `folder` itself, or its `agents`, where it holds traces; null = neither does. */
export function recordedFolder(folder: string): string | null {
  return [folder, join(folder, 'agents')].find((at) => existsSync(join(at, 'traces.jsonl.gz'))) ?? null;
}

const FILES = ['tools.json', 'traces.jsonl.gz', 'args.jsonl.gz', 'outputs.jsonl.gz', 'call_outputs.jsonl.gz', 'user_tasks.json'];

/** Errors: data_not_found. */
export function checkRecorded(folder: string, sessionsFiles: readonly string[]): void {
  for (const name of FILES) placeOf(folder, name);
  for (const name of sessionsFiles.length === 0 ? [DEFAULT_SESSIONS] : sessionsFiles) sessionsPlace(folder, name);
}

function placeOf(folder: string, name: string): string {
  const path = join(folder, name);
  if (!existsSync(path)) throw new ServiceError('data_not_found', `expected \`${name}\` in \`${folder}\``);
  return path;
}

function sessionsPlace(folder: string, name: string): string {
  return !existsSync(join(folder, name)) && existsSync(name) ? name : placeOf(folder, name);
}

/**
 * `sessionsFile`: a name in `folder`, or the path of another file over the same traces.
 *
 * Errors: data_not_found; ImportError codes.
 */
export function readRecorded(folder: string, sessionsFile = DEFAULT_SESSIONS): RecordedAgents {
  const path = (name: string) => placeOf(folder, name);
  const tools: unknown = JSON.parse(readFileSync(path('tools.json'), 'utf8'));
  const sessions = readRecordedSessions({
    sessions: fileLines(sessionsPlace(folder, sessionsFile)),
    traces: fileLines(path('traces.jsonl.gz')),
    args: fileLines(path('args.jsonl.gz')),
    outputs: fileLines(path('outputs.jsonl.gz')),
    callOutputs: fileLines(path('call_outputs.jsonl.gz')),
    userTasks: JSON.parse(readFileSync(path('user_tasks.json'), 'utf8')),
    tools,
    fileName: basename(sessionsFile).replace(/\.gz$/, ''),
  });
  return { sessions, tools: toolsOfRecorded(tools) };
}

export function openRecordedSource(folder: string, { content, sessions: sessionsFile = DEFAULT_SESSIONS }: SourceOptions): DataSource {
  const { sessions, tools } = readRecorded(folder, sessionsFile);
  const scoreOf = content === 'none' ? null : ({ flagged }: RecordedSession, callId: string) => oracleScore(flagged, callId);
  const events = trafficEvents(prepareTraffic(sessions), scoreOf);
  const metas = new Map(sessions.map((session) => [keyOf(session), metaOf(session)]));
  return {
    kind: 'recorded',
    description: `recorded agents (${sessionsFile}), content plane: ${content}, authority plane: none`,
    events: () => events,
    truth: indexTruth(sessions.flatMap((session) => session.truth)),
    tools,
    relatives: relativesOf(sessions),
    metaOf: (key) => metas.get(key)!, // every agent of the events is a session
    refused: () => 0,
  };
}

function metaOf({ group }: RecordedSession): SessionMeta {
  return { model: group.model, suite: group.suite, defence: group.defence, runIds: group.runIds, injectedOutputs: group.outIdsInjected };
}
