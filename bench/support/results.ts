/** `bench/results/NAME.json`: written by the run of a bench, read for the table. */
import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { basename, join } from 'node:path';
import type { Row } from './rows.ts';

export interface Result {
  readonly name: string;
  readonly commit: string;
  readonly machine: string;
  readonly node: string;
  readonly rows: readonly Row[];
}

const ROOT = join(import.meta.dirname, '..', '..');
const FOLDER = join(import.meta.dirname, '..', 'results');

export function writeResult(name: string, rows: readonly Row[]): void {
  mkdirSync(FOLDER, { recursive: true });
  const result = { commit: commitNow(), machine: machineNow(), node: process.version, rows };
  writeFileSync(join(FOLDER, `${name}.json`), `${JSON.stringify(result, null, 2)}\n`);
}

export function readResults(): Result[] {
  return globSync('*.json', { cwd: FOLDER })
    .sort()
    .map((file) => ({ name: basename(file, '.json'), ...JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) }) as Result); // see writeResult
}

function commitNow(): string {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim();
  const changed = git('status', '--porcelain', '--untracked-files=no', '--', 'packages', 'bench', ':!bench/results');
  return `${git('rev-parse', '--short', 'HEAD')}${changed === '' ? '' : '+'}`;
}

/** What matters for speed; no host name. */
function machineNow(): string {
  const found = cpus();
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  return `${found[0]?.model.trim() ?? 'unknown processor'}, ${found.length} cores, ${gigabytes} GB, ${process.platform} ${process.arch}`;
}
