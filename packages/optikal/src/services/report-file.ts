/** A report as a file: written beside its place and renamed, so that no half page stands there; a file that is no report of ours is not replaced. */
import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { REPORT_MARK, type Report, reportPage } from '../report/index.ts';
import { ServiceError } from './errors.ts';

export function pageOf(report: Report): Uint8Array {
  return new TextEncoder().encode(reportPage(report, (text) => createHash('sha256').update(text).digest('base64')));
}

/** Refuses a place that is taken by something else, so that it can be said before the work. Errors: report_in_the_way. */
export function checkReportPlace(path: string): void {
  if (!existsSync(path)) return;
  if (!statSync(path).isFile() || !isReport(path))
    throw new ServiceError('report_in_the_way', `\`${path}\` is no report of optikal: name another file with --report, or move it away`);
}

/** Errors: report_in_the_way. */
export function writeReport(path: string, report: Report): void {
  checkReportPlace(path);
  writePage(path, pageOf(report));
}

/** The same for a page that is made. Errors: report_in_the_way. */
export function writePage(path: string, page: Uint8Array): void {
  checkReportPlace(path);
  const fresh = `${path}.part-${process.pid}`;
  try {
    writeFileSync(fresh, page, { flush: true });
    renameSync(fresh, path);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
}

function isReport(path: string): boolean {
  const start = new Uint8Array(REPORT_MARK.length);
  const handle = openSync(path, 'r');
  try {
    readSync(handle, start);
  } finally {
    closeSync(handle);
  }
  return new TextDecoder().decode(start) === REPORT_MARK;
}
