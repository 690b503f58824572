/** The facts of bus.db: read by a process of its own (worker.ts), for as long as the time allows. */
import { execFile } from 'node:child_process';
import { closeSync, cpSync, existsSync, mkdtempSync, openSync, readSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DatabaseFacts, WriterFacts } from './facts.ts';
import { codeOf } from './gather-files.ts';
import type { Reading, Told } from './inspect.ts';

const WORKER = fileURLToPath(new URL('./worker.ts', import.meta.url));
const TOLD_BYTES = 16_777_216;
const WAL_MAGIC: ReadonlySet<number> = new Set([0x377f0682, 0x377f0683]);
/** What a crashed writer left is copied before it is read, up to this size: SQLite would mend its index in its place. */
const COPY_BYTES = 1e9;

export async function gatherDatabase(dataDir: string, lock: WriterFacts['lock'], limitMs: number): Promise<DatabaseFacts> {
  const path = join(dataDir, 'bus.db');
  const wal = `${path}-wal`;
  const sizeBytes = statSync(path).size;
  const walBytes = existsSync(wal) ? statSync(wal).size : 0;
  const found = await read(path, lock === 'held', sizeBytes, walBytes, limitMs);
  return { sizeBytes, walBytes, walHeader: walHeader(wal, walBytes), limitMs, ...found };
}

async function read(path: string, written: boolean, sizeBytes: number, walBytes: number, limitMs: number): Promise<Inspected> {
  if (written) return inspect(path, 'live', limitMs);
  if (walBytes === 0) {
    const found = await inspect(path, 'still', limitMs);
    // A server that started meanwhile: what seemed damaged was being written.
    const moved = existsSync(`${path}-wal`) && (found.problems.length > 0 || (found.quickCheck?.problems.length ?? 0) > 0);
    return moved ? inspect(path, 'live', limitMs) : found;
  }
  if (sizeBytes + walBytes > COPY_BYTES) return inspect(path, 'live', limitMs);
  const folder = mkdtempSync(join(tmpdir(), 'optikal-doctor-'));
  try {
    for (const end of ['', '-wal']) cpSync(`${path}${end}`, join(folder, `bus.db${end}`));
    return await inspect(join(folder, 'bus.db'), 'live', limitMs);
  } catch (error) {
    if (codeOf(error) !== 'ENOSPC') throw error;
    return inspect(path, 'live', limitMs);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function walHeader(path: string, bytes: number): DatabaseFacts['walHeader'] {
  if (bytes === 0) return 'absent';
  const header = Buffer.alloc(4);
  const file = openSync(path, 'r');
  try {
    return readSync(file, header) === 4 && WAL_MAGIC.has(header.readUInt32BE(0)) ? 'whole' : 'garbage';
  } finally {
    closeSync(file);
  }
}

type Inspected = Omit<DatabaseFacts, 'sizeBytes' | 'walBytes' | 'walHeader' | 'limitMs'>;

function inspect(path: string, how: Reading, limitMs: number): Promise<Inspected> {
  return new Promise((resolve) => {
    const options = { timeout: limitMs, killSignal: 'SIGKILL', maxBuffer: TOLD_BYTES, encoding: 'utf8' } as const;
    execFile(process.execPath, [WORKER, path, how], options, (error, stdout, stderr) => {
      resolve(collect(stdout, error === null || error.killed ? null : failureOf(stderr, error)));
    });
  });
}

/** What a process that ended by itself said last. */
function failureOf(stderr: string, error: Error): string {
  const lines = stderr.split('\n').filter((line) => /Error/.test(line));
  return lines[0] ?? error.message;
}

/** Pure: the lines of a worker that may have been ended in the middle of one. */
export function collect(text: string, failure: string | null): Inspected {
  const problems: string[] = failure === null ? [] : [failure];
  let facts: Omit<Inspected, 'problems'> = {
    walUnread: false,
    opened: null,
    partitions: null,
    letters: null,
    archive: null,
    alerts: null,
    sample: null,
    agents: null,
    quickCheck: null,
    cut: true,
  };
  for (const line of text.split('\n').slice(0, -1)) {
    const told = JSON.parse(line) as Told; // a whole line of our own worker
    if ('problem' in told) problems.push(told.problem);
    else if ('done' in told) facts = { ...facts, cut: false };
    else facts = { ...facts, ...told };
  }
  return { ...facts, cut: facts.cut && problems.length === 0, problems };
}
