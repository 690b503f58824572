/** `evaluate --protocol agents`: recorded agents with one model, suite or attack template left out, by content plane. */
import { ServiceError } from './errors.ts';
import type { ProtocolFound } from './protocol-found.ts';

export interface AgentsRequest {
  /** What is measured on; without `train` also what is fitted on, one part after the other left out. */
  readonly data: string;
  /** What is fitted on; null = `data`, by parts. */
  readonly train: string | null;
  /** Sessions files beside, or in place of, the data's own; empty = the data's own. */
  readonly sessions: readonly string[];
  readonly seed: string;
  readonly progress?: (done: number, total: number) => void;
}

/** Errors: `data_not_found`, `data_unrecognised`. */
export function evaluateAgents({ data }: AgentsRequest): ProtocolFound {
  throw new ServiceError('data_unrecognised', `expected recorded agents in \`${data}\``);
}
