/** What a rows protocol found, as files: the page, and which texts each fold's gateway learnt from and judged. */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { type ProtocolPage, protocolPage } from '../report/index.ts';
import type { TrainedOn } from '../training/gateway/texts.ts';
import { writePage } from './report-file.ts';

/** One fit of the gateway: SHA-256 (hex) of texts, ascending. What is judged is never among what was learnt from. */
export interface FoldTexts {
  readonly fold: string;
  readonly trainedOn: TrainedOn;
  readonly judged: readonly string[];
}

export interface ProtocolFound {
  readonly page: ProtocolPage;
  readonly folds: readonly FoldTexts[];
}

/** Errors: report_in_the_way. */
export function writeProtocolPage(path: string, page: ProtocolPage): void {
  writePage(path, new TextEncoder().encode(protocolPage(page, (text) => createHash('sha256').update(text).digest('base64'))));
}

/** `{ folds: […] }`, one line. */
export function writeFolds(path: string, folds: readonly FoldTexts[]): void {
  writeFileSync(path, `${JSON.stringify({ folds })}\n`);
}
