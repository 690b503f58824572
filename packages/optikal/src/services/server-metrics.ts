/** Metrics of a server: what its parts tell, and what a scrape reads. Everything costs a count or two; windows are timed around the models. */
import { performance } from 'node:perf_hooks';
import type { Commit, LogEntry } from '../bus/index.ts';
import type { Models } from '../detection/step.ts';
import { type MetricsPage, ROUTES } from '../http/index.ts';
import { createMetrics, type Log, type Metrics } from '../observability/index.ts';
import type { Ingest, IngestResult } from './ingest.ts';
import type { ModelStore } from './model-store.ts';
import type { Probes } from './probes.ts';
import type { Router } from './router.ts';

export interface ServerMetrics {
  ingested(result: IngestResult): void;
  appended(entries: readonly LogEntry[]): void;
  committed(commit: Commit, seconds: number): void;
  readonly request: Metrics['request'];
  /** The same models, the time of each window that closes told. */
  timed(models: ModelStore): ModelStore;
  page(probes: Probes, now: ServerNow): Promise<MetricsPage>;
}

/** What a page needs beside what the probes see. */
export interface ServerNow {
  /** null = this process takes no events. */
  readonly ingest: Pick<Ingest, 'counters'> | null;
  readonly router: Pick<Router, 'counters'> | null;
  readonly rebalances: number;
  readonly brokerAwayMs: number;
  readonly wallMs: number | null;
}

export function createServerMetrics(version: string, log: Log): ServerMetrics {
  const metrics = createMetrics({ version, routes: [...ROUTES.keys()] });
  return {
    ingested: ({ accepted, duplicates, rejected }) =>
      metrics.events({ accepted, duplicates, refusedCodes: rejected.map(({ code }) => code) }),
    appended: (entries) => metrics.deadLetters(entries.flatMap((entry) => (entry.kind === 'refused' ? [entry.letter.code] : []))),
    committed({ out }, seconds) {
      metrics.committed(seconds);
      metrics.deadLetters(out.deadLetters.map(({ code }) => code));
      for (const { revision, body } of out.alerts) metrics.alert({ revision, ...alertLabels(body) });
    },
    request: (answered) => metrics.request(answered),
    timed: (models) => timedModels(models, metrics),
    async page(probes, { ingest, router, rebalances, brokerAwayMs, wallMs }) {
      const { partitions, databaseBytes, walBytes, freeBytes, bundle, readiness } = await probes.look();
      const { waiting, unknownFields } = ingest?.counters ?? { waiting: 0, unknownFields: 0 };
      const text = await metrics.text({
        partitions,
        rebalances,
        brokerAwaySeconds: brokerAwayMs / 1000,
        router: router?.counters ?? null,
        wallMs,
        waitingEvents: waiting,
        unknownFields,
        databaseBytes,
        walBytes,
        freeBytes,
        ready: readiness.ready,
        bundle,
        logLinesDropped: log.dropped,
      });
      return { contentType: metrics.contentType, text };
    },
  };
}

export interface AlertLabels {
  readonly severity: string;
  readonly threatType: string;
  readonly decision: string;
}

/** From the body of an alert, which the detector wrote a moment ago. */
export function alertLabels(body: string): AlertLabels {
  const { severity, threatType, decision } = JSON.parse(body) as AlertLabels; // a ThreatAlert, as RFC 8785 JSON
  return { severity, threatType, decision };
}

/** A window that closes asks for its model, is analysed and judged, and is shown to `onClosed`: what lies between is its time. */
function timedModels(models: ModelStore, metrics: Metrics): ModelStore {
  let startMs = 0;
  const onClosed: Models['onClosed'] = (agent, window, analysis, judgement) => {
    metrics.windowScored((performance.now() - startMs) / 1000);
    models.onClosed?.(agent, window, analysis, judgement);
  };
  return {
    ...models,
    of(epoch) {
      startMs = performance.now();
      return models.of(epoch);
    },
    onClosed,
  };
}
