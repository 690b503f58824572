/**
 * `serve`: HTTP in, the durable log, a detector per partition, alerts out; with the embedded log all of it in one process, with Kafka the roles
 * that are asked for. Start-up is the list of steps in `startServer`; stopping runs it backwards. The log's clock is the wall clock, or with
 * `clock: 'events'` the events' own.
 */
import type { Bus } from '../bus/index.ts';
import type { Settings } from '../config/index.ts';
import { createHttpServer, createObserveServer, type HttpServer, type HttpServerOptions, readKeysFile } from '../http/index.ts';
import { type Log, watchLoop } from '../observability/index.ts';
import { alertLine } from './alert-event.ts';
import { keepBundle, removeServing, writeServing } from './data-folder.ts';
import { createIngest, type Ingest, type IngestResult } from './ingest.ts';
import { observeBus } from './observed-bus.ts';
import { openBus, rolesOf } from './open-bus.ts';
import { createProbes } from './probes.ts';
import type { Router } from './router.ts';
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
  const roles = rolesOf(settings);
  const metrics = settings.metrics.enabled ? createServerMetrics(options.version, log) : null;
  const opened = await openBus(settings, options.env);
  const disk = { full: false };
  const broker: BrokerSeen = { awaySinceMs: null };
  const bus = watchedBus(opened, metrics, disk, broker, log);
  const loop = watchLoop({
    stuckMs: 1000 * settings.probes.stuckSeconds,
    stallMs: STALL_MS,
    onStall: (ms) => log.write('warn', 'event_loop_stalled', { ms: Math.round(ms) }),
  });
  let detectors: RunningDetectors | null = null;
  let ingest: Ingest | null = null;
  let router: Router | null = null;
  let closing = false;
  const listeners: HttpServer[] = [];
  const held = () => detectors?.held() ?? [];
  /** Behind a start the log may be further than what was committed of it, and than this process has written. */
  const clocksMs = () => [ingest?.clockMs ?? Number.NEGATIVE_INFINITY, ...held().map(({ state }) => state.clock.clockMs)];
  const stop = async () => {
    closing = true;
    await Promise.all(listeners.map((server) => server.close()));
    await router?.close();
    await ingest?.stop();
    await detectors?.stop();
    loop.stop();
    await bus.close();
    removeServing(dataDir);
  };
  try {
    const wanted = settings.bundle === null ? null : keepBundle(dataDir, settings.bundle).fingerprint;
    if (roles.has('detector')) {
      detectors = await startDetectors(bus, { ...options, hmacKey: opened.hmacKey, metrics });
      const alone = settings.bus.kind === 'embedded';
      await ensureEpoch(bus, { ...options, wanted, held, clocksMs, alone, stopped: () => closing });
    }
    if (roles.has('api') || roles.has('router')) {
      ingest = createIngest({
        bus,
        clock: settings.detector.clock,
        now: Date.now,
        hmacKey: Buffer.from(opened.hmacKey, 'hex'),
        clockMs: Math.max(...clocksMs()),
        maxWaiting: settings.ingest.waitingEvents,
        warn: (code, detail) => log.write('warn', code, detail),
      });
      await ingest.start();
      // Here and not above: the client of Kafka is loaded where there is one.
      const { startRouter } = roles.has('router') ? await import('./router.ts') : { startRouter: null };
      const onTaken = (result: IngestResult) => metrics?.ingested(result);
      router = (await startRouter?.({ ...options, ingest, now: Date.now, onTaken })) ?? null;
    }
    const probes = createProbes({
      bus,
      settings,
      held,
      assigned: () => detectors?.assigned() ?? [],
      brokerAwaySinceMs: () => broker.awaySinceMs,
      routerWaits: () => router?.waits ?? null,
      logClockMs: () => Math.max(...clocksMs()),
      failure: () => detectors?.failure ?? null,
      diskFull: () => disk.full,
      closing: () => closing,
      loop,
      log,
      now: Date.now,
    });
    const now = () => ({
      ingest,
      router,
      rebalances: detectors?.rebalances ?? 0,
      brokerAwayMs: broker.awaySinceMs === null ? 0 : Date.now() - broker.awaySinceMs,
      wallMs: settings.detector.clock === 'wall' ? Date.now() : null,
    });
    const page = metrics === null ? null : () => metrics.page(probes, now());
    const observed = {
      status: () => probes.readiness(),
      health: () => probes.health(),
      keys: settings.http.keysFile === null ? null : readKeysFile(settings.http.keysFile),
      log: httpLog(log),
      onAnswered: answeredBy(log, metrics),
    };
    const listen = async (server: HttpServer) => {
      listeners.push(server);
      return server.listen();
    };
    const observe = ({ host, port }: { readonly host: string; readonly port: number }) =>
      createObserveServer({ ...observed, host, port, metrics: page ?? (async () => NO_METRICS), limits: { drainMs: DRAIN_MS } });
    const api = (taking: Ingest) =>
      createHttpServer({
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
          const epoch = await useModel(bus, clocksMs(), request, dataDir);
          log.write('info', 'model_in_force', { bundle: epoch.bundle, effectiveFromMs: epoch.effectiveFromMs });
          return { ...epoch };
        },
        ...(page === null || settings.metrics.port !== null ? {} : { metrics: page }),
        limits: { ...settings.http.limits, drainMs: DRAIN_MS },
      });
    const own = page === null ? null : settings.metrics.port;
    const metricsPort = own === null ? null : (await listen(observe({ host: settings.metrics.host, port: own }))).port;
    const { port, url } = await listen(roles.has('api') && ingest !== null ? api(ingest) : observe(settings.http));
    writeServing(dataDir, { pid: process.pid, port });
    return { port, url, metricsPort, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const NO_METRICS = { contentType: 'text/plain', text: '' };

/** Since when no broker answers, by the wall clock; null = one does, or there is none. */
interface BrokerSeen {
  awaySinceMs: number | null;
}

/** The log, and who is told of what goes into it. */
function watchedBus(bus: Bus, metrics: ServerMetrics | null, disk: { full: boolean }, broker: BrokerSeen, log: Log): Bus {
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
    brokerAway(away) {
      if (away) log.write('warn', 'broker_away');
      else log.write('info', 'broker_back', { seconds: Math.round((Date.now() - (broker.awaySinceMs ?? Date.now())) / 1000) });
      broker.awaySinceMs = away ? Date.now() : null;
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
