/** Whatever is sent, a code or a dead letter answers, never a crash: fuzzed messages go from their text to the detector's last commit. */
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { EVENT_ERRORS, type Event, type EventErrorCode, toCloudEvent } from '@optikal/contracts';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { StoredDeadLetter } from '../../packages/optikal/src/bus/contract.ts';
import { type EmbeddedBus, openEmbeddedBus, openEmbeddedReader } from '../../packages/optikal/src/bus/index.ts';
import { keepBundle, keptBundle } from '../../packages/optikal/src/services/data-folder.ts';
import { createDetector, type Detector } from '../../packages/optikal/src/services/detector.ts';
import { appendEpoch, FIRST_EPOCH_MS, modelEpoch } from '../../packages/optikal/src/services/epochs.ts';
import { createIngest, type Ingest } from '../../packages/optikal/src/services/ingest.ts';
import { createModelStore } from '../../packages/optikal/src/services/model-store.ts';
import { drainBus } from '../../packages/optikal/src/services/score.ts';
import { verifyDataDir } from '../../packages/optikal/src/services/verify.ts';
import { bend, drawFrom } from '../support/mangle.ts';
import { metricsMessage, T0 } from '../support/metrics-message.ts';
import { type SmallBundle, smallBundle, testFleet } from '../support/small-bundles.ts';
import { useTempFolder } from '../support/temp-folder.ts';

const FUZZED = 100_000;
const CALL = 250;
const JUNK = 2000;
/** What the heap may hold more at the end than after the first quarter, when every agent was seen; 1 kB a message would be 75 MB. */
const HEAP_GROWTH_MB = 40;
const MINUTE_MS = 60_000;
/** Refused before the envelope was looked at. */
const BEFORE_ENVELOPE: ReadonlySet<string> = new Set(['invalid_json', 'too_large', 'too_deep', 'not_an_object', 'envelope_invalid']);

const tempFolder = useTempFolder();

interface Path {
  readonly dataDir: string;
  readonly bus: EmbeddedBus;
  readonly ingest: Ingest;
  readonly detector: Detector;
}

describe('the whole path', () => {
  let x: SmallBundle;
  beforeAll(() => {
    x = smallBundle('x');
  });

  const open = async (): Promise<Path> => {
    const dataDir = join(tempFolder(), 'var');
    const bus = await openEmbeddedBus({ dataDir, partitions: 1 });
    keepBundle(dataDir, x.folder);
    const hmacKey = Buffer.from(bus.hmacKey, 'hex');
    const models = createModelStore({ load: (sha) => keptBundle(dataDir, sha), hmacKey });
    const detector = await createDetector({ bus, partition: 0, models });
    await appendEpoch(bus, modelEpoch(x.bundle.fingerprint, x.threshold, FIRST_EPOCH_MS));
    return { dataDir, bus, detector, ingest: createIngest({ bus, clock: 'events', now: () => 0, hmacKey }) };
  };
  const close = async ({ dataDir, bus, ingest, detector }: Path) => {
    await ingest.finish();
    await drainBus(detector);
    await bus.close();
    return { letters: lettersOf(dataDir), verified: await verifyDataDir(dataDir) };
  };

  it('takes 100,000 fuzzed messages, accounts for each, holds no more at the end and verifies', async () => {
    const path = await open();
    const seen = { valid: 0, past: 0, accepted: 0, duplicates: 0, rejected: 0 };
    const heapMb: number[] = [];
    const take = async (call: readonly string[]) => {
      for (const text of call) if (isJson(text)) seen.valid++;
      const { accepted, duplicates, rejected } = await path.ingest.ingest(call);
      expect(accepted + duplicates + rejected.length).toBe(call.length);
      seen.past += call.length - rejected.filter(({ code }) => BEFORE_ENVELOPE.has(code)).length;
      seen.accepted += accepted;
      seen.duplicates += duplicates;
      seen.rejected += rejected.length;
      await drainBus(path.detector);
    };
    let call: string[] = [];
    let count = 0;
    for (const text of fuzzed()) {
      if (++count % (FUZZED / 4) === 0) heapMb.push(heapNow());
      if (call.push(text) < CALL) continue;
      await take(call);
      call = [];
    }
    const { letters, verified } = await close(path);
    expect(count).toBe(FUZZED);
    expect(heapMb.at(-1)! - heapMb[0]).toBeLessThan(HEAP_GROWTH_MB);
    console.log(
      `fuzz: ${FUZZED} messages, ${share(seen.valid)} % valid JSON, ${share(seen.past)} % past the envelope, ` +
        `${seen.accepted} accepted, ${seen.rejected} rejected, ${seen.duplicates} repeated; ` +
        `heap ${heapMb.map(Math.round).join(', ')} MB; codes ${[...new Set(letters.map(({ code }) => code))].sort().join(' ')}`,
    );
    expect(seen.valid).toBeGreaterThanOrEqual(0.5 * FUZZED);
    expect(seen.past).toBeGreaterThanOrEqual(0.2 * FUZZED);
    const { counters } = path.detector.state;
    expect(counters.events).toBe(seen.accepted);
    expect(counters.accepted + counters.duplicate + counters.late + counters.dead).toBe(seen.accepted);
    expect(letters.length).toBe(seen.rejected + counters.dead);
    expect(verified.equal).toBe(true);
    expect(seen.duplicates).toBeGreaterThan(0.01 * FUZZED);
    expect(verified.alerts).toBeGreaterThan(20);
  }, 300_000);

  it('answers every code of the closed list, as an answer and as a dead letter', async () => {
    const path = await open();
    const told = new Set<string>();
    for (const [code, { texts, tenant }] of Object.entries(badMessages())) {
      const { rejected } = await path.ingest.ingest(texts, tenant);
      for (const { code: found } of rejected) told.add(found);
      if (!LATER.has(code)) expect(rejected.at(-1)?.code).toBe(code);
    }
    const { letters, verified } = await close(path);
    expect([...new Set([...told, ...LATER])].sort()).toEqual(CODES);
    expect([...new Set(letters.map(({ code }) => code))].sort()).toEqual(CODES);
    for (const { code, partition, offset, sizeBytes, hmac } of letters) {
      expect(partition !== null && offset !== null, code).toBe(LATER.has(code));
      expect(sizeBytes).toBeGreaterThan(0);
      expect(hmac).toMatch(/^[0-9a-f]{64}$/);
    }
    expect(verified.equal).toBe(true);
  });
});

/** Found by the detector, when the message is in the log. */
const LATER: ReadonlySet<string> = new Set(['clock_ahead', 'open_windows_exceeded', 'window_records_exceeded']);

/** Only a record of Kafka has a key. */
type Code = Exclude<EventErrorCode, 'key_mismatch'>;
const CODES = Object.keys(EVENT_ERRORS)
  .filter((code) => code !== 'key_mismatch')
  .sort();

/** For each code what brings it, the last of its messages at the latest. */
function badMessages(): Record<Code, { readonly texts: readonly string[]; readonly tenant?: string }> {
  const one = (...args: Parameters<typeof metricsMessage>) => ({ texts: [JSON.stringify(metricsMessage(...args))] });
  const many = (count: number, message: (n: number) => unknown) => ({
    texts: Array.from({ length: count }, (_, n) => JSON.stringify(message(n))),
  });
  return {
    invalid_json: { texts: ['{"cpu_usage_percent":NaN}'] },
    too_large: { texts: [`"${'x'.repeat(10_000_000)}"`] },
    too_deep: { texts: ['['.repeat(100_000)] },
    not_an_object: { texts: ['[]'] },
    envelope_invalid: one('a', { envelope: { specversion: '0.3' } }),
    agent_id_invalid: one('b', { agent: 'bot|admin' }),
    tenant_id_invalid: one('c', { envelope: { tenant: 'a|b' } }),
    tenant_forbidden: { ...one('d', { envelope: { tenant: 'other' } }), tenant: 'mine' },
    time_invalid: one('e', { envelope: { time: '1999-12-31T23:59:59Z' } }),
    unknown_type: one('f', { envelope: { type: 'argus.unheard.of.v1' } }),
    unknown_version: one('g', { envelope: { type: 'argus.agent.metrics.v2' } }),
    metric_out_of_range: one('h', { metrics: { cpu_usage_percent: 140 } }),
    too_many_calls: one('i', { data: { calls: Array.from({ length: 513 }, () => ({})) } }),
    data_invalid: one('j', { data: { windowEndMs: 'later' } }),
    duplicate_id_conflict: { texts: [...one('k').texts, ...one('k', { metrics: { error_count: 3 } }).texts] },
    clock_ahead: one('l', { timeMs: T0 + 10 * 365 * 1440 * MINUTE_MS }),
    open_windows_exceeded: many(65, (n) => metricsMessage(`m${n}`, { agent: 'wide', timeMs: T0 - n * MINUTE_MS })),
    window_records_exceeded: many(4097, (n) => metricsMessage(`n${n}`, { agent: 'deep' })),
  };
}

function* fuzzed(): Generator<string> {
  const draw = drawFrom(11);
  const events: readonly Event[] = testFleet({ agents: 300, days: 0.4, seed: 'fuzz' });
  const junk = fc.sample(fc.oneof(fc.json(), fc.string(), fc.json({ depthSize: 'large' })), { numRuns: JUNK, seed: 5 });
  let whole = JSON.stringify(toCloudEvent(events[0]));
  for (let n = 0; n < FUZZED; n++) {
    const event = events[n % events.length];
    const kind = draw(0, 9);
    if (kind === 2 || kind === 3) whole = JSON.stringify(toCloudEvent(event));
    if (kind === 0) yield junk[n % junk.length];
    else yield kind <= 3 ? whole : bend(event, draw);
  }
}

/** After a full collection of garbage. */
function heapNow(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

function lettersOf(dataDir: string): StoredDeadLetter[] {
  const reader = openEmbeddedReader(dataDir);
  const letters: StoredDeadLetter[] = [];
  for (;;) {
    const page = reader.deadLetters(letters.at(-1)?.cursor ?? 0, 1000);
    letters.push(...page);
    if (page.length === 0) break;
  }
  reader.close();
  return letters;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const share = (count: number) => Math.round((100 * count) / FUZZED);
