/** `evaluate --protocol agents`: recorded agents with one model, suite or attack template left out, by content plane. */
import { toolLookup } from '../detection/tools/index.ts';
import { agentsPage } from '../report/index.ts';
import { type DriftReport, driftProtocol, driftTrainTest } from '../training/agent-drift-protocol.ts';
import { agentsFigures } from '../training/agents-protocol/figures.ts';
import { leaveOut, type ProtocolFolds, trainTest } from '../training/agents-protocol/protocol.ts';
import type { PrepareOptions } from '../training/gateway/prepare.ts';
import { readAgentsFolder, readGatewayData } from './evaluate-agents-data.ts';
import type { ProtocolFound } from './protocol-found.ts';

export interface AgentsRequest {
  /** What is measured on; without `train` also what is fitted on, one part after the other left out. */
  readonly data: string;
  /** What is fitted on; null = `data`, by parts. */
  readonly train: string | null;
  /** Sessions files of `data` in place of its own: figures are averaged over them. Empty = its own. */
  readonly sessions: readonly string[];
  readonly seed: string;
  /** What the gateway's fits learn from beside the texts. Default its own. */
  readonly made?: PrepareOptions;
  readonly progress?: (done: number, total: number) => void;
}

/** Errors: `data_not_found`, `data_unrecognised`, `text_invalid`; ImportError codes. */
export function evaluateAgents(request: AgentsRequest): ProtocolFound {
  const { data, train, seed } = request;
  const { found, drift } = train === null ? leftOut(request) : otherData({ ...request, train });
  const figures = agentsFigures(found, seed);
  const page = agentsPage(figures, drift, {
    source: train === null ? data : `${train}, tested on ${data}`,
    seed,
    sessions: found.data.reduce((sum, { sessionOf }) => sum + sessionOf.size, 0),
    files: found.data.length,
  });
  return { page, folds: found.texts };
}

interface Found {
  readonly found: ProtocolFolds;
  readonly drift: DriftReport | null;
}

function leftOut({ data, sessions, seed, made, progress }: AgentsRequest): Found {
  const folder = readAgentsFolder(data, sessions);
  const options = { seed, ...(made === undefined ? {} : { made }), ...(progress === undefined ? {} : { progress }) };
  const found = leaveOut({ files: folder.files, tools: toolLookup(folder.tools), gateway: readGatewayData(data), ...options });
  return { found, drift: folder.drift === null ? null : driftProtocol(folder.drift.sessions, { seed }) };
}

/** Nothing of `data` is read into what is fitted on `train`. */
function otherData({ data, train, sessions, seed, made, progress }: AgentsRequest & { readonly train: string }): Found {
  const known = readAgentsFolder(train);
  const fresh = readAgentsFolder(data, sessions);
  const found = trainTest({
    train: known.files[0]!, // a folder has one sessions file at least
    test: fresh.files,
    tools: toolLookup(known.tools),
    testTools: toolLookup(fresh.tools),
    gateway: readGatewayData(train),
    seed,
    ...(made === undefined ? {} : { made }),
    ...(progress === undefined ? {} : { progress }),
  });
  const drift = known.drift === null || fresh.drift === null ? null : driftTrainTest(known.drift.sessions, fresh.drift.sessions, { seed });
  return { found, drift };
}
