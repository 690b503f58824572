/**
 * One publisher a spool folder. The lock is the operating system's own on a file (through SQLite, which Node brings), so a process that is
 * killed leaves none behind, and no process id has to be believed.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { SdkError } from '../errors.ts';

const BUSY = 5;

/** Makes the folder where it is missing. Returns what releases the lock. Errors: spool_locked, spool_unusable. */
export function lockFolder(folder: string): () => void {
  let database: DatabaseSync | null = null;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    database = new DatabaseSync(join(folder, 'lock'), { timeout: 0 });
    database.exec('PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE');
  } catch (error) {
    database?.close();
    if (error instanceof Error && 'errcode' in error && error.errcode === BUSY)
      throw new SdkError('spool_locked', `expected a spool folder of this publisher alone at \`${folder}\``);
    throw new SdkError(
      'spool_unusable',
      `expected a folder that can be written at \`${folder}\`: ${error instanceof Error ? error.message : ''}`,
    );
  }
  const held = database;
  return () => held.close();
}
