/**
 * `serve`: everything in one process: HTTP in, the durable log, a detector per partition, alerts out. Start-up is the list of steps in
 * `startServer`; stopping runs it backwards. The log's clock is the wall clock, or with `clock: 'events'` the events' own.
 */
import { type EmbeddedBus, openEmbeddedBus } from '../bus/index.ts';
import { createHttpServer, type HttpServer, type ModelsRequest, readKeysFile } from '../http/index.ts';
import { alertLine } from './alert-event.ts';
import { keepBundle, keptBundle, removeServing, writeServing } from './data-folder.ts';
import { createDetector, type Detector, runDetector } from './detector.ts';
import { appendEpoch, FIRST_EPOCH_MS, modelEpoch, nextEpochMs } from './epochs.ts';
import { ServiceError } from './errors.ts';
import { createIngest, type Ingest } from './ingest.ts';
import { createModelStore } from './model-store.ts';
import { mutated } from './mutants.ts';

export interface ServeOptions {
  readonly dataDir: string;
  /** Folder of the bundle to put into force; null = the log's last one. */
  readonly bundle: string | null;
  /** null = the bundle's own operating point. */
  readonly threshold: number | null;
  readonly host: string;
  readonly port: number;
  readonly partitions: number;
  readonly clock: 'wall' | 'events';
  readonly keysFile: string | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly warn: (code: string, detail: Readonly<Record<string, unknown>>) => void;
  /** Called when a detector stops: the process should end with this error. */
  readonly onFailure: (error: unknown) => void;
}

export interface RunningServer {
  readonly port: number;
  readonly url: string;
  /** Stops within two seconds: no new requests, the batch under way is committed, the log is closed. */
  stop(): Promise<void>;
}

const DRAIN_MS = 1000;

export async function startServer(options: ServeOptions): Promise<RunningServer> {
  const bus = await openEmbeddedBus({ dataDir: options.dataDir, partitions: options.partitions });
  let running: Running | null = null;
  let http: HttpServer | null = null;
  let ingest: Ingest | null = null;
  const stop = async () => {
    await http?.close();
    await ingest?.stop();
    await running?.stop();
    await bus.close();
    removeServing(options.dataDir);
  };
  try {
    const wanted = options.bundle === null ? null : keepBundle(options.dataDir, options.bundle).fingerprint;
    running = await startDetectors(bus, options);
    await ensureEpoch(bus, running.detectors, wanted, options);
    ingest = createIngest({
      bus,
      clock: options.clock,
      now: Date.now,
      hmacKey: Buffer.from(bus.hmacKey, 'hex'),
      clockMs: Math.max(...running.detectors.map(({ state }) => state.clock.clockMs)),
      warn: options.warn,
    });
    await ingest.start();
    const taking = ingest;
    http = createHttpServer({
      host: options.host,
      port: options.port,
      ingest: (texts, tenant, call) => taking.ingest(texts, tenant, call),
      alerts: (after, page) => bus.alerts(after, page),
      alertLine,
      status: () => running!.readiness(),
      control: (request) =>
        useModel(bus, [...running!.detectors.map(({ state }) => state.clock.clockMs), taking.clockMs], request, options.dataDir),
      keys: options.keysFile === null ? null : readKeysFile(options.keysFile),
      limits: { drainMs: DRAIN_MS },
      log: ({ level, code, detail }) => {
        if (level !== 'info') options.warn(code, detail);
      },
    });
    const { port, url } = await http.listen();
    writeServing(options.dataDir, { pid: process.pid, port });
    return { port, url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Running {
  readonly detectors: readonly Detector[];
  readiness(): { readonly ready: boolean; readonly reasons: readonly string[] };
  stop(): Promise<void>;
}

async function startDetectors(bus: EmbeddedBus, options: ServeOptions): Promise<Running> {
  const models = createModelStore(
    mutated({ load: (sha) => keptBundle(options.dataDir, sha), hmacKey: Buffer.from(bus.hmacKey, 'hex') }, options.env.OPTIKAL_MUTANT),
  );
  const traced = options.env.OPTIKAL_TRACE_PROCESSED === undefined ? undefined : await tracer(options.env.OPTIKAL_TRACE_PROCESSED);
  const detectors = await Promise.all(
    Array.from({ length: options.partitions }, (_, partition) =>
      createDetector({
        bus,
        partition,
        models,
        ...(traced === undefined ? {} : { onProcessed: (next: number) => traced(partition, next) }),
      }),
    ),
  );
  let stopping = false;
  let failed = false;
  const loops = detectors.map((detector) =>
    runDetector(detector, () => stopping).catch((error: unknown) => {
      failed = true;
      if (!stopping) options.onFailure(error);
    }),
  );
  return {
    detectors,
    readiness: () => ({ ready: !failed, reasons: failed ? ['partition_stopped'] : [] }),
    stop: async () => {
      stopping = true;
      await Promise.all(loops);
    },
  };
}

/** Puts the wanted bundle into force, unless it is already; a log without any model needs one. */
async function ensureEpoch(bus: EmbeddedBus, detectors: readonly Detector[], wanted: string | null, options: ServeOptions): Promise<void> {
  const positions = await bus.positions();
  const fresh = positions.every(({ end }) => end === 0);
  if (fresh) {
    if (wanted === null) throw new ServiceError('no_model', 'expected --bundle: the data directory has no model yet');
    return appendEpoch(bus, modelEpoch(wanted, options.threshold, FIRST_EPOCH_MS));
  }
  if (wanted === null) return;
  // A log is known to its end only once the detectors are there; serving need not wait for that.
  void (async () => {
    await caughtUp(bus);
    const { clock } = detectors[0]!.state;
    const last = clock.epochs.at(-1);
    if (last?.bundle === wanted && last.threshold === options.threshold) return;
    await appendEpoch(bus, modelEpoch(wanted, options.threshold, last === undefined ? FIRST_EPOCH_MS : nextEpochMs(clock.clockMs)));
  })().catch(options.onFailure);
}

async function caughtUp(bus: EmbeddedBus): Promise<void> {
  while ((await bus.positions()).some(({ next, end }) => next < end)) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** `models use` while the server runs. */
async function useModel(
  bus: EmbeddedBus,
  clocksMs: readonly number[],
  request: ModelsRequest,
  dataDir: string,
): Promise<Record<string, unknown>> {
  const fingerprint = /^[0-9a-f]{64}$/.test(request.bundle)
    ? keptBundle(dataDir, request.bundle).fingerprint
    : keepBundle(dataDir, request.bundle).fingerprint;
  // The log's own clock too: behind it, the detectors may have looked early at windows with the model that was in force.
  const earliest = nextEpochMs(Math.max(...clocksMs));
  const epoch = modelEpoch(fingerprint, request.threshold ?? null, Math.max(earliest, request.effectiveFromMs ?? earliest));
  await appendEpoch(bus, epoch);
  return { ...epoch };
}

/** Where the crash tests see how far a batch got before its commit: 8 bytes a partition, written in place. */
async function tracer(path: string): Promise<(partition: number, next: number) => void> {
  const { openSync, writeSync } = await import('node:fs');
  const file = openSync(path, 'w');
  const bytes = Buffer.alloc(8);
  return (partition, next) => {
    bytes.writeDoubleLE(next);
    writeSync(file, bytes, 0, 8, 8 * partition);
  };
}
