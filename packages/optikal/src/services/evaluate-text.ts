/** `evaluate --protocol text`: what the gateway's detector is worth on texts, templates and suites that it has not seen. */
import { ServiceError } from './errors.ts';
import type { ProtocolFound } from './protocol-found.ts';

export interface TextRequest {
  /** What is measured on; without `train` also what is fitted on, one part after the other left out. */
  readonly data: string;
  /** What is fitted on; null = `data`, by parts. */
  readonly train: string | null;
  readonly seed: string;
  readonly progress?: (done: number, total: number) => void;
}

/** Errors: `data_not_found`, `data_unrecognised`, `text_invalid`. */
export function evaluateText({ data }: TextRequest): ProtocolFound {
  throw new ServiceError('data_unrecognised', `expected texts in \`${data}\``);
}
