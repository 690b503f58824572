import { createHmac } from 'node:crypto';
import { toCloudEvent } from '@optikal/contracts';
import { describe, expect, it } from 'vitest';
import type { AppendOutcome, Bus, LogEntry } from '../bus/contract.ts';
import { BusError } from '../bus/errors.ts';
import { openMemoryBus } from '../bus/memory.ts';
import { readAll, sampleEvent, T0 } from '../bus/test-support/samples.ts';
import { createIngest, type Ingest, type IngestOptions } from './ingest.ts';

const KEY = Buffer.from('key of the tests');
const CANARY = 'canary-7f3a';

const message = (id: string, more: Record<string, unknown> = {}, timeMs = T0) => ({
  ...toCloudEvent({ ...sampleEvent(id), tenant: 'default', timeMs }),
  ...more,
});
const text = (id: string, more: Record<string, unknown> = {}, timeMs = T0) => JSON.stringify(message(id, more, timeMs));

function setUp(more: Partial<IngestOptions> = {}) {
  const bus = openMemoryBus({ partitions: 1, keepLog: true });
  let nowMs = T0 + 500;
  const warnings: unknown[] = [];
  const ingest = createIngest({
    bus,
    clock: 'wall',
    now: () => nowMs,
    hmacKey: KEY,
    warn: (code, detail) => warnings.push({ code, ...detail }),
    ...more,
  });
  const log = async () =>
    (await readAll(bus, await bus.lease(0))).map((r) => (r.kind === 'event' ? r.event.id : r.kind === 'tick' ? r.timeMs - T0 : 'control'));
  return { bus, ingest, warnings, log, setNow: (ms: number) => (nowMs = ms), letters: () => bus.reader().deadLetters(0, 1000) };
}

/** A bus whose appends wait until they are let go. */
function heldBus() {
  const calls: { entries: readonly LogEntry[]; resolve: (o: AppendOutcome[]) => void; reject: (error: Error) => void }[] = [];
  const bus: Pick<Bus, 'append'> = {
    append: (entries) => new Promise((resolve, reject) => calls.push({ entries, resolve, reject })),
  };
  const called = async (count: number) => {
    while (calls.length < count) await new Promise((resolve) => setTimeout(resolve, 1));
  };
  return { bus, calls, called, accept: (n: number) => calls[n].resolve(calls[n].entries.map(() => 'accepted')) };
}

describe('ingest', () => {
  it('judges each message alone: accepted, duplicate, rejected by index', async () => {
    const { ingest, log, letters } = setUp();
    const bad = text('x', { specversion: '0.3' });
    expect(await ingest.ingest([text('a'), bad, message('b'), text('a'), '{'])).toEqual({
      accepted: 2,
      duplicates: 1,
      rejected: [
        { index: 1, code: 'envelope_invalid', field: '/specversion', message: 'expected `1.0`' },
        { index: 4, code: 'invalid_json', field: '', message: 'expected one JSON object' },
      ],
    });
    expect(await log()).toEqual([0, 'a', 'b']);
    expect(letters()).toMatchObject([
      { code: 'envelope_invalid', field: '/specversion', sizeBytes: Buffer.byteLength(bad), hmac: hmacOf(bad) },
      { code: 'invalid_json', field: '', sizeBytes: 1, hmac: hmacOf('{') },
    ]);
    expect(ingest.counters).toEqual({ accepted: 2, duplicates: 1, rejected: 2, unknownFields: 0, waiting: 0 });
  });

  it('rejects another body under the same source and id, and keeps its letter', async () => {
    const { ingest, letters } = setUp();
    await ingest.ingest([text('a')]);
    const other = text('a', { subject: 'other' });
    expect((await ingest.ingest([text('b'), other])).rejected).toMatchObject([{ index: 1, code: 'duplicate_id_conflict', field: '/id' }]);
    expect(letters()).toMatchObject([{ code: 'duplicate_id_conflict', hmac: hmacOf(other) }]);
  });

  it('takes the tenant of the credential and rejects a message that names another', async () => {
    const { ingest } = setUp();
    expect(await ingest.ingest([text('a'), text('b', { tenant: 'acme' })], 'acme')).toMatchObject({
      accepted: 1,
      rejected: [{ index: 0, code: 'tenant_forbidden' }],
    });
  });

  it('counts unknown fields, and writes none of them', async () => {
    const { ingest, bus } = setUp();
    await ingest.ingest([`{"__proto__":{"x":"${CANARY}"},"extra":1,${text('a').slice(1)}`, text('b', { [CANARY]: CANARY })]);
    expect(ingest.counters.unknownFields).toBe(3);
    expect(JSON.stringify(await readAll(bus, await bus.lease(0)))).not.toContain(CANARY);
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });

  it('never throws on bad input', async () => {
    const cyclic: Record<string, unknown> = {};
    cyclic.self = cyclic;
    let deep: unknown = 1;
    for (let i = 0; i < 100_000; i++) deep = [deep];
    const inputs = [null, undefined, 3, true, [], {}, cyclic, deep, '', '[]', '"x"', '['.repeat(50_000), 'x'.repeat(1_048_577), () => 1];
    const { rejected } = await setUp().ingest.ingest(inputs);
    expect(rejected.map(({ code }) => code).join(' ')).toBe(
      'not_an_object not_an_object not_an_object not_an_object not_an_object envelope_invalid invalid_json ' +
        'invalid_json invalid_json not_an_object not_an_object too_deep too_large not_an_object',
    );
  });

  it('refuses the whole of a document that is not JSON somewhere, and takes nothing of it', async () => {
    const { ingest, log, letters } = setUp();
    await expect(ingest.ingest([text('a'), '{"x":}'], 'default', { oneDocument: true })).rejects.toMatchObject({
      code: 'invalid_json',
      retriable: false,
    });
    expect([await log(), letters(), ingest.counters.waiting]).toEqual([[], [], 0]);
  });

  it('resolves only when the append is durable', async () => {
    const { bus, called, accept } = heldBus();
    const { ingest } = setUp({ bus });
    let done = false;
    const call = ingest.ingest([text('a')]).then((result) => {
      done = true;
      return result;
    });
    await called(1);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect([done, ingest.counters.waiting]).toEqual([false, 1]);
    accept(0);
    expect(await call).toMatchObject({ accepted: 1 });
  });

  it('refuses when too many wait, takes a larger call when none does, and recovers', async () => {
    const { bus, called, accept } = heldBus();
    const { ingest } = setUp({ bus, maxWaiting: 2 });
    const large = ingest.ingest(['a', 'b', 'c'].map((id) => text(id)));
    await expect(ingest.ingest([text('d')])).rejects.toMatchObject({ code: 'overloaded', retriable: true, retryAfterMs: 1000 });
    await called(1);
    accept(0);
    await large;
    const small = ingest.ingest([text('d')]);
    await called(2);
    accept(1);
    expect(await small).toMatchObject({ accepted: 1 });
  });

  it('keeps the order of arrival, even behind a call that takes several turns to judge', async () => {
    const { ingest, log } = setUp();
    const padded = Array.from({ length: 12 }, (_, i) => text(`large${i}`, { pad: 'x'.repeat(100_000) }));
    await Promise.all([ingest.ingest(padded), ingest.ingest([text('second')]), ingest.ingest([text('third')])]);
    expect((await log()).slice(-3)).toEqual(['large11', 'second', 'third']);
  });

  it('passes on what the bus throws, and goes on after it', async () => {
    const { bus, calls, called, accept } = heldBus();
    const { ingest } = setUp({ bus });
    const failing = ingest.ingest([text('a')]);
    await called(1);
    calls[0].reject(new BusError('disk_full', 'no space'));
    await expect(failing).rejects.toMatchObject({ code: 'disk_full' });
    const again = ingest.ingest([text('a')]);
    await called(2);
    expect(calls[1].entries.map((e) => e.kind)).toEqual(['tick', 'event']); // the tick that was lost is owed
    accept(1);
    expect([await again, ingest.counters.waiting]).toMatchObject([{ accepted: 1 }, 0]);
  });
});

describe('the log clock of a wall clock', () => {
  const ticked = async (ingest: Ingest) => {
    await ingest.start();
    await ingest.stop();
  };

  it('ticks with each second, and never goes back', async () => {
    const { ingest, log, setNow, warnings } = setUp();
    await ticked(ingest);
    await ticked(ingest);
    setNow(T0 + 2999);
    await ticked(ingest);
    setNow(T0 - 3_600_000_000);
    await ticked(ingest);
    await ingest.ingest([text('a')]);
    setNow(T0 + 3000);
    await ticked(ingest);
    expect(await log()).toEqual([0, 2000, 'a', 3000]);
    expect(warnings).toEqual([]);
  });

  it('follows a jump of more than an hour and says so', async () => {
    const { ingest, log, setNow, warnings } = setUp();
    await ticked(ingest);
    setNow(T0 + 3_601_000);
    await ticked(ingest);
    expect(await log()).toEqual([0, 3_601_000]);
    expect(warnings).toEqual([{ code: 'clock_jump', fromMs: T0, toMs: T0 + 3_601_000 }]);
  });

  it('ticks by itself while it runs, and not after', async () => {
    const { ingest, log, setNow } = setUp();
    await ingest.start();
    setNow(T0 + 1000);
    await expect.poll(log).toEqual([0, 1000]);
    await ingest.stop();
    setNow(T0 + 2000);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await log()).toEqual([0, 1000]);
  });

  it('says that a tick failed, and ticks again', async () => {
    let full = true;
    const entries: LogEntry[] = [];
    const bus: Pick<Bus, 'append'> = {
      append: async (given) => {
        if (full) throw new BusError('disk_full', 'no space');
        entries.push(...given);
        return given.map(() => 'accepted' as const);
      },
    };
    const { ingest, warnings } = setUp({ bus });
    await ticked(ingest);
    full = false;
    await ticked(ingest);
    expect(warnings).toEqual([{ code: 'tick_failed', reason: 'disk_full' }]);
    expect(entries).toEqual([{ kind: 'tick', timeMs: T0 }]);
  });
});

describe('the log clock of the events', () => {
  it('ticks for each second that the largest event time passes, and closes every window at the end', async () => {
    const { ingest, log } = setUp({ clock: 'events' });
    await ingest.start();
    await ingest.ingest([text('a', {}, T0 + 100), text('b', {}, T0 + 1900), text('c', {}, T0 + 1200)]);
    await ingest.ingest([text('d', {}, T0 + 5000)]);
    await ingest.finish();
    expect(await log()).toEqual([0, 'a', 1000, 'b', 'c', 5000, 'd', 5000 + 300_000 + 130_000]);
  });

  it('does not follow a lone event far ahead, past a message that is refused', async () => {
    const { ingest, log } = setUp({ clock: 'events' });
    await ingest.ingest([text('a'), text('far', {}, T0 + 86_400_000), '{', text('b', {}, T0 + 1000)]);
    expect(await log()).toEqual([0, 'a', 'far', 1000, 'b']);
  });
});

function hmacOf(value: string): string {
  return createHmac('sha256', KEY).update(value).digest('hex');
}
