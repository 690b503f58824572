/**
 * The streaming path as `serve` wires it (ingest → bus → detector, one thread beside the bus's own), with everything measured that the
 * benches ask for. Slices of traffic are made outside the timer; a slice counts until the detector has committed its last record.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Bus } from '../../packages/optikal/src/bus/contract.ts';
import { openEmbeddedBus } from '../../packages/optikal/src/bus/index.ts';
import { openMemoryBus } from '../../packages/optikal/src/bus/memory.ts';
import type { Bundle } from '../../packages/optikal/src/detection/ensemble/bundle.ts';
import type { Counters, PartitionState } from '../../packages/optikal/src/detection/partition.ts';
import { demoBundle } from '../../packages/optikal/src/services/demo-bundle.ts';
import { createDetector, runDetector } from '../../packages/optikal/src/services/detector.ts';
import { appendEpoch, FIRST_EPOCH_MS, modelEpoch } from '../../packages/optikal/src/services/epochs.ts';
import { createIngest } from '../../packages/optikal/src/services/ingest.ts';
import { createModelStore, type ModelStore } from '../../packages/optikal/src/services/model-store.ts';
import { quantileOf } from './rows.ts';
import { createTraffic, TRAFFIC_START_MS, type TrafficOptions } from './traffic.ts';

/** A bus of its own for one run, and how it ends. */
export type OpenBus = (partitions: number) => Promise<{ readonly bus: Bus; readonly end: () => Promise<void> }>;

export interface PipelineOptions extends TrafficOptions {
  readonly open: OpenBus;
  readonly bundle: Bundle;
  /** null = the bundle's own. */
  readonly threshold: number | null;
  readonly logSeconds: number;
  readonly sliceSeconds: number;
  /** Called with the margin of each scored window. */
  readonly onMargin?: (margin: number) => void;
}

export interface PipelineRun {
  readonly records: number;
  /** Wall and processor seconds of all slices together. */
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  /** A window that closes, ms: sorted, analysed, judged; not the turns that the event loop has between two windows. */
  readonly windowMs: readonly number[];
  /** Longest time between two turns of the event loop; and the processor time of this thread in its longest, which other programs do not lengthen. */
  readonly stallMs: number;
  readonly turnCpuMs: number;
  readonly rssMb: number;
  /** After each slice. */
  readonly memory: readonly { readonly records: number; readonly rssMb: number }[];
  readonly counters: Counters;
  readonly stateBytes: readonly number[];
}

const CALL_MESSAGES = 100;
const CALLS_UNDER_WAY = 8;

export async function benchBundle(): Promise<Bundle> {
  return (await demoBundle('bench', process.env)).bundle;
}

/** The threshold at which this share of the bench's own windows alerts. */
export async function thresholdFor(bundle: Bundle, share: number, traffic: TrafficOptions): Promise<number> {
  const margins: number[] = [];
  const sample = { ...traffic, agents: 2000, logSeconds: 130, sliceSeconds: 10 };
  await runPipeline({ ...sample, open: inMemory, bundle, threshold: null, onMargin: (margin) => margins.push(margin) });
  return quantileOf(margins, 1 - share);
}

export const inMemory: OpenBus = async (partitions) => {
  const bus = openMemoryBus({ partitions });
  return { bus, end: () => bus.close() };
};

export const embedded: OpenBus = async (partitions) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'optikal-bench-'));
  const bus = await openEmbeddedBus({ dataDir, partitions });
  return {
    bus,
    end: async () => {
      await bus.close();
      rmSync(dataDir, { recursive: true });
    },
  };
};

export async function runPipeline(options: PipelineOptions): Promise<PipelineRun> {
  const { bus, end } = await options.open(1);
  try {
    return await measure(bus, options);
  } finally {
    await end();
  }
}

async function measure(bus: Bus, options: PipelineOptions): Promise<PipelineRun> {
  const windowMs: number[] = [];
  let openedAt = Number.NaN;
  const store = createModelStore({
    load: () => options.bundle,
    hmacKey: new Uint8Array(32),
    onClosed: (_state, _window, _analysis, judgement) => {
      windowMs.push(performance.now() - openedAt);
      if (judgement !== null) options.onMargin?.(judgement.margin);
    },
  });
  // The last thing that is asked for before a window is looked at is its model.
  const models: ModelStore = {
    ...store,
    of: (epoch) => {
      openedAt = performance.now();
      return store.of(epoch);
    },
  };
  let state: PartitionState | null = null;
  let processed = 0;
  const detector = await createDetector({
    bus,
    partition: 0,
    models,
    onCommit: (committed, next) => {
      state = committed;
      processed = next;
    },
  });
  await appendEpoch(bus, modelEpoch(options.bundle.fingerprint, options.threshold, FIRST_EPOCH_MS));
  const ingest = createIngest({ bus, clock: 'events', now: Date.now, hmacKey: new Uint8Array(32) });
  let stopped = false;
  const running = runDetector(detector, () => stopped);
  const traffic = createTraffic(options);
  const caughtUp = async () => {
    const [{ end }] = await bus.positions();
    while (processed < end) await new Promise((resolve) => setTimeout(resolve, 1));
  };
  const push = async (texts: readonly string[]) => {
    let at = 0;
    await Promise.all(
      Array.from({ length: CALLS_UNDER_WAY }, async () => {
        while (at < texts.length) {
          const mine = texts.slice(at, at + CALL_MESSAGES);
          at += CALL_MESSAGES;
          const { accepted } = await ingest.ingest(mine);
          if (accepted !== mine.length) throw new Error(`expected ${mine.length} accepted messages, found ${accepted}`);
        }
      }),
    );
    await caughtUp();
  };

  await push(traffic.registers());
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const turns = watchTurns();
  let records = 0;
  let wallMs = 0;
  let cpuMicros = 0;
  let stallMs = 0;
  let rssMb = 0;
  const memory: { records: number; rssMb: number }[] = [];
  for (let second = 0; second < options.logSeconds; second += options.sliceSeconds) {
    const fromMs = TRAFFIC_START_MS + 1000 * second;
    const texts = traffic.slice(fromMs, fromMs + 1000 * options.sliceSeconds);
    await new Promise((resolve) => setTimeout(resolve, 20)); // what making them held up is over
    delay.reset();
    delay.enable();
    turns.resume();
    const [startMs, startCpu] = [performance.now(), process.cpuUsage()];
    await push(texts);
    const cpu = process.cpuUsage(startCpu);
    wallMs += performance.now() - startMs;
    cpuMicros += cpu.user + cpu.system;
    delay.disable();
    turns.pause();
    stallMs = Math.max(stallMs, delay.max / 1e6);
    const nowMb = process.memoryUsage.rss() / 2 ** 20;
    rssMb = Math.max(rssMb, nowMb);
    records += texts.length;
    memory.push({ records, rssMb: nowMb });
    if (process.env.BENCH_TRACE !== undefined)
      console.error(
        second,
        texts.length,
        Math.round(performance.now() - startMs),
        Math.round((cpu.user + cpu.system) / 1000),
        Math.round(delay.max / 1e6),
        Math.round(rssMb),
      );
  }
  stopped = true;
  await running;
  const stateBytes = await stateSizes(bus, state!);
  return {
    records,
    wallSeconds: wallMs / 1000,
    cpuSeconds: cpuMicros / 1e6,
    windowMs,
    stallMs,
    turnCpuMs: turns.longestMs,
    rssMb,
    memory,
    counters: { ...detector.state.counters },
    stateBytes,
  };
}

/** Processor time of the event loop's own thread between two looks, a millisecond or one turn apart. */
function watchTurns(): { resume(): void; pause(): void; readonly longestMs: number } {
  let timer: NodeJS.Timeout | undefined;
  let longestMs = 0;
  let before = process.threadCpuUsage();
  const look = () => {
    const { user, system } = process.threadCpuUsage(before);
    longestMs = Math.max(longestMs, (user + system) / 1000);
    rest();
  };
  const rest = () => {
    before = process.threadCpuUsage();
    timer = setTimeout(look, 1);
  };
  return {
    resume: rest,
    pause: () => clearTimeout(timer),
    get longestMs() {
      return longestMs;
    },
  };
}

/** Bytes of the stored state of the first agents, as the bus holds them. */
async function stateSizes(bus: Bus, state: PartitionState): Promise<number[]> {
  const keys = [...state.agents.keys()].slice(0, 1000);
  const bodies = await bus.loadState(await bus.lease(0), keys);
  return [...bodies.values()].map((body) => Buffer.byteLength(body));
}
