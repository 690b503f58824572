/**
 * `npm run soak [-- --minutes N] [--folder DIR]`: a server under a steady, modest load for an hour. Does it hold what it held: memory, files,
 * lag, the turn of its event loop? Writes bench/results/soak.json; `npm run bench` leaves it out unless it is named.
 * `npm run soak -- --fuzz`: instead of that a million fuzzed messages over every topic of Kafka (kafka-fuzz.ts).
 *
 * Why 2 % an hour: one pointer (8 bytes) that leaks with each event would be 8.6 MB an hour at 300 events a second, 2 % of what the server
 * holds. What is kept on purpose is kept on disk (the log) or full from the start (the index of known ids).
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { demoBundle } from '../packages/optikal/src/services/demo-bundle.ts';
import { verifyDataDir } from '../packages/optikal/src/services/verify.ts';
import { thresholdFor } from './support/pipeline.ts';
import { writeResult } from './support/results.ts';
import { median, quantileOf, type Row, rowOf } from './support/rows.ts';
import { createSoakFeed, FLEET, type SoakFeed } from './support/soak-feed.ts';
import { prepareDataDir, type Sample, WatchedServer } from './support/soak-server.ts';
import { printTable } from './support/table.ts';
import { trendOf } from './support/trend.ts';

export const name = 'soak';
export const title =
  '`optikal serve` for an hour: 4,500 agents that come and go, 300 events a second in wall-clock time, 1 % twice, 1 % late, 0.2 % refused';

const MINUTES = 60;
/** Of the windows: what a busy day would be. */
const ALERT_SHARE = 0.005;
const POST_MS = 250;
/** In one post at most: on a machine that stands still for a while much falls due at once. */
const POST_EVENTS = 1000;
const MINUTE_SECONDS = 60;
const BATCH = { 'content-type': 'application/cloudevents-batch+json' };

interface Answers {
  accepted: number;
  duplicates: number;
  rejected: number;
  readonly ackMs: number[];
}

export async function run(minutes = MINUTES, folder = mkdtempSync(join(tmpdir(), 'optikal-soak-'))): Promise<Row[]> {
  const dataDir = join(folder, 'var');
  const { folder: bundleFolder, bundle } = await demoBundle('bench', process.env);
  const threshold = await thresholdFor(bundle, ALERT_SHARE, { ...FLEET, seed: 'threshold' });
  await prepareDataDir(dataDir, { folder: bundleFolder, fingerprint: bundle.fingerprint, threshold });
  const files = { probe: join(folder, 'probe.jsonl'), samples: join(folder, 'samples.jsonl') };
  // A first server reads what was prepared; the one that is watched starts with nothing of that in its memory.
  const first = await WatchedServer.start(dataDir, files);
  await first.caughtUp();
  await first.stop();
  const server = await WatchedServer.start(dataDir, files);
  await server.caughtUp();
  const before = server.counters();
  const startMs = Math.floor(Date.now() / 1000) * 1000;
  const feed = createSoakFeed('soak', startMs);
  const answers: Answers = { accepted: 0, duplicates: 0, rejected: 0, ackMs: [] };
  const ended = new AbortController();
  const following = follow(`${server.url}/v1/alerts`, ended.signal);
  const watching = setInterval(() => server.sample(), 1000);
  try {
    await send(server.url, feed, answers, startMs, startMs + minutes * 60_000);
  } finally {
    clearInterval(watching);
    ended.abort();
  }
  const followed = await following;
  await server.caughtUp();
  const after = server.counters();
  await server.stop();
  const { equal, alerts, records } = await verifyDataDir(dataDir);
  const count = (of: string) => after[of] - before[of];
  console.error(
    `sent ${JSON.stringify(feed.sent)}, answered ${answers.accepted} accepted, ${answers.duplicates} duplicates, ${answers.rejected} rejected; ` +
      `late ${count('late')}, windows ${count('windows')}, alerts ${alerts} rows, ${followed} followed; verify over ${records} records: ${equal}`,
  );
  check(feed, answers, count);
  const rows = rowsOf(server.samples, answers, { equal, events: count('events'), alerts: count('alerts') });
  rmSync(dataDir, { recursive: true });
  return rows;
}

/** Posts what falls due every quarter of a second; a slow answer makes the next posts longer, never the stream shorter. */
async function send(url: string, feed: SoakFeed, answers: Answers, startMs: number, endMs: number): Promise<void> {
  const post = async (texts: readonly string[]) => {
    const sentMs = performance.now();
    const response = await fetch(`${url}/v1/events`, { method: 'POST', headers: BATCH, body: `[${texts.join(',')}]` });
    if (response.status !== 202) throw new Error(`expected 202, found ${response.status}: ${await response.text()}`);
    const { accepted, duplicates, rejected } = (await response.json()) as { accepted: number; duplicates: number; rejected: unknown[] }; // the route's answer
    answers.ackMs.push(performance.now() - sentMs);
    answers.accepted += accepted;
    answers.duplicates += duplicates;
    answers.rejected += rejected.length;
  };
  const registers = feed.registers();
  for (let at = 0; at < registers.length; at += POST_EVENTS) await post(registers.slice(at, at + POST_EVENTS));
  for (let fromMs = startMs; fromMs < endMs; ) {
    await sleep(Math.max(1, fromMs + POST_MS - Date.now()));
    const toMs = Math.max(fromMs + 1, Date.now());
    const texts = feed.next(fromMs, toMs);
    for (let at = 0; at < texts.length; at += POST_EVENTS) await post(texts.slice(at, at + POST_EVENTS));
    fromMs = toMs;
  }
}

/** A client that follows the alerts all the time; returns how many it saw. */
async function follow(url: string, signal: AbortSignal): Promise<number> {
  let seen = 0;
  try {
    const response = await fetch(url, { headers: { accept: 'text/event-stream' }, signal });
    for await (const chunk of response.body!) seen += Buffer.from(chunk).toString().split('\ndata:').length - 1;
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return seen;
}

/** Every message was answered, and the stream held what it should. */
function check({ sent }: SoakFeed, { accepted, duplicates, rejected }: Answers, count: (of: string) => number): void {
  const wrong: string[] = [];
  if (accepted + duplicates + rejected !== sent.total) wrong.push(`${sent.total} sent, ${accepted + duplicates + rejected} answered`);
  if (count('events') !== accepted) wrong.push(`${accepted} accepted, ${count('events')} read by the detector`);
  if (rejected !== sent.refused) wrong.push(`${sent.refused} to be refused, ${rejected} refused`);
  if (count('alerts') === 0) wrong.push('no alert');
  if (wrong.length > 0) throw new Error(wrong.join('; '));
}

function rowsOf(
  samples: readonly Sample[],
  answers: Answers,
  { equal, events, alerts }: { equal: boolean; events: number; alerts: number },
): Row[] {
  const third = Math.floor(samples.length / 3);
  const [early, late] = [samples.slice(0, third), samples.slice(third)];
  const hours = samples.length / 3600;
  const rss = slopeShare(late, 'rssMb');
  const heap = slopeShare(late, 'heapUsedMb');
  const of = (name: keyof Sample, some = late) => some.map((sample) => sample[name]);
  const most = (name: keyof Sample, some = late) => of(name, some).reduce((a, b) => Math.max(a, b));
  const percent = (value: number) => `${value < 0 ? '−' : ''}${Math.abs(value).toFixed(1)}`;
  const row = (work: string, unit: string, value: number, floor?: number) =>
    rowOf({ work, unit, better: 'less', runs: [value], ...(floor === undefined ? {} : { floor }) });
  return [
    row(`memory (RSS), slope over the last two thirds [${percent(rss.low)} to ${percent(rss.high)}]`, '% an hour', rss.slope),
    row('memory (RSS), upper end of the slope’s 95 % interval', '% an hour', rss.high, 2),
    row(`JavaScript heap, slope over the last two thirds [${percent(heap.low)} to ${percent(heap.high)}]`, '% an hour', heap.slope),
    row('memory (RSS), median', 'MB', median(of('rssMb'))),
    row('memory (RSS), largest', 'MB', most('rssMb')),
    row('open files, most in the last two thirds for one in the first', 'files', most('openFiles') / most('openFiles', early), 1),
    row('event loop, longest stall', 'ms', most('stallMs', samples as Sample[]), 100),
    row('event loop, longest stall of a second, p99', 'ms', quantileOf(of('stallMs'), 0.99)),
    row('lag of the detector, p99', 'records', quantileOf(of('lag'), 0.99)),
    row('lag of the detector, largest', 'records', most('lag')),
    row('answer to a post (durable), p99', 'ms', quantileOf(answers.ackMs, 0.99)),
    row('WAL, largest', 'MB', most('walMb')),
    row('database, growth a million events', 'MB', (samples.at(-1)!.databaseMb - samples[0].databaseMb) / (events / 1e6)),
    row('processor, share of a core', '%', samples.reduce((sum, { cpuMs }) => sum + cpuMs, 0) / samples.length / 10),
    row('events', 'events/s', events / samples.length),
    row('alerts', 'an hour', alerts / hours),
    rowOf({ work: 'alerts of a replay equal those stored (1 = yes)', unit: 'verify', better: 'more', runs: [equal ? 1 : 0], floor: 1 }),
  ];
}

/** In percent of the median an hour; over the medians of minutes, so that a collection of garbage does not count as a trend. */
function slopeShare(samples: readonly Sample[], name: keyof Sample): { slope: number; low: number; high: number } {
  const minutes = Array.from({ length: Math.floor(samples.length / MINUTE_SECONDS) }, (_, m) =>
    median(samples.slice(m * MINUTE_SECONDS, (m + 1) * MINUTE_SECONDS).map((sample) => sample[name])),
  );
  const { slope, low, high } = trendOf(minutes, 1 / 60);
  const scale = 100 / median(minutes);
  return { slope: slope * scale, low: low * scale, high: high * scale };
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { minutes: { type: 'string' }, folder: { type: 'string' }, fuzz: { type: 'boolean' } } });
  if (values.fuzz === true) {
    const fuzz = await import('./kafka-fuzz.ts');
    tell(fuzz.name, await fuzz.run());
    process.exit();
  }
  const minutes = Number(values.minutes ?? MINUTES);
  if (!(minutes >= 8)) throw new Error(`expected --minutes of 8 or more, found \`${values.minutes}\``);
  if (values.folder !== undefined) mkdirSync(values.folder, { recursive: true });
  tell(name, await run(minutes, values.folder));
}

function tell(of: string, rows: readonly Row[]): void {
  writeResult(of, rows);
  printTable([{ name: of, commit: '', machine: '', node: process.version, rows }]);
}
