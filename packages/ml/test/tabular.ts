/** Reads the tabular sets for the golden tests: node only, so not part of the package. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Matrix } from '../src/matrix.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const FOLDER = join(resolve(ROOT, process.env.OPTIKAL_DATA ?? '../shared/data'), 'tabular');

/** Rows and labels of one set, with the SHA-256 of its text: the goldens hold for these bytes only. */
export interface TabularSet {
  readonly matrix: Matrix;
  readonly labels: Uint8Array;
  readonly sha256: string;
}

/** Whether the sets are there; where not, says on the console what to do. */
export function hasTabularSets(names: readonly string[]): boolean {
  const missing = names.filter((name) => !existsSync(join(FOLDER, `${name}.csv.gz`)));
  if (missing.length === 0) return true;
  console.warn(
    `SKIPPED: no ${missing.join(', ')} in ${FOLDER}; set OPTIKAL_DATA to the folder that holds tabular/*.csv.gz to compare with the goldens`,
  );
  return false;
}

/** One set by name. */
export function readTabularSet(name: string): TabularSet {
  const raw = gunzipSync(readFileSync(join(FOLDER, `${name}.csv.gz`)));
  const lines = raw.toString('utf8').trim().split('\n').slice(1);
  const cols = lines[0].split(',').length - 1;
  const values = new Float64Array(lines.length * cols);
  const labels = new Uint8Array(lines.length);
  lines.forEach((line, r) => {
    const cells = line.split(',').map(Number);
    values.set(cells.slice(0, cols), r * cols);
    labels[r] = cells[cols];
  });
  return { matrix: { rows: lines.length, cols, values }, labels, sha256: createHash('sha256').update(raw).digest('hex') };
}
