/** The facts of the data directory as files, and of who writes it. Nothing is followed, nothing is opened but small files and the lock. */
import { accessSync, closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readSync, type Stats } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { EXPECTED } from './checks-data-dir.ts';
import type { DirectoryFacts, FileFacts, FileKind, WriterFacts } from './facts.ts';
import { nearest } from './gather-machine.ts';

/** serve.json is one short line. */
const SERVING_BYTES = 4096;
const BUSY = 5;

export function gatherDirectory(dataDir: string): DirectoryFacts {
  try {
    const found = lstatSync(dataDir, { throwIfNoEntry: false });
    if (found === undefined) return { kind: 'missing', parentWritable: mayWrite(nearest(dirname(resolve(dataDir)))) };
    // A link to a directory is a directory: where it leads is the operator's choice.
    const kind = found.isSymbolicLink() ? kindOf(lstatSync(`${dataDir}/.`, { throwIfNoEntry: false })) : kindOf(found);
    if (kind !== 'directory') return { kind: 'other', what: found.isSymbolicLink() ? 'link' : kind };
    const { mode, uid } = lstatSync(`${dataDir}/.`);
    return { kind: 'directory', mode, uid, writable: mayWrite(dataDir), files: filesOf(dataDir) };
  } catch (error) {
    return { kind: 'unreadable', code: codeOf(error) };
  }
}

function filesOf(dataDir: string): FileFacts[] {
  return readdirSync(dataDir)
    .filter((name) => Object.hasOwn(EXPECTED, name))
    .sort()
    .flatMap((name) => {
      const found = lstatSync(join(dataDir, name), { throwIfNoEntry: false });
      return found === undefined ? [] : [{ name, kind: kindOf(found), mode: found.mode, uid: found.uid, sizeBytes: found.size }];
    });
}

function kindOf(found: Stats | undefined): FileKind {
  if (found === undefined) return 'other';
  if (found.isSymbolicLink()) return 'link';
  return found.isFile() ? 'file' : found.isDirectory() ? 'directory' : 'other';
}

function mayWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

export function gatherWriter(dataDir: string, files: readonly FileFacts[]): WriterFacts {
  const isFile = (name: string) => files.some((file) => file.name === name && file.kind === 'file');
  return {
    lock: isFile('lock.db') ? lockOf(join(dataDir, 'lock.db')) : 'absent',
    serving: isFile('serve.json') ? servingOf(join(dataDir, 'serve.json')) : 'absent',
  };
}

/**
 * Held = somebody has it exclusively (bus/embedded/data-dir.ts). Asking takes a shared lock for some microseconds; a server that starts in that
 * very moment is refused and has to start again.
 */
function lockOf(path: string): WriterFacts['lock'] {
  try {
    const lock = new DatabaseSync(path, { readOnly: true, timeout: 0 });
    try {
      lock.prepare('SELECT 1 FROM sqlite_schema').get();
      return 'free';
    } finally {
      lock.close();
    }
  } catch (error) {
    return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' && (error.errcode & 0xff) === BUSY
      ? 'held'
      : 'unknown';
  }
}

function servingOf(path: string): WriterFacts['serving'] {
  try {
    const { pid, port } = JSON.parse(readStart(path, SERVING_BYTES)) as Record<string, unknown>; // checked below
    if (typeof pid !== 'number' || typeof port !== 'number' || !Number.isSafeInteger(pid) || pid <= 0) return 'damaged';
    return Number.isInteger(port) && port >= 0 && port <= 65_535 ? { pid, port, alive: isAlive(pid) } : 'damaged';
  } catch {
    return 'damaged';
  }
}

/** The first bytes of a file, however long it is. */
export function readStart(path: string, bytes: number): string {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const buffer = Buffer.alloc(Math.min(bytes, fstatSync(file).size));
    return buffer.toString('utf8', 0, readSync(file, buffer));
  } finally {
    closeSync(file);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM'; // it is there, and another's
  }
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'internal';
}
