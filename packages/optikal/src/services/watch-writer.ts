/**
 * Who writes a data directory, seen from outside. Trying the writer's lock would be in its way, so it is looked up: Linux lists the locks of
 * all files, elsewhere `serve.json` names a process that may still live. And when it last wrote: the time of the file itself.
 */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readServing } from './data-folder.ts';

export interface Writer {
  readonly running: boolean;
  readonly pid: number | null;
  /** One text per state: equal texts, equal writers. */
  readonly words: string;
}

/** Where SQLite locks a file: its pending byte (sqlite.org/fileformat2.html, "the lock-byte page"). */
const PENDING_BYTE = 0x40000000;

/** null = it cannot be known here. */
export function writerOf(dataDir: string): Writer | null {
  const held = lockHolder(join(dataDir, 'lock.db'));
  if (held !== undefined) return held === null ? writer(false, null) : writer(true, held > 0 ? held : null);
  try {
    const serving = readServing(dataDir);
    return serving === null ? null : writer(isAlive(serving.pid), serving.pid);
  } catch {
    return null; // it is being written at this moment
  }
}

/** The write-ahead log is newer than the database while there is one. */
export function lastCommitMs(dataDir: string): number {
  const times = ['bus.db', 'bus.db-wal'].map((name) => {
    const file = statSync(join(dataDir, name), { throwIfNoEntry: false });
    return file === undefined || (name !== 'bus.db' && file.size === 0) ? 0 : Math.floor(file.mtimeMs);
  });
  return Math.max(...times);
}

function writer(running: boolean, pid: number | null): Writer {
  return { running, pid: running ? pid : null, words: running ? `running${pid === null ? '' : `, pid ${pid}`}` : 'not running' };
}

/** The process that holds SQLite's exclusive lock on a file; null = nobody, undefined = this system does not say. */
function lockHolder(path: string): number | null | undefined {
  const file = statSync(path, { throwIfNoEntry: false });
  if (file === undefined) return null;
  let locks: string;
  try {
    locks = readFileSync('/proc/locks', 'utf8');
  } catch {
    return undefined;
  }
  for (const line of locks.split('\n')) {
    // 1: POSIX  ADVISORY  WRITE 20858 fe:00:10141956 1073741824 1073742335
    const [, kind, , mode, pid, place, from] = line.trim().split(/\s+/);
    if (kind !== 'POSIX' || mode !== 'WRITE' || place === undefined) continue;
    if (Number(place.split(':')[2]) === file.ino && Number(from) === PENDING_BYTE) return Number(pid);
  }
  return null;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
