/** What one thread of the agents protocol measures: one kind of part left out, or the test on other data. In and out are plain data. */
import { toolLookup } from '../detection/tools/index.ts';
import { type DriftReport, driftProtocol, driftTrainTest } from '../training/agent-drift-protocol.ts';
import { type AgentsFigures, agentsFigures } from '../training/agents-protocol/figures.ts';
import { type FoldTexts, leaveOut, type ProtocolFolds, trainTest } from '../training/agents-protocol/protocol.ts';
import type { PrepareOptions } from '../training/gateway/prepare.ts';
import { readAgentsFolder, readGatewayData } from './evaluate-agents-data.ts';

export interface AgentsPartRequest {
  readonly data: string;
  /** null = parts of `data` are left out. */
  readonly train: string | null;
  readonly sessions: readonly string[];
  readonly seed: string;
  readonly made?: PrepareOptions;
  /** Without `train`. */
  readonly leave: 'model' | 'suite';
}

export interface AgentsPart {
  readonly figures: AgentsFigures;
  readonly texts: readonly FoldTexts[];
  readonly drift: DriftReport | null;
  readonly sessions: number;
  readonly files: number;
}

type Progress = (done: number, total: number) => void;

/** Errors: `data_not_found`, `data_unrecognised`, `text_invalid`; ImportError codes. */
export function measureAgents(request: AgentsPartRequest, progress: Progress = () => {}): AgentsPart {
  const { data, train, sessions, seed, made, leave } = request;
  const options = { seed, progress, ...(made === undefined ? {} : { made }) };
  const fresh = readAgentsFolder(data, sessions);
  if (train === null) {
    const tools = toolLookup(fresh.tools);
    const found = leaveOut({ ...options, files: fresh.files, tools, gateway: readGatewayData(data), leave: [leave] });
    const drift = fresh.drift === null ? null : driftProtocol(fresh.drift.sessions, { seed, leave: [leave] });
    return partOf(found, drift, seed);
  }
  const known = readAgentsFolder(train);
  const found = trainTest({
    ...options,
    train: known.files[0]!, // a folder has one sessions file at least
    test: fresh.files,
    tools: toolLookup(known.tools),
    testTools: toolLookup(fresh.tools),
    // Nothing of `data` is read into what is fitted.
    gateway: readGatewayData(train),
  });
  const drift = known.drift === null || fresh.drift === null ? null : driftTrainTest(known.drift.sessions, fresh.drift.sessions, { seed });
  return partOf(found, drift, seed);
}

function partOf(found: ProtocolFolds, drift: DriftReport | null, seed: string): AgentsPart {
  const { texts, data } = found;
  const sessions = data.reduce((sum, { sessionOf }) => sum + sessionOf.size, 0);
  return { figures: agentsFigures(found, seed), texts, drift, sessions, files: data.length };
}
