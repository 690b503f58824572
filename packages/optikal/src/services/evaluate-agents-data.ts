/** What the agents protocol reads: sessions of one folder, its texts, and which models read which output. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readCallOutputs, readRuns } from '../behaviour/agents-files.ts';
import { resolveTools, type ToolCatalogue } from '../detection/tools/index.ts';
import type { GatewayData } from '../training/agents-protocol/gateway-plane.ts';
import type { SessionsFile } from '../training/agents-protocol/protocol.ts';
import { ServiceError } from './errors.ts';
import { readGatewayTexts } from './gateway-texts.ts';
import { fileLines } from './lines.ts';
import { checkRecorded, DEFAULT_SESSIONS, DRIFT_SESSIONS, readRecorded, recordedFolder } from './recorded-source.ts';

export interface AgentsFolder {
  readonly files: readonly SessionsFile[];
  /** Sessions in half of which another model takes over; null = the folder has none. */
  readonly drift: SessionsFile | null;
  readonly tools: ToolCatalogue;
}

/** `sessions` empty = the folder's own. Errors: data_not_found, data_unrecognised; ImportError codes. */
export function readAgentsFolder(folder: string, sessions: readonly string[] = []): AgentsFolder {
  const agents = agentsOf(folder);
  const names = sessions.length === 0 ? [DEFAULT_SESSIONS] : sessions;
  const read = names.map((name) => ({ name, ...readRecorded(agents, name) }));
  const drift = existsSync(join(agents, DRIFT_SESSIONS)) ? readRecorded(agents, DRIFT_SESSIONS).sessions : null;
  return {
    files: read.map(({ name, sessions: own }) => ({ name, sessions: own })),
    drift: drift === null ? null : { name: DRIFT_SESSIONS, sessions: drift },
    tools: resolveTools({ user: read[0]!.tools }), // there is one name at least
  };
}

/** Whether all files are there. Errors: data_not_found, data_unrecognised. */
export function checkAgentsFolder(folder: string, sessions: readonly string[]): void {
  checkRecorded(agentsOf(folder), sessions);
}

/** Errors: data_not_found, data_unrecognised, text_invalid; ImportError codes. */
export function readGatewayData(folder: string): GatewayData {
  const agents = agentsOf(folder);
  const { texts, outputs } = readGatewayTexts(folder);
  const runs = readRuns(fileLines(join(agents, 'traces.jsonl.gz')), null);
  const readers = new Map<number, Set<string>>();
  for (const [run, ids] of readCallOutputs(fileLines(join(agents, 'call_outputs.jsonl.gz')), null))
    for (const id of ids) {
      const model = runs.get(run)?.model;
      if (id < 0 || model === undefined) continue;
      const known = readers.get(id);
      if (known === undefined) readers.set(id, new Set([model]));
      else known.add(model);
    }
  return { texts, outputs, readers };
}

function agentsOf(folder: string): string {
  if (!existsSync(folder)) throw new ServiceError('data_not_found', `\`${folder}\` does not exist`);
  const agents = recordedFolder(folder);
  if (agents === null) throw new ServiceError('data_unrecognised', `expected agents/traces.jsonl.gz or traces.jsonl.gz in \`${folder}\``);
  return agents;
}
