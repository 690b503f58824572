/**
 * One writer per data directory. The lock is SQLite's own lock on `lock.db`, held as an open exclusive transaction: the kernel drops it
 * with the process, so a kill -9 leaves nothing behind, and taking it is one atomic step. Nothing may open and close lock.db or bus.db
 * with plain file calls inside the writing process: POSIX would drop the locks with that descriptor.
 */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { BusError } from '../errors.ts';
import { isBusy } from './sqlite-error.ts';

export const busFile = (dataDir: string) => join(dataDir, 'bus.db');

/** Makes the directory where needed, readable by its owner only. Returns what gives the lock back. */
export function lockDataDir(dataDir: string): { release(): void } {
  makeDurably(resolve(dataDir));
  const lock = new DatabaseSync(join(dataDir, 'lock.db'), { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (isBusy(error)) throw new BusError('data_dir_locked', `${dataDir}: another process writes here`);
    throw error;
  }
  return { release: () => lock.close() };
}

/** A new directory survives a power cut only once its parent is synced. */
function makeDurably(dir: string): void {
  const first = mkdirSync(dir, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = dir; made.length >= first.length; made = dirname(made)) {
    const parent = openSync(dirname(made), 'r');
    fsyncSync(parent);
    closeSync(parent);
  }
}

export function requireBusFile(dataDir: string): string {
  const path = busFile(dataDir);
  if (!existsSync(path)) throw new BusError('data_dir_missing', `${dataDir}: expected a bus.db`);
  return path;
}
