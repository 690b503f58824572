/** A thread of the agents protocol: it measures one part and ends. */
import { parentPort, workerData } from 'node:worker_threads';
import { type AgentsPart, type AgentsPartRequest, measureAgents } from './evaluate-agents-part.ts';

export type AgentsReply = { readonly done: number; readonly total: number } | { readonly part: AgentsPart } | { readonly failure: string };

const port = parentPort!; // this file runs as a thread only
const reply = (message: AgentsReply) => port.postMessage(message);

try {
  const request = workerData as AgentsPartRequest; // given by `measureApart`
  reply({ part: measureAgents(request, (done, total) => reply({ done, total })) });
} catch (error) {
  reply({ failure: error instanceof Error ? error.message : String(error) });
}
