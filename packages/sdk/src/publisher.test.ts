import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseEventText } from '@optikal/contracts';
import { afterEach, describe, expect, test } from 'vitest';
import { TYPES, wire } from '../../contracts/src/test-support/messages.ts';
import type { PublisherWarning } from './errors.ts';
import type { PublisherOptions } from './options.ts';
import { createPublisher, type Publisher } from './publisher.ts';
import { idOf, METRICS, type TestTransport, testTransport } from './test-support/events.ts';
import { structured } from './transport.ts';

const folders: string[] = [];
const publishers: Publisher[] = [];
afterEach(async () => {
  for (const one of publishers.splice(0)) await one.close(0);
  for (const one of folders.splice(0)) rmSync(one, { recursive: true, force: true });
});
const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'optikal-publisher-'));
  folders.push(made);
  return made;
};
const make = (change: Partial<PublisherOptions> = {}): { publisher: Publisher; transport: TestTransport } => {
  const transport = testTransport();
  const publisher = createPublisher({ transport, source: 'test', spool: false, lingerMs: 0, retryMs: 1, retryMaxMs: 5, ...change });
  publishers.push(publisher);
  return { publisher, transport: (change.transport as TestTransport | undefined) ?? transport }; // tests hand in such a one
};
const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return `${(error as { code: string }).code} ${(error as { field?: string }).field ?? ''}`.trim();
  }
  return 'none';
};
const until = async (holds: () => boolean): Promise<void> => {
  for (let i = 0; i < 2000 && !holds(); i++) await sleep(5);
  expect(holds()).toBe(true);
};

describe('what is published', () => {
  test('has id, time, sequence and correlation filled in', async () => {
    const { publisher, transport } = make({ tenant: 'acme', clock: { now: () => 1_795_521_660_250, monotonic: () => 0 } });
    const id = publisher.publishLifecycle({ kind: 'task_started', taskId: '42', requestChars: 8 }, { agent: 'a-1', session: 's' });
    expect(await publisher.flush()).toBe(true);
    const [event] = transport.taken;
    expect(event).toMatchObject({ key: 'acme|a-1', type: 'argus.agent.lifecycle.v1' });
    expect(JSON.parse(structured(event))).toEqual({
      specversion: '1.0',
      id,
      source: 'test',
      type: 'argus.agent.lifecycle.v1',
      subject: 'a-1',
      time: '2026-11-24T12:01:00.250Z',
      tenant: 'acme',
      sessionid: 's',
      taskid: '42',
      // sha256sum of ["acme","a-1","s","42"], its first half
      correlationid: 'f487f2105072597f41511340c71ab527',
      sequence: '0000000000',
      datacontenttype: 'application/json',
      data: { kind: 'task_started', taskId: '42', requestChars: 8 },
    });
  });

  test('is joined over the planes by its task, or by the trace that the caller names', async () => {
    const { publisher, transport } = make();
    publisher.publishMetrics(METRICS, { agent: 'a', task: 't' });
    publisher.publishDecision(wire('argus.policy.decisions.v1').data as never, { agent: 'a', task: 't' });
    publisher.publishValidation(wire('argus.io.validation.v1').data as never, { agent: 'a' });
    publisher.publishViolation(wire('argus.security.violations.v1').data as never, {
      agent: 'a',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    });
    publisher.publishProvenance(wire('argus.call.provenance.v1').data as never, { agent: 'a', correlation: 'mine' });
    await publisher.flush();
    const found = transport.taken.map(({ attributes }) => (JSON.parse(attributes) as { correlationid: string }).correlationid);
    expect(found[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(found[1]).toBe(found[0]);
    expect(found[2]).not.toBe(found[0]);
    expect(found.slice(3)).toEqual(['0af7651916cd43dd8448eb211c80319c', 'mine']);
    expect(new Set(transport.taken.map(idOf)).size).toBe(5);
  });

  test.each(TYPES)('takes a CloudEvent of type %s as it stands', async (type) => {
    const { publisher, transport } = make({ tenant: 'ours' });
    publisher.publishCloudEvent(wire(type));
    publisher.publishCloudEvent(JSON.stringify(wire(type, { tenant: undefined, id: 'b' })));
    publisher.publishCloudEvent(wire(type, { tenant: 'default', id: 'c' }));
    await publisher.flush();
    expect(parseEventText(structured(transport.taken[0]))).toEqual(parseEventText(JSON.stringify(wire(type))));
    expect(transport.taken.map(({ key }) => key)).toEqual(['acme|agent-1', 'ours|agent-1', 'default|agent-1']);
  });

  test('is marked where the wall clock is not to be believed', async () => {
    let nowMs = 1_795_521_600_000;
    let monotonicMs = 0;
    const warnings: PublisherWarning[] = [];
    const { publisher, transport } = make({
      clock: { now: () => nowMs, monotonic: () => monotonicMs },
      onWarning: (code) => warnings.push(code),
    });
    const publish = async (): Promise<boolean> => {
      publisher.publishMetrics(METRICS, { agent: 'a' });
      await publisher.flush();
      return transport.taken.at(-1)!.attributes.includes('"skewed":true');
    };
    expect(await publish()).toBe(false);
    nowMs += 90_000;
    monotonicMs += 31_000;
    expect(await publish()).toBe(false); // 59 s ahead
    nowMs -= 200_000;
    transport.serverTimeMs = nowMs;
    expect(await publish()).toBe(true); // set back
    expect(await publish()).toBe(false); // the server agrees with the new time
    transport.serverTimeMs = nowMs + 61_000;
    await publish();
    expect(await publish()).toBe(true); // the server does not
    expect(publisher.counters()).toMatchObject({ skewed: 2, produced: 6, delivered: 6 });
    expect(warnings).toEqual(['clock_skewed', 'clock_skewed'].slice(0, warnings.length));
    expect(parseEventText(structured(transport.taken.at(-1)!))).toMatchObject({ ok: true, event: { skewed: true }, unknownFields: 0 });
  });

  test('is refused with a code where it is malformed, and counted nowhere', () => {
    const { publisher } = make();
    const bad = { ...METRICS, metrics: { ...METRICS.metrics, success_rate: 2 } };
    expect(codeOf(() => publisher.publishMetrics(bad, { agent: 'a' }))).toBe('metric_out_of_range /data/metrics/success_rate');
    expect(codeOf(() => publisher.publishMetrics(METRICS, { agent: 'no spaces' }))).toBe('agent_id_invalid /subject');
    expect(codeOf(() => publisher.publishMetrics(METRICS, { agent: 'a', timeMs: Number.NaN }))).toBe('time_invalid /time');
    expect(codeOf(() => publisher.publishCloudEvent('{'))).toBe('invalid_json');
    expect(codeOf(() => publisher.publishCloudEvent(null))).toBe('not_an_object');
    expect(publisher.counters()).toMatchObject({ produced: 0, waiting: 0 });
  });
});

describe('a publisher', () => {
  test('sends one batch at a time and cuts one that is too large', async () => {
    const { publisher, transport } = make({ batchEvents: 40 });
    transport.maxEvents = 7;
    const ids = Array.from({ length: 100 }, () => publisher.publishMetrics(METRICS, { agent: 'a' }));
    expect(await publisher.flush()).toBe(true);
    expect(transport.taken.map(idOf)).toEqual(ids);
    expect(transport.maxInFlight).toBe(1);
    transport.maxEvents = 0;
    publisher.publishMetrics(METRICS, { agent: 'a' });
    expect(await publisher.flush()).toBe(true);
    expect(publisher.counters()).toMatchObject({ produced: 101, delivered: 100, refused: 1, waiting: 0 });
  });

  test('sends again for ever and counts what is refused for good', async () => {
    const warnings: PublisherWarning[] = [];
    const { publisher, transport } = make({ onWarning: (code) => warnings.push(code) });
    transport.state = 'down';
    const ids = Array.from({ length: 10 }, () => publisher.publishMetrics(METRICS, { agent: 'a' }));
    transport.refuses = (event) => idOf(event) === ids[3];
    await until(() => publisher.counters().retries > 3);
    expect(publisher.counters()).toMatchObject({ produced: 10, delivered: 0, waiting: 10 });
    expect(await publisher.flush(1)).toBe(false);
    transport.state = 'up';
    expect(await publisher.flush()).toBe(true);
    expect(transport.taken.map(idOf)).toEqual(ids.filter((_, i) => i !== 3));
    expect(publisher.counters()).toMatchObject({ delivered: 9, refused: 1, waiting: 0 });
    expect(warnings).toEqual(['transport_failing', 'transport_recovered', 'event_refused']);
  });

  test('puts into the spool what waits, the batch in flight first, and drains it in order', async () => {
    const { publisher, transport } = make({
      transport: testTransport('hanging'),
      spool: { folder: folder() },
      batchEvents: 10,
      stallMs: 10,
    });
    const ids = Array.from({ length: 35 }, () => publisher.publishMetrics(METRICS, { agent: 'a' }));
    await until(() => publisher.counters().spooled === 35);
    expect(publisher.counters()).toMatchObject({ waiting: 35, memoryBytes: 0 });
    expect(publisher.counters().spoolBytes).toBeGreaterThan(35 * 500);
    transport.state = 'up';
    ids.push(publisher.publishMetrics(METRICS, { agent: 'a' }));
    expect(await publisher.flush()).toBe(true);
    expect(transport.taken.map(idOf)).toEqual(ids);
    expect(publisher.counters()).toMatchObject({ delivered: 36, spooled: 0, spoolBytes: 0, waiting: 0 });
  });

  test('leaves what it could not deliver to the next one on the folder', async () => {
    const spool = { folder: folder() };
    const { publisher, transport } = make({ transport: testTransport('down'), spool });
    const ids = Array.from({ length: 20 }, () => publisher.publishMetrics(METRICS, { agent: 'a' }));
    expect(codeOf(() => make({ spool }))).toBe('spool_locked');
    expect(await publisher.close(20)).toBe(true);
    expect(publisher.counters()).toMatchObject({ produced: 20, spooled: 20, waiting: 20, delivered: 0 });
    expect(codeOf(() => publisher.publishMetrics(METRICS, { agent: 'a' }))).toBe('publisher_closed');
    expect(transport.taken).toEqual([]);
    const next = make({ spool });
    ids.push(next.publisher.publishMetrics(METRICS, { agent: 'a' }));
    expect(await next.publisher.flush()).toBe(true);
    expect(next.publisher.counters()).toMatchObject({ recovered: 20, produced: 1, waiting: 0 });
    expect(next.transport.taken.map(idOf)).toEqual(ids);
  });

  test('without a spool drops what waits when it is closed, and says so', async () => {
    const { publisher } = make({ transport: testTransport('hanging') });
    for (let i = 0; i < 5; i++) publisher.publishMetrics(METRICS, { agent: 'a' });
    expect(await publisher.close(20)).toBe(false);
    expect(publisher.counters()).toMatchObject({ produced: 5, waiting: 0, dropped: { routine: 5 } });
  });

  test('gives up the least worth first where memory is full', async () => {
    const { publisher, transport } = make({ transport: testTransport('hanging'), memoryBytes: 65_536, batchEvents: 1 });
    const violation = wire('argus.security.violations.v1').data as never;
    publisher.publishMetrics(METRICS, { agent: 'a' });
    await until(() => transport.inFlight === 1);
    const kept = Array.from({ length: 20 }, () => publisher.publishViolation(violation, { agent: 'a' }));
    for (let i = 0; i < 200; i++) publisher.publishMetrics(METRICS, { agent: 'a' });
    const { produced, dropped, waiting } = publisher.counters();
    expect([produced, dropped.violation, dropped.routine + waiting]).toEqual([221, 0, 221]);
    expect(dropped.routine).toBeGreaterThan(100);
    transport.state = 'up';
    await publisher.flush();
    expect(transport.taken.map(idOf).slice(1, 21)).toEqual(kept);
    expect(transport.taken.length).toBe(221 - dropped.routine);
  });

  test('lets each class fill its share of the spool', async () => {
    const { publisher } = make({ transport: testTransport('down'), spool: { folder: folder(), maxBytes: 1_048_576, fsync: 'never' } });
    const violation = wire('argus.security.violations.v1').data as never;
    for (let i = 0; i < 3000; i++) publisher.publishMetrics(METRICS, { agent: 'a' });
    await until(() => publisher.counters().memoryBytes === 0 && publisher.counters().waiting === publisher.counters().spooled);
    const half = publisher.counters();
    expect(half.dropped.routine).toBeGreaterThan(500);
    expect(half.spoolBytes).toBeLessThanOrEqual(524_288);
    for (let i = 0; i < 300; i++) publisher.publishViolation(violation, { agent: 'a' });
    await until(() => publisher.counters().memoryBytes === 0 && publisher.counters().waiting === publisher.counters().spooled);
    expect(publisher.counters()).toMatchObject({ dropped: { violation: 0 }, spooled: half.spooled + 300 });
  });

  test('refuses options that are unknown or out of range', () => {
    expect(codeOf(() => make({ memoryBytes: 10 }))).toBe('option_invalid');
    expect(codeOf(() => make({ worth: ['routine'] }))).toBe('option_invalid');
    expect(codeOf(() => make({ spool: { folder: '' } }))).toBe('option_invalid');
    expect(codeOf(() => make({ spool: { folder: folder(), fsync: 'sometimes' as never } }))).toBe('option_invalid');
    expect(codeOf(() => make({ memory: 1 } as never))).toBe('option_invalid');
    expect(codeOf(() => make({ tenant: 'a b' }))).toBe('option_invalid');
    expect(codeOf(() => make({ source: '' }))).toBe('option_invalid');
  });
});
