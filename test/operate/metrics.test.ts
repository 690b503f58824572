/** `/metrics` of a real server says what really happened, to whom it may. */
import { join } from 'node:path';
import { type Event, type ThreatAlert, toCloudEvent } from '@optikal/contracts';
import { expect, it, onTestFinished } from 'vitest';
import { metricsMessage } from '../support/metrics-message.ts';
import { postEvents } from '../support/post-events.ts';
import { caughtUp, startServe, stopServe } from '../support/serve-process.ts';
import { smallBundle, testFleet } from '../support/small-bundles.ts';
import { useTempFolder } from '../support/temp-folder.ts';

const tempFolder = useTempFolder();
const x = smallBundle('x');
const EVENTS = testFleet({ agents: 20 }).slice(0, 3000);
const send = (port: number | null, events: readonly Event[]) => postEvents(port, events.map(toCloudEvent));

async function started(flags: readonly string[], env: Record<string, string> = {}) {
  const dataDir = join(tempFolder(), 'var');
  const serving = startServe(dataDir, ['--bundle', x.folder, '--fpr', '0.3', '--json', ...flags], env);
  onTestFinished(() => void serving.child.kill('SIGKILL'));
  const port = await serving.ready;
  return { dataDir, serving, port };
}

/** Series → value. */
async function scrape(port: number | null): Promise<Map<string, number>> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]));
}

it('counts what was accepted, repeated, refused, buried, judged and alerted, and goes on over a restart with what the log knows', async () => {
  const { dataDir, serving, port } = await started([]);
  for (let at = 0; at < EVENTS.length; at += 500) expect((await send(port, EVENTS.slice(at, at + 500))).status).toBe(202);
  expect(await send(port, EVENTS.slice(0, 10))).toMatchObject({ duplicates: 10 });
  const ahead = metricsMessage('ahead', { timeMs: EVENTS.at(-1)!.timeMs + 3_600_000 });
  expect(await postEvents(port, [metricsMessage('bad', { metrics: { cpu_usage_percent: -1 } }), { nothing: 1 }])).toMatchObject({
    accepted: 0,
  });
  await caughtUp(serving, dataDir);
  const found = await scrape(port);
  const values = (name: string) => [...found].filter(([series]) => series.startsWith(name)).map(([, value]) => value);
  const sum = (name: string) => values(name).reduce((total, value) => total + value, 0);
  expect(found.get('optikal_events_total{outcome="accepted"}')).toBe(EVENTS.length);
  expect(found.get('optikal_events_total{outcome="duplicate"}')).toBe(10);
  expect(found.get('optikal_events_total{outcome="refused"}')).toBe(2);
  expect(found.get('optikal_events_refused_total{code="metric_out_of_range"}')).toBe(1);
  expect(sum('optikal_dead_letters_total')).toBeGreaterThanOrEqual(2);
  expect(found.get('optikal_lag_records{partition="0"}')).toBe(0);
  expect(found.get('optikal_lag_seconds{partition="0"}')).toBe(0);
  expect(found.get('optikal_ready')).toBe(1);
  expect(found.get(`optikal_bundle_info{fingerprint="${x.bundle.fingerprint}"}`)).toBe(1);
  expect(found.get('optikal_database_bytes')).toBeGreaterThan(4096);
  expect(found.get('optikal_http_requests_total{route="/v1/events",status="202"}')).toBe(EVENTS.length / 500 + 2);
  const closed = found.get('optikal_windows_closed_total');
  expect(closed).toBeGreaterThan(10);
  expect(found.get('optikal_window_scoring_duration_seconds_count')).toBe(closed);
  expect(found.get('optikal_commit_duration_seconds_count')).toBeGreaterThan(0);
  expect(found.get('optikal_open_windows{partition="0"}')).toBeGreaterThan(0);
  // The clock of the log is the events' own here: there is nothing to compare it with.
  expect(values('optikal_log_clock_skew_seconds')).toEqual([]);
  const alerts = (await (await fetch(`http://127.0.0.1:${port}/v1/alerts?limit=1000`)).text()).trim().split('\n');
  const told = new Map<string, number>();
  for (const line of alerts) {
    const { severity, threatType, decision, revision } = (JSON.parse(line) as { data: ThreatAlert }).data; // what /v1/alerts promises
    const series = `optikal_alerts_total{severity="${severity}",threat="${threatType}",decision="${decision}",stage="${revision === 1 ? 'early' : 'final'}"}`;
    told.set(series, (told.get(series) ?? 0) + 1);
  }
  expect(told.size).toBeGreaterThan(0);
  expect(new Map([...found].filter(([series]) => series.startsWith('optikal_alerts_total')))).toEqual(told);

  expect((await stopServe(serving)).code).toBe(0);
  const again = startServe(dataDir, ['--json']);
  onTestFinished(() => void again.child.kill('SIGKILL'));
  const afterwards = await scrape(await again.ready);
  expect(afterwards.get('optikal_windows_closed_total')).toBe(closed);
  expect(afterwards.get('optikal_events_total{outcome="accepted"}')).toBe(0);
  expect(afterwards.get('optikal_open_windows{partition="0"}')).toBeGreaterThan(0);
  // An event far ahead of the clock is buried behind the log, and counted there.
  expect((await postEvents(await again.ready, [ahead])).status).toBe(202);
  await caughtUp(again, dataDir);
  expect((await scrape(await again.ready)).has('optikal_dead_letters_total{code="clock_ahead"}')).toBe(true);
  await stopServe(again);
});

it('no request makes a new series', async () => {
  const { serving, port } = await started([]);
  const url = `http://127.0.0.1:${port}`;
  const ask = async (path: string, init: RequestInit = {}) => void (await (await fetch(`${url}${path}`, init)).text());
  const hostile = async (n: number) => {
    await ask(`/v1/events-${n}`);
    await ask(`/v1/events/${n}?route=${n}`);
    await ask('/v1/events', { method: 'DELETE', headers: { 'x-route': `${n}` } });
    await postEvents(port, [{ ...metricsMessage(`${n}`), type: `hostile.${n}`, subject: `agent-${n}` }]);
    await postEvents(port, [metricsMessage(`${n}`, { agent: `hostile-agent-${n}` })]);
  };
  const names = async () => [...(await scrape(port)).keys()].filter((series) => !/^optikal_(nodejs|process)_/.test(series)).sort();
  await hostile(0);
  // What the detector says of the first events comes a moment later, on a busy machine a long one.
  let before = await names();
  for (let same = 0; same < 5; await new Promise((done) => setTimeout(done, 200))) {
    const now = await names();
    same = now.join() === before.join() ? same + 1 : 0;
    before = now;
  }
  for (let n = 1; n <= 50; n++) await hostile(n);
  expect(await names()).toEqual(before);
  expect(before.join('\n')).not.toContain('hostile');
  await stopServe(serving);
});

it('stands on a port of its own where that is wanted, and nowhere when it is off', async () => {
  const own = await started([], { OPTIKAL_METRICS_PORT: '0', OPTIKAL_LOG_LEVEL: 'info' });
  const { metricsPort } = JSON.parse(await firstLine(own.serving.stderr)) as { metricsPort: number };
  expect((await scrape(metricsPort)).get('optikal_ready')).toBe(1);
  for (const path of ['/metrics', '/v1/metrics']) expect((await fetch(`http://127.0.0.1:${own.port}${path}`)).status).toBe(404);
  expect((await fetch(`http://127.0.0.1:${metricsPort}/readyz`)).status).toBe(200);
  expect((await stopServe(own.serving)).code).toBe(0);
  const off = await started([], { OPTIKAL_METRICS_ENABLED: 'false' });
  expect((await fetch(`http://127.0.0.1:${off.port}/metrics`)).status).toBe(404);
  expect((await send(off.port, EVENTS.slice(0, 100))).status).toBe(202);
  expect((await stopServe(off.serving)).code).toBe(0);
});

async function firstLine(text: () => string): Promise<string> {
  while (!text().includes('\n')) await new Promise((done) => setTimeout(done, 10));
  return text().split('\n')[0]!; // there is one
}
