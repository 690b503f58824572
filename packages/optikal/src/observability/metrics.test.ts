import { describe, expect, it } from 'vitest';
import { createMetrics, type ServerReading } from './metrics.ts';

const READING: ServerReading = {
  partitions: [
    { partition: 0, lagRecords: 3, lagSeconds: 2, clockMs: 60_000, openWindows: 4, late: 1, windows: 10, scored: 8 },
    { partition: 1, lagRecords: 0, lagSeconds: null, clockMs: null, openWindows: 0, late: 2, windows: 5, scored: 5 },
  ],
  rebalances: 2,
  brokerAwaySeconds: 0,
  router: { messages: 9, refused: 4, waiting: 3 },
  wallMs: 61_500,
  waitingEvents: 7,
  unknownFields: 6,
  databaseBytes: 4096,
  walBytes: 512,
  freeBytes: 1e9,
  ready: true,
  bundle: 'f00d',
  logLinesDropped: 0,
};
const fresh = () => createMetrics({ version: '1.2.3', routes: ['/v1/events'] });
const linesOf = async (metrics: ReturnType<typeof fresh>, reading = READING) => (await metrics.text(reading)).split('\n');

describe('createMetrics', () => {
  it('counts events, alerts, requests and times', async () => {
    const metrics = fresh();
    metrics.events({ accepted: 5, duplicates: 2, refusedCodes: ['too_deep', 'too_deep'] });
    metrics.deadLetters(['clock_ahead']);
    metrics.alert({ revision: 1, severity: 'high', threatType: 'data_exfiltration', decision: 'alert' });
    metrics.windowScored(0.0002);
    metrics.committed(0.02);
    metrics.request({ route: '/v1/events', status: 202, seconds: 0.003 });
    expect(await linesOf(metrics)).toEqual(
      expect.arrayContaining([
        'optikal_events_total{outcome="accepted"} 5',
        'optikal_events_total{outcome="duplicate"} 2',
        'optikal_events_total{outcome="refused"} 2',
        'optikal_events_refused_total{code="too_deep"} 2',
        'optikal_events_refused_total{code="clock_ahead"} 0',
        'optikal_dead_letters_total{code="clock_ahead"} 1',
        'optikal_alerts_total{severity="high",threat="data_exfiltration",decision="alert",stage="early"} 1',
        'optikal_window_scoring_duration_seconds_bucket{le="0.00025"} 1',
        'optikal_commit_duration_seconds_count 1',
        'optikal_http_requests_total{route="/v1/events",status="202"} 1',
        'optikal_http_request_duration_seconds_count{route="/v1/events"} 1',
      ]),
    );
  });

  it('tells the state of the server at the scrape, and again at the next', async () => {
    const metrics = fresh();
    await metrics.text(READING);
    expect(await linesOf(metrics)).toEqual(
      expect.arrayContaining([
        'optikal_events_late_total 3',
        'optikal_windows_closed_total 15',
        'optikal_windows_scored_total 13',
        'optikal_partitions_held 2',
        'optikal_rebalances_total 2',
        'optikal_broker_away_seconds 0',
        'optikal_router_messages_total{outcome="accepted"} 5',
        'optikal_router_messages_total{outcome="refused"} 4',
        'optikal_router_messages_waiting 3',
        'optikal_lag_records{partition="0"} 3',
        'optikal_lag_seconds{partition="0"} 2',
        'optikal_open_windows{partition="0"} 4',
        'optikal_log_clock_timestamp_seconds{partition="0"} 60',
        'optikal_log_clock_skew_seconds{partition="0"} 1.5',
        'optikal_events_waiting 7',
        'optikal_database_bytes 4096',
        'optikal_wal_bytes 512',
        'optikal_ready 1',
        `optikal_build_info{version="1.2.3",node="${process.versions.node}"} 1`,
        'optikal_bundle_info{fingerprint="f00d"} 1',
      ]),
    );
    const later = (await linesOf(metrics, { ...READING, bundle: 'beef', ready: false })).filter((line) =>
      /^optikal_(bundle_info\{|ready )/.test(line),
    );
    expect(later).toEqual(['optikal_ready 0', 'optikal_bundle_info{fingerprint="beef"} 1']);
  });

  it('never makes a series from what was sent', async () => {
    const metrics = fresh();
    const names = async () => (await linesOf(metrics)).filter((line) => !line.startsWith('#')).map((line) => line.replace(/ \S+$/, ''));
    const send = (text: string) => {
      metrics.events({ accepted: 0, duplicates: 0, refusedCodes: [text] });
      metrics.deadLetters([text]);
      metrics.alert({ revision: 2, severity: text, threatType: text, decision: text });
      metrics.request({ route: `/${text}`, status: Number(text.length) * 1e6, seconds: 0 });
    };
    send('first');
    const before = await names();
    for (let n = 0; n < 1000; n++) send(`hostile-${n}"}\n`);
    const after = await names();
    expect(after.filter((name) => !/_nodejs_|_process_/.test(name))).toEqual(before.filter((name) => !/_nodejs_|_process_/.test(name)));
    expect(after.join('\n')).not.toContain('hostile');
  });

  it('names every metric with prefix, unit and kind as Prometheus asks, no two alike', () => {
    const described = fresh().describe();
    expect(new Set(described.map(({ name }) => name)).size).toBe(described.length);
    for (const { name, kind, means } of described) {
      expect(name).toMatch(/^optikal_[a-z0-9_]+$/);
      expect(means.length).toBeGreaterThan(5);
      if (kind === 'counter') expect(name).toMatch(/_total$/);
      if (/duration|lag_seconds|skew/.test(name)) expect(name).toMatch(/_seconds/);
    }
    for (const wanted of ['optikal_process_cpu_seconds_total', 'optikal_nodejs_eventloop_lag_seconds'])
      expect(described.map(({ name }) => name)).toContain(wanted);
  });

  it('has labels from closed lists only: no agent, no tenant', () => {
    const labels = new Set(
      fresh()
        .describe()
        .flatMap((metric) => metric.labels),
    );
    for (const label of ['agent', 'tenant', 'session', 'tool', 'source', 'role']) expect(labels).not.toContain(label);
  });
});
