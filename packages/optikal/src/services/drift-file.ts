/** The page of a drift report as a file. */
import { createHash } from 'node:crypto';
import { driftPage } from '../report/drift/page.ts';
import type { DriftReport } from '../report/drift/report.ts';
import { writePage } from './report-file.ts';

/** Errors: report_in_the_way. */
export function writeDriftPage(path: string, report: DriftReport): void {
  writePage(path, new TextEncoder().encode(driftPage(report, (text) => createHash('sha256').update(text).digest('base64'))));
}
