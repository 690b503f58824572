/**
 * `serve`: everything in one process: HTTP in, the durable log, a detector per partition, alerts out. Start-up is the list of steps in
 * `startServer`; stopping runs it backwards. The log's clock is the wall clock, or with `clock: 'events'` the events' own.
 */
import { type Bus, openEmbeddedBus } from '../bus/index.ts';
import type { Settings } from '../config/index.ts';
import { createHttpServer, createObserveServer, type HttpServer, type HttpServerOptions, readKeysFile } from '../http/index.ts';
import { type Log, watchLoop } from '../observability/index.ts';
import { alertLine } from './alert-event.ts';
import { keepBundle, removeServing, writeServing } from './data-folder.ts';
import { createIngest, type Ingest } from './ingest.ts';
import { observeBus } from './observed-bus.ts';
import { createProbes } from './probes.ts';
import { type RunningDetectors, startDetectors } from './serve-detectors.ts';
import { ensureEpoch, useModel } from './serve-models.ts';
import { alertLabels, createServerMetrics, type ServerMetrics } from './server-metrics.ts';

export interface ServeOptions {
  readonly settings: Settings;
  /** null = the bundle's own operating point. */
  readonly threshold: number | null;
  readonly version: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
  /** Called when a detector stops: the process should end with this error. */
  readonly onFailure: (error: unknown) => void;
}

export interface RunningServer {
  readonly port: number;
  readonly url: string;
  /** Where probes and metrics listen, when they have a port of their own. */
  readonly metricsPort: number | null;
  /** Stops within two seconds: no new requests, the batch under way is committed, the log is closed. */
  stop(): Promise<void>;
}

const DRAIN_MS = 1000;
/** A turn of the event loop that is worth a line. */
const STALL_MS = 1000;

export async function startServer(options: ServeOptions): Promise<RunningServer> {
  const { settings, log } = options;
  const { dataDir } = settings;
  const metrics = settings.metrics.enabled ? createServerMetrics(options.version, log) : null;
  const { lingerMs, idCount, idAgeMs } = settings.bus;
  const archive = { archiveDays: settings.archive.days, archiveBytes: settings.archive.bytes };
  const opened = await openEmbeddedBus({ dataDir, partitions: settings.detector.partitions, lingerMs, idCount, idAgeMs, ...archive });
  const disk = { full: false };
  const bus = watchedBus(opened, metrics, disk, log);
  const loop = watchLoop({
    stuckMs: 1000 * settings.probes.stuckSeconds,
    stallMs: STALL_MS,
    onStall: (ms) => log.write('warn', 'event_loop_stalled', { ms: Math.round(ms) }),
  });
  let running: RunningDetectors | null = null;
  let ingest: Ingest | null = null;
  let closing = false;
  const listeners: HttpServer[] = [];
  const stop = async () => {
    closing = true;
    await Promise.all(listeners.map((server) => server.close()));
    await ingest?.stop();
    await running?.stop();
    loop.stop();
    await bus.close();
    removeServing(dataDir);
  };
  try {
    const wanted = settings.bundle === null ? null : keepBundle(dataDir, settings.bundle).fingerprint;
    const detectors = await startDetectors(bus, { ...options, hmacKey: opened.hmacKey, metrics });
    running = detectors;
    await ensureEpoch(bus, detectors.detectors, wanted, options);
    const states = detectors.detectors.map(({ state }) => state);
    const taking = createIngest({
      bus,
      clock: settings.detector.clock,
      now: Date.now,
      hmacKey: Buffer.from(opened.hmacKey, 'hex'),
      clockMs: Math.max(...states.map(({ clock }) => clock.clockMs)),
      maxWaiting: settings.ingest.waitingEvents,
      warn: (code, detail) => log.write('warn', code, detail),
    });
    ingest = taking;
    await taking.start();
    const probes = createProbes({
      bus,
      settings,
      partitions: states,
      // Behind a start the log may be further than what was committed of it, and than this process has written.
      logClockMs: () => Math.max(taking.clockMs, ...states.map(({ clock }) => clock.clockMs)),
      failure: () => detectors.failure,
      diskFull: () => disk.full,
      closing: () => closing,
      loop,
      log,
      now: Date.now,
    });
    const wallMs = () => (settings.detector.clock === 'wall' ? Date.now() : null);
    const page = metrics === null ? null : () => metrics.page(probes, taking, wallMs());
    const observed = {
      status: () => probes.readiness(),
      health: () => probes.health(),
      keys: settings.http.keysFile === null ? null : readKeysFile(settings.http.keysFile),
      log: httpLog(log),
      onAnswered: answeredBy(log, metrics),
    };
    const ownPort = page === null ? null : settings.metrics.port;
    const http = createHttpServer({
      ...observed,
      host: settings.http.host,
      port: settings.http.port,
      ingest: async (texts, tenant, call) => {
        const result = await taking.ingest(texts, tenant, call);
        metrics?.ingested(result);
        return result;
      },
      alerts: (after, page) => bus.alerts(after, page),
      alertLine,
      control: async (request) => {
        const epoch = await useModel(bus, [...states.map(({ clock }) => clock.clockMs), taking.clockMs], request, dataDir);
        log.write('info', 'model_in_force', { bundle: epoch.bundle, effectiveFromMs: epoch.effectiveFromMs });
        return { ...epoch };
      },
      ...(page === null || ownPort !== null ? {} : { metrics: page }),
      limits: { ...settings.http.limits, drainMs: DRAIN_MS },
    });
    listeners.push(http);
    let metricsPort: number | null = null;
    if (page !== null && ownPort !== null) {
      const observe = createObserveServer({
        ...observed,
        host: settings.metrics.host,
        port: ownPort,
        metrics: page,
        limits: { drainMs: DRAIN_MS },
      });
      listeners.push(observe);
      metricsPort = (await observe.listen()).port;
    }
    const { port, url } = await http.listen();
    writeServing(dataDir, { pid: process.pid, port });
    return { port, url, metricsPort, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The log, and who is told of what goes into it. */
function watchedBus(bus: Bus, metrics: ServerMetrics | null, disk: { full: boolean }, log: Log): Bus {
  return observeBus(bus, {
    appended: (entries) => metrics?.appended(entries),
    committed(partition, commit, seconds) {
      metrics?.committed(commit, seconds);
      if (log.enabled('trace'))
        log.write('trace', 'committed', { partition, next: commit.next, agents: commit.state.length, ms: Math.round(1000 * seconds) });
      if (!log.enabled('debug')) return;
      for (const { id, revision, body } of commit.out.alerts)
        log.write('debug', 'alert', { partition, id, revision, ...alertLabels(body) });
    },
    diskFull(full) {
      disk.full = full;
      log.write(full ? 'error' : 'info', full ? 'disk_full' : 'disk_freed');
    },
  });
}

function httpLog(log: Log): NonNullable<HttpServerOptions['log']> {
  return ({ level, code, detail }) => {
    if (code === 'request_failed') log.write(level, code, detail);
  };
}

function answeredBy(log: Log, metrics: ServerMetrics | null): NonNullable<HttpServerOptions['onAnswered']> {
  return (answered) => {
    metrics?.request(answered);
    if (!log.enabled('debug')) return;
    const { method, route, status, seconds } = answered;
    log.write('debug', 'request', { method, route, status, ms: seconds === null ? null : Math.round(10_000 * seconds) / 10 });
  };
}
