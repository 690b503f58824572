/**
 * What Prometheus is told. One registry a server, names `optikal_…` with their unit at the end. Labels come from closed lists, and what is in no
 * list is `other`: nobody who sends something can make a new series. No agent, no tenant, no content. What the log knows (late, windows) goes
 * on over restarts; the rest counts from the start of the process.
 */
import { EVENT_ERRORS, SEVERITIES, THREATS } from '@optikal/contracts';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export interface PartitionReading {
  readonly partition: number;
  readonly lagRecords: number;
  /** Log clock at the end of the log minus that of the detector; null = there is none yet. */
  readonly lagSeconds: number | null;
  readonly clockMs: number | null;
  readonly openWindows: number;
  readonly late: number;
  readonly windows: number;
  readonly scored: number;
}

/** The state of a server at the moment of a scrape. */
export interface ServerReading {
  readonly partitions: readonly PartitionReading[];
  /** How often the group shared the partitions out anew. */
  readonly rebalances: number;
  /** How long no broker has answered; 0 = one does, or there is none. */
  readonly brokerAwaySeconds: number;
  /** What the router took from the public topics; null = this process is none. */
  readonly router: { readonly messages: number; readonly refused: number; readonly waiting: number } | null;
  /** Wall clock; null = the log's clock is the events' own, and cannot be compared with it. */
  readonly wallMs: number | null;
  readonly waitingEvents: number;
  readonly unknownFields: number;
  readonly databaseBytes: number;
  readonly walBytes: number;
  readonly freeBytes: number | null;
  readonly ready: boolean;
  /** Fingerprint of the bundle in force. */
  readonly bundle: string | null;
  readonly logLinesDropped: number;
}

export interface PublishedAlert {
  readonly revision: number;
  readonly severity: string;
  readonly threatType: string;
  readonly decision: string;
}

export interface Metrics {
  readonly contentType: string;
  events(taken: { readonly accepted: number; readonly duplicates: number; readonly refusedCodes: readonly string[] }): void;
  deadLetters(codes: readonly string[]): void;
  alert(alert: PublishedAlert): void;
  windowScored(seconds: number): void;
  committed(seconds: number): void;
  request(answered: { readonly route: string; readonly status: number; readonly seconds: number | null }): void;
  text(reading: ServerReading): Promise<string>;
  /** Name, kind, labels and meaning of each metric. */
  describe(): readonly { readonly name: string; readonly kind: string; readonly labels: readonly string[]; readonly means: string }[];
}

export interface MetricsOptions {
  readonly version: string;
  /** The routes that may be label values. */
  readonly routes: readonly string[];
}

const OTHER = 'other';
const LOOP_PRECISION_MS = 20;
const SCORING_SECONDS = [0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25];
const COMMIT_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5];
const REQUEST_SECONDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30];
const DECISIONS = ['alert', 'withdrawn'];

export function createMetrics({ version, routes }: MetricsOptions): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'optikal_', eventLoopMonitoringPrecision: LOOP_PRECISION_MS });
  const registers = [registry];
  const counter = (name: string, help: string, labelNames: string[] = []) => new Counter({ name, help, labelNames, registers });
  const gauge = (name: string, help: string, labelNames: string[] = []) => new Gauge({ name, help, labelNames, registers });
  const histogram = (name: string, help: string, buckets: number[], labelNames: string[] = []) =>
    new Histogram({ name, help, buckets, labelNames, registers });

  const events = counter('optikal_events_total', 'events that came, by what became of them: accepted, duplicate, refused', ['outcome']);
  const refused = counter('optikal_events_refused_total', 'events that were refused at the border, by code', ['code']);
  const letters = counter('optikal_dead_letters_total', 'dead letters, by code: refused at the border or behind the log', ['code']);
  const late = counter('optikal_events_late_total', 'events whose window had closed; counted and kept, they change nothing');
  const alerts = counter(
    'optikal_alerts_total',
    'alerts that were published; `stage` early = the look at an open window, final = its last',
    ['severity', 'threat', 'decision', 'stage'],
  );
  const windows = counter('optikal_windows_closed_total', 'windows that closed');
  const scored = counter('optikal_windows_scored_total', 'windows that closed and were judged by a model');
  const scoring = histogram('optikal_window_scoring_duration_seconds', 'time to analyse and judge a window that closes', SCORING_SECONDS);
  const commits = histogram('optikal_commit_duration_seconds', 'time to make a batch of the detector durable', COMMIT_SECONDS);
  const lagRecords = gauge('optikal_lag_records', 'records of the log that the detector has not committed', ['partition']);
  const lagSeconds = gauge('optikal_lag_seconds', 'log clock at the end of the log minus log clock of the detector', ['partition']);
  const open = gauge('optikal_open_windows', 'windows that are open; of an agent that is not loaded yet after a start, one', ['partition']);
  const clock = gauge('optikal_log_clock_timestamp_seconds', 'log clock of the detector, seconds since 1970', ['partition']);
  const skew = gauge('optikal_log_clock_skew_seconds', 'wall clock minus log clock; absent with the clock of the events', ['partition']);
  const partitionsHeld = gauge('optikal_partitions_held', 'partitions that this process judges');
  const rebalances = counter('optikal_rebalances_total', 'how often the group shared the partitions out anew');
  const brokerAway = gauge('optikal_broker_away_seconds', 'how long no broker has answered; 0 = one does, or there is none');
  const routed = counter('optikal_router_messages_total', 'messages of the public topics that are in the log or in the dead letters', [
    'outcome',
  ]);
  const routing = gauge('optikal_router_messages_waiting', 'messages of the public topics that are read and not in the log yet');
  const waiting = gauge('optikal_events_waiting', 'events that wait for their commit to the log');
  const unknown = counter('optikal_unknown_fields_total', 'fields of accepted events that no schema knows; they were dropped');
  const database = gauge('optikal_database_bytes', 'size of bus.db');
  const wal = gauge('optikal_wal_bytes', 'size of the write-ahead log beside it');
  const free = gauge('optikal_disk_free_bytes', 'free space where the data directory is');
  const ready = gauge('optikal_ready', '1 = `GET /readyz` would say yes');
  const dropped = counter('optikal_log_lines_dropped_total', 'lines of the program’s log that could not be written');
  const requests = counter('optikal_http_requests_total', 'answered requests, by route and status', ['route', 'status']);
  const duration = histogram('optikal_http_request_duration_seconds', 'time to answer a request; streams are not in it', REQUEST_SECONDS, [
    'route',
  ]);
  const build = gauge('optikal_build_info', '1, with the version of Optikal and of Node', ['version', 'node']);
  const bundle = gauge('optikal_bundle_info', '1, with the fingerprint of the bundle in force', ['fingerprint']);

  const codes = bounded(Object.keys(EVENT_ERRORS));
  const severities = bounded(SEVERITIES);
  const threats = bounded(THREATS);
  const decisions = bounded(DECISIONS);
  const known = bounded(routes);
  build.set({ version, node: process.versions.node }, 1);
  // A series that begins at its first event has no rate for it.
  for (const outcome of ['accepted', 'duplicate', 'refused']) events.inc({ outcome }, 0);
  for (const code of Object.keys(EVENT_ERRORS)) for (const one of [refused, letters]) one.inc({ code }, 0);

  const read = (reading: ServerReading) => {
    const sum = (of: (partition: PartitionReading) => number) => reading.partitions.reduce((total, one) => total + of(one), 0);
    for (const [one, value] of [
      [late, sum((partition) => partition.late)],
      [windows, sum((partition) => partition.windows)],
      [scored, sum((partition) => partition.scored)],
      [unknown, reading.unknownFields],
      [dropped, reading.logLinesDropped],
      [rebalances, reading.rebalances],
    ] as const) {
      one.reset();
      one.inc(value);
    }
    partitionsHeld.set(reading.partitions.length);
    brokerAway.set(reading.brokerAwaySeconds);
    routed.reset();
    routed.inc({ outcome: 'accepted' }, (reading.router?.messages ?? 0) - (reading.router?.refused ?? 0));
    routed.inc({ outcome: 'refused' }, reading.router?.refused ?? 0);
    routing.set(reading.router?.waiting ?? 0);
    // What another process judges now is its own to tell.
    for (const one of [lagRecords, lagSeconds, open, clock, skew]) one.reset();
    for (const { partition, clockMs, ...values } of reading.partitions) {
      lagRecords.set({ partition }, values.lagRecords);
      open.set({ partition }, values.openWindows);
      if (values.lagSeconds !== null) lagSeconds.set({ partition }, values.lagSeconds);
      if (clockMs === null) continue;
      clock.set({ partition }, clockMs / 1000);
      if (reading.wallMs !== null) skew.set({ partition }, (reading.wallMs - clockMs) / 1000);
    }
    waiting.set(reading.waitingEvents);
    database.set(reading.databaseBytes);
    wal.set(reading.walBytes);
    if (reading.freeBytes !== null) free.set(reading.freeBytes);
    ready.set(reading.ready ? 1 : 0);
    bundle.reset();
    if (reading.bundle !== null) bundle.set({ fingerprint: reading.bundle }, 1);
  };

  return {
    contentType: registry.contentType,
    events({ accepted, duplicates, refusedCodes }) {
      events.inc({ outcome: 'accepted' }, accepted);
      events.inc({ outcome: 'duplicate' }, duplicates);
      events.inc({ outcome: 'refused' }, refusedCodes.length);
      for (const code of refusedCodes) refused.inc({ code: codes(code) });
    },
    deadLetters(found) {
      for (const code of found) letters.inc({ code: codes(code) });
    },
    alert({ revision, severity, threatType, decision }) {
      const stage = revision === 1 ? 'early' : 'final';
      alerts.inc({ severity: severities(severity), threat: threats(threatType), decision: decisions(decision), stage });
    },
    windowScored: (seconds) => scoring.observe(seconds),
    committed: (seconds) => commits.observe(seconds),
    request({ route, status, seconds }) {
      const label = known(route);
      requests.inc({ route: label, status: status >= 100 && status < 600 ? status : OTHER });
      if (seconds !== null) duration.observe({ route: label }, seconds);
    },
    text(reading) {
      read(reading);
      return registry.metrics();
    },
    describe: () =>
      registry.getMetricsAsArray().map((metric) => {
        const { name, help, type, labelNames = [] } = metric as unknown as Described; // what every metric of the library is made of
        return { name, kind: type, labels: labelNames, means: help };
      }),
  };
}

interface Described {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly labelNames?: readonly string[];
}

function bounded(values: readonly string[]): (value: string) => string {
  const set = new Set(values);
  return (value) => (set.has(value) ? value : OTHER);
}
