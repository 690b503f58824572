/** All facts at one moment. It reads, and changes nothing: beside a running server, on a copy, in a folder that may not be written. */
import type { Facts } from './facts.ts';
import { gatherBundle } from './gather-bundle.ts';
import { gatherDatabase } from './gather-database.ts';
import { gatherDirectory, gatherWriter } from './gather-files.ts';
import { gatherMachine, gatherNode } from './gather-machine.ts';
import { gatherKeys, gatherPort } from './gather-server.ts';

export interface DoctorOptions {
  readonly dataDir: string;
  /** null = the one that the log has in force. */
  readonly bundle: string | null;
  /** null = the one that `serve.json` names, else the one that a server takes by itself. */
  readonly port: number | null;
  readonly keysFile: string | null;
  /** How long bus.db may be read. Default 20 s. */
  readonly limitMs?: number;
}

const DEFAULT_PORT = 8090;
const LIMIT_MS = 20_000;

export async function gatherFacts(options: DoctorOptions): Promise<Facts> {
  const { dataDir } = options;
  const directory = gatherDirectory(dataDir);
  const files = directory.kind === 'directory' ? directory.files : [];
  const writer = gatherWriter(dataDir, files);
  // Only plain files are read: behind a link is another's log, and another's lock.
  const plain = ['bus.db', 'bus.db-wal', 'bus.db-shm'].every(
    (name) => (files.find((file) => file.name === name)?.kind ?? 'file') === 'file',
  );
  const isThere = files.some(({ name }) => name === 'bus.db');
  const database = plain && isThere ? await gatherDatabase(dataDir, writer.lock, options.limitMs ?? LIMIT_MS) : null;
  const own = typeof writer.serving === 'object' && writer.serving.alive ? writer.serving.port : null;
  return {
    nowMs: Date.now(),
    dataDir,
    processUid: process.getuid?.() ?? null,
    node: gatherNode(),
    machine: gatherMachine(dataDir),
    directory,
    writer,
    database,
    bundle: gatherBundle(dataDir, options.bundle, database),
    port: await gatherPort(options.port ?? own ?? DEFAULT_PORT),
    keys: options.keysFile === null ? null : gatherKeys(options.keysFile),
  };
}
