/** The facts of the machine: Node, memory, open files, disks. */
import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { tmpdir, totalmem } from 'node:os';
import { dirname, resolve } from 'node:path';
import type { MachineFacts, NodeFacts, SpaceFacts } from './facts.ts';

export function gatherNode(): NodeFacts {
  return {
    version: process.versions.node,
    platform: process.platform,
    arch: process.arch,
    fromNpm: /[\\/]node_modules[\\/]node-(linux|bin|darwin|win)/.test(process.execPath),
  };
}

export function gatherMachine(dataDir: string): MachineFacts {
  const total = totalmem();
  const allowed = process.constrainedMemory();
  // Without a limit it says 0, or more than there is.
  const memoryIsLimit = allowed > 0 && allowed < total;
  return {
    memoryBytes: memoryIsLimit ? allowed : total,
    memoryIsLimit,
    openFiles: openFileLimit(),
    spaces: [...spaceOf('data', nearest(resolve(dataDir))), ...spaceOf('tmp', tmpdir())],
  };
}

function openFileLimit(): number | null {
  try {
    const found = /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    if (found === undefined) return null;
    return found === 'unlimited' ? Number.MAX_SAFE_INTEGER : Number(found);
  } catch {
    return null;
  }
}

/** The path itself, or the first of its parents that is there. */
export function nearest(path: string): string {
  let at = path;
  while (!existsSync(at) && dirname(at) !== at) at = dirname(at);
  return at;
}

function spaceOf(of: SpaceFacts['of'], path: string): SpaceFacts[] {
  try {
    const { bavail, blocks, bsize, ffree, files } = statfsSync(path);
    return [{ of, path, freeBytes: bavail * bsize, totalBytes: blocks * bsize, freeInodes: files === 0 ? null : ffree }];
  } catch {
    return []; // a path that cannot be entered; the check of the directory says so
  }
}
