/** `optikal serve` under watch: a data directory whose id index is full, the process, and what can be seen of it from outside each second. */
import { appendFileSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Event } from '@optikal/contracts';
import type { BusReader, LogEntry } from '../../packages/optikal/src/bus/contract.ts';
import { ID_LIMITS } from '../../packages/optikal/src/bus/id-index.ts';
import { openEmbeddedBus, openEmbeddedReader } from '../../packages/optikal/src/bus/index.ts';
import { keepBundle } from '../../packages/optikal/src/services/data-folder.ts';
import { appendEpoch, FIRST_EPOCH_MS, modelEpoch } from '../../packages/optikal/src/services/epochs.ts';
import { type Served, startServe } from '../../test/support/serve-process.ts';
import type { Probe } from './serve-probe.ts';

const APPENDED_AT_ONCE = 8192;
const MB = 2 ** 20;
/**
 * As docs/operations.md advises for a fleet of this size. V8 gives pages of its heap back late or not at all, so that resident memory is that of
 * the largest heap so far; without a limit the heap grows to a multiple of what lives in it, and the largest one comes after hours.
 */
const MEMORY_FLAGS = '--max-semi-space-size=16 --max-old-space-size=192';

/** One second of the soak. */
export interface Sample extends Probe {
  readonly openFiles: number;
  readonly databaseMb: number;
  readonly walMb: number;
  readonly lag: number;
}

/**
 * A model in force and as many known ids as the index ever holds, so that its filling (88 MB, once) is no part of what is measured: late events
 * of one agent, which change nothing.
 */
export async function prepareDataDir(
  dataDir: string,
  model: { readonly folder: string; readonly fingerprint: string; readonly threshold: number },
): Promise<void> {
  const nowMs = Math.floor(Date.now() / 1000) * 1000;
  const timeMs = nowMs - 900_000;
  const event = (n: number): LogEntry => ({ kind: 'event', event: early(n, timeMs) });
  const bus = await openEmbeddedBus({ dataDir, partitions: 1 });
  try {
    keepBundle(dataDir, model.folder);
    await appendEpoch(bus, modelEpoch(model.fingerprint, model.threshold, FIRST_EPOCH_MS));
    await bus.append([{ kind: 'tick', timeMs: nowMs - 600_000 }, event(0), { kind: 'tick', timeMs: nowMs - 60_000 }]);
    for (let at = 1; at < ID_LIMITS.idCount; at += APPENDED_AT_ONCE) {
      const count = Math.min(APPENDED_AT_ONCE, ID_LIMITS.idCount - at);
      await bus.append(Array.from({ length: count }, (_, n) => event(at + n)));
    }
  } finally {
    await bus.close();
  }
}

function early(n: number, timeMs: number): Event {
  return {
    id: `early-${n}`,
    source: '/bench/early',
    type: 'argus.agent.lifecycle.v1',
    tenant: 'default',
    agent: 'early',
    timeMs,
    session: null,
    task: null,
    correlation: null,
    sequence: null,
    data: { kind: 'retire' },
  };
}

export class WatchedServer {
  readonly served: Served;
  readonly url: string;
  private readonly dataDir: string;
  private readonly probeFile: string;
  private readonly samplesFile: string;
  private readonly reader: BusReader;
  readonly samples: Sample[] = [];

  private constructor(served: Served, port: number, dataDir: string, files: { probe: string; samples: string }) {
    this.served = served;
    this.url = `http://127.0.0.1:${port}`;
    this.dataDir = dataDir;
    this.probeFile = files.probe;
    this.samplesFile = files.samples;
    this.reader = openEmbeddedReader(dataDir);
  }

  static async start(dataDir: string, files: { probe: string; samples: string }): Promise<WatchedServer> {
    const served = startServe(dataDir, ['--clock', 'wall'], {
      NODE_OPTIONS: `${MEMORY_FLAGS} --import=${new URL('./serve-probe.ts', import.meta.url).href}`,
      OPTIKAL_BENCH_PROBE: files.probe,
    });
    const port = await served.ready;
    if (port === null) throw new Error(`serve ended: ${served.stderr()}`);
    return new WatchedServer(served, port, dataDir, files);
  }

  /** Records that wait for the detector. */
  lag(): number {
    return this.reader.partitionStates().reduce((sum, { end, next }) => sum + end - next, 0);
  }

  async caughtUp(): Promise<void> {
    while (this.lag() > 0) await sleep(250);
  }

  /** Adds what is seen now; the process's own word is at most a second old. */
  sample(): void {
    if (this.served.child.exitCode !== null) throw new Error(`serve ended: ${this.served.stderr()}`);
    const probe = lastLine(this.probeFile);
    if (probe === null) return;
    const sample: Sample = {
      ...(JSON.parse(probe) as Probe), // written by serve-probe.ts
      openFiles: readdirSync(`/proc/${this.served.child.pid}/fd`).length,
      databaseMb: statSync(join(this.dataDir, 'bus.db')).size / MB,
      walMb: statSync(join(this.dataDir, 'bus.db-wal')).size / MB,
      lag: this.lag(),
    };
    this.samples.push(sample);
    appendFileSync(this.samplesFile, `${JSON.stringify(sample)}\n`);
  }

  /** The counters of the detector, as committed. */
  counters(): Record<string, number> {
    const [{ partitionState }] = this.reader.partitionStates();
    return (JSON.parse(partitionState!) as { counters: Record<string, number> }).counters; // written by encodePartition, after a first commit
  }

  async stop(): Promise<void> {
    this.reader.close();
    this.served.child.kill('SIGTERM');
    const { code } = await this.served.exit;
    if (code !== 0) throw new Error(`serve stopped with ${code}: ${this.served.stderr()}`);
  }
}

function lastLine(path: string): string | null {
  return existsSync(path) ? (readFileSync(path, 'utf8').trimEnd().split('\n').at(-1) ?? null) : null;
}
