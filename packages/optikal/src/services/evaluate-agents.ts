/** `evaluate --protocol agents`: recorded agents with one model, suite or attack template left out, by content plane. */
import { Worker } from 'node:worker_threads';
import { agentsPage } from '../report/index.ts';
import type { PrepareOptions } from '../training/gateway/prepare.ts';
import { ServiceError } from './errors.ts';
import { checkAgentsFolder } from './evaluate-agents-data.ts';
import { type AgentsPart, type AgentsPartRequest, measureAgents } from './evaluate-agents-part.ts';
import type { AgentsReply } from './evaluate-agents-worker.ts';
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
  /** Two threads at most: models and suites are left out beside each other. The figures are the same. Default 1. */
  readonly workers?: number;
  readonly progress?: (done: number, total: number) => void;
}

/** Errors: `data_not_found`, `data_unrecognised`, `text_invalid`, `training_worker_failed`; ImportError codes. */
export async function evaluateAgents(request: AgentsRequest): Promise<ProtocolFound> {
  const { data, train, sessions, seed, made, workers = 1, progress } = request;
  // Said before the work, not in the middle of it.
  for (const folder of train === null ? [data] : [train, data]) checkAgentsFolder(folder, folder === data ? sessions : []);
  const leaves = train === null ? (['model', 'suite'] as const) : (['suite'] as const);
  const counts = leaves.map(() => ({ done: 0, total: 1 }));
  const progressOf = (at: number) => (done: number, total: number) => {
    counts[at] = { done, total };
    progress?.(
      counts.reduce((sum, count) => sum + count.done, 0),
      counts.reduce((sum, count) => sum + count.total, 0),
    );
  };
  const wanted = leaves.map(
    (leave): AgentsPartRequest => ({ data, train, sessions, seed, leave, ...(made === undefined ? {} : { made }) }),
  );
  const parts =
    workers > 1 && wanted.length > 1 ? await measureApart(wanted, progressOf) : wanted.map((one, at) => measureAgents(one, progressOf(at)));
  return foundOf(parts, train === null ? data : `${train}, tested on ${data}`, seed);
}

function foundOf(parts: readonly AgentsPart[], source: string, seed: string): ProtocolFound {
  const figures = {
    rows: parts.flatMap((part) => part.figures.rows),
    baselines: parts.flatMap((part) => part.figures.baselines),
    threats: parts.flatMap((part) => part.figures.threats),
    windows: parts.flatMap((part) => part.figures.windows),
    latencies: parts.flatMap((part) => part.figures.latencies),
  };
  const drifts = parts.flatMap(({ drift }) => drift ?? []);
  const drift = drifts.length === 0 ? null : { rows: drifts.flatMap(({ rows }) => rows), times: drifts.flatMap(({ times }) => times) };
  const [first] = parts;
  const page = agentsPage(figures, drift, { source, seed, sessions: first!.sessions, files: first!.files }); // there is one part at least
  return { page, folds: parts.flatMap(({ texts }) => texts) };
}

/** A thread a part. Where one fails, the others end. */
async function measureApart(
  requests: readonly AgentsPartRequest[],
  progressOf: (at: number) => (done: number, total: number) => void,
): Promise<readonly AgentsPart[]> {
  const script = new URL('./evaluate-agents-worker.ts', import.meta.url);
  const workers = requests.map((request, at) => new Worker(script, { workerData: request, execArgv: [], name: `optikal-agents-${at}` }));
  try {
    return await Promise.all(workers.map((worker, at) => partFrom(worker, progressOf(at))));
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

function partFrom(worker: Worker, progress: (done: number, total: number) => void): Promise<AgentsPart> {
  const { promise, resolve, reject } = Promise.withResolvers<AgentsPart>();
  worker.on('message', (reply: AgentsReply) => {
    if ('part' in reply) resolve(reply.part);
    else if ('failure' in reply) reject(failed(reply.failure));
    else progress(reply.done, reply.total);
  });
  worker.on('error', (error) => reject(failed(error instanceof Error ? error.message : String(error))));
  worker.on('exit', (code) => reject(failed(`it exited with ${code}`)));
  return promise;
}

function failed(why: string): ServiceError {
  return new ServiceError('training_worker_failed', `a thread that measures agents failed: ${why}`);
}
