/** `serve` on a full log, killed again and again, looked at after each death, and brought to its end. */
import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { openEmbeddedReader } from '../../packages/optikal/src/bus/index.ts';
import type { Failpoint } from '../../packages/optikal/src/observability/failpoint.ts';
import { verifyDataDir } from '../../packages/optikal/src/services/verify.ts';
import { committed, differences, type PlacedAlert } from './prepared-log.ts';
import { caughtUp, pause, startServe, stopServe } from './serve-process.ts';

/** Where to kill: at the n-th pass through a failpoint, or so long after the server is ready. */
export type Kill = { readonly failpoint: Failpoint; readonly pass: number } | { readonly afterMs: number };

export interface Death {
  readonly kill: Kill;
  /** False = the process came to the end of the log before its time. */
  readonly died: boolean;
  /** A batch was processed and not committed. What died in the middle of a batch is not seen, so the true share is higher. */
  readonly lostWork: boolean;
  readonly wrong: readonly string[];
}

export interface ChainOptions {
  readonly dataDir: string;
  readonly partitions: number;
  readonly reference: readonly PlacedAlert[];
  readonly env?: Readonly<Record<string, string>>;
}

export async function killOnce({ dataDir, partitions, reference, env = {} }: ChainOptions, kill: Kill): Promise<Death> {
  const trace = join(dataDir, '..', `${dataDir.split('/').at(-1)}.trace`);
  const serving = startServe(dataDir, ['--partitions', `${partitions}`], {
    ...env,
    OPTIKAL_TRACE_PROCESSED: trace,
    ...('failpoint' in kill ? { OPTIKAL_FAILPOINT: `${kill.failpoint}:${kill.pass}` } : {}),
  });
  if ('afterMs' in kill) {
    await serving.ready;
    await pause(kill.afterMs);
    serving.child.kill('SIGKILL');
  } else await Promise.race([serving.exit, caughtUp(serving, dataDir).catch(() => {})]);
  if (serving.child.exitCode === null && serving.child.signalCode === null) serving.child.kill('SIGKILL');
  const { signal, code } = await serving.exit;
  if (signal === null) throw new Error(`serve ended by itself with ${code}: ${serving.stderr()}`);
  const reader = openEmbeddedReader(dataDir);
  const nexts = committed(reader);
  const ends = reader.partitionStates().map(({ end }) => end);
  reader.close();
  const processed = existsSync(trace) ? readTrace(trace, partitions) : [];
  return {
    kill,
    died: nexts.some((next, partition) => next < ends[partition]),
    lostWork: nexts.some((next, partition) => (processed[partition] ?? 0) > next),
    wrong: differences(dataDir, reference),
  };
}

/** Runs undisturbed to the end of the log; what is wrong then, `verify` included. */
export async function finish({ dataDir, partitions, reference, env = {} }: ChainOptions): Promise<string[]> {
  const serving = startServe(dataDir, ['--partitions', `${partitions}`], env);
  // A log that is done already is caught up before the server can be told to stop.
  await serving.ready;
  await caughtUp(serving, dataDir);
  const { code } = await stopServe(serving);
  const { equal } = await verifyDataDir(dataDir);
  return [
    ...differences(dataDir, reference),
    ...(code === 0 ? [] : [`serve stopped with ${code}: ${serving.stderr()}`]),
    ...(equal ? [] : ['verify differs']),
  ];
}

/** How far each partition was processed, as `serve` wrote it for OPTIKAL_TRACE_PROCESSED. */
export function readTrace(path: string, partitions: number): number[] {
  const bytes = Buffer.alloc(8 * partitions);
  const file = openSync(path, 'r');
  readSync(file, bytes, 0, bytes.length, 0);
  closeSync(file);
  return Array.from({ length: partitions }, (_, partition) => bytes.readDoubleLE(8 * partition));
}

/** Works through tasks, `width` at a time. */
export async function inParallel<T>(tasks: readonly (() => Promise<T>)[], width: number): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  await Promise.all(
    Array.from({ length: width }, async () => {
      while (next < tasks.length) {
        const mine = next++;
        results[mine] = await tasks[mine]();
      }
    }),
  );
  return results;
}
