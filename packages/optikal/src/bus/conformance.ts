/** What every bus must do. One suite, run on each implementation: a behaviour that is not here may differ between them. */
import { afterEach, describe, expect, it } from 'vitest';
import type { Bus, LogEntry, LogReader, LogRecord } from './contract.ts';
import type { BusErrorCode } from './errors.ts';
import { partitionOf } from './partition.ts';
import { appendOracle } from './test-support/append-oracle.ts';
import { alertRow, commitOf, control, eventEntry, nameOf, readAll, sampleEvent, scoreRow, T0, tick } from './test-support/samples.ts';

export interface BusHarness {
  readonly bus: Bus;
  /** A reader beside the bus, with everything kept. */
  readonly reader: () => Promise<LogReader>;
  /** Closes the bus and opens the same data again; null where nothing outlives the bus. */
  readonly reopen: (() => Promise<Bus>) | null;
  readonly end: () => Promise<void>;
}

const PARTITIONS = 3;
const NOW = { maxRecords: 100, maxWaitMs: 0 };

export function describeBusConformance(name: string, open: (partitions: number) => Promise<BusHarness>): void {
  describe(`${name} keeps the contract of a bus`, () => {
    const opened: BusHarness[] = [];
    const start = async (partitions = PARTITIONS) => {
      const harness = await open(partitions);
      opened.push(harness);
      return harness;
    };
    afterEach(async () => {
      for (const harness of opened.splice(0)) await harness.end();
    });
    const fails = (promise: Promise<unknown>, code: BusErrorCode) => expect(promise).rejects.toMatchObject({ name: 'BusError', code });

    it('gives the records of an agent back in the order of their arrival, from gapless offsets, as they were', async () => {
      const { bus } = await start();
      const ids = Array.from({ length: 50 }, (_, n) => `id-${n}`);
      for (let at = 0; at < 50; at += 10) await bus.append(ids.slice(at, at + 10).map((id) => eventEntry(id, 'a')));
      const records = await readAll(bus, await bus.lease(partitionOf('t|a', PARTITIONS)));
      expect(records.map(nameOf)).toEqual(ids);
      expect(records.map(({ offset }) => offset)).toEqual(ids.map((_, n) => n));
      expect(records[7]).toMatchObject({ offset: 7, kind: 'event', event: sampleEvent('id-7', 'a') });
      for (const record of records)
        if (record.kind === 'event' && record.text !== undefined) expect(JSON.parse(record.text)).toEqual(record.event);
    });

    it('puts an event into the partition of its agent only, ticks and control records into every partition', async () => {
      const { bus } = await start();
      await bus.append([tick(T0), eventEntry('x', 'a'), control(), tick(T0 + 1000)]);
      for (let p = 0; p < PARTITIONS; p++) {
        const names = (await readAll(bus, await bus.lease(p))).map(nameOf);
        expect(names).toEqual(
          p === partitionOf('t|a', PARTITIONS) ? ['tick 0', 'x', 'control', 'tick 1000'] : ['tick 0', 'control', 'tick 1000'],
        );
      }
    });

    it('drops a tick that does not pass the largest one', async () => {
      const { bus } = await start(1);
      expect(await bus.append([tick(T0 + 5), tick(T0 + 5), tick(T0 + 4), tick(T0 + 6)])).toEqual([
        'accepted',
        'duplicate',
        'duplicate',
        'accepted',
      ]);
      expect((await readAll(bus, await bus.lease(0))).map(nameOf)).toEqual(['tick 5', 'tick 6']);
    });

    it('tells a repeated message from a conflicting one, within a call and between calls, and logs neither', async () => {
      const { bus } = await start(1);
      if (!bus.findsDuplicates) return;
      expect(await bus.append([eventEntry('x'), eventEntry('x'), eventEntry('x', 'a', 9)])).toEqual(['accepted', 'duplicate', 'conflict']);
      expect(await bus.append([eventEntry('x'), eventEntry('x', 'b'), eventEntry('y')])).toEqual(['duplicate', 'conflict', 'accepted']);
      expect((await readAll(bus, await bus.lease(0))).map(nameOf)).toEqual(['x', 'y']);
    });

    it('lets a repeated message stand in the log twice where it does not look for such, and says that it was accepted', async () => {
      const { bus } = await start(1);
      if (bus.findsDuplicates) return;
      expect(await bus.append([eventEntry('x'), eventEntry('x')])).toEqual(['accepted', 'accepted']);
      expect(await bus.append([eventEntry('x', 'a', 9)])).toEqual(['accepted']);
      expect((await readAll(bus, await bus.lease(0))).map(nameOf)).toEqual(['x', 'x', 'x']);
    });

    it('takes the same id from another source or another tenant as another message', async () => {
      const { bus } = await start(1);
      const event = sampleEvent('x');
      const entries: LogEntry[] = [event, { ...event, source: '/other' }, { ...event, tenant: 'u' }].map((e) => ({
        kind: 'event',
        event: e,
      }));
      expect(await bus.append(entries)).toEqual(['accepted', 'accepted', 'accepted']);
    });

    it('forgets an id after 24 hours of log clock', async () => {
      const { bus } = await start(1);
      if (!bus.findsDuplicates) return;
      await bus.append([eventEntry('before any tick'), tick(T0), eventEntry('x')]);
      await bus.append([tick(T0 + 86_000_000)]);
      expect(await bus.append([eventEntry('before any tick'), eventEntry('x')])).toEqual(['duplicate', 'duplicate']);
      await bus.append([tick(T0 + 86_402_000)]);
      expect(await bus.append([eventEntry('before any tick'), eventEntry('x')])).toEqual(['accepted', 'accepted']);
    });

    it('keeps a refused message out of the log and in the dead letters', async () => {
      const { bus, reader } = await start(1);
      const letter = { code: 'invalid_json', field: '', sizeBytes: 7, hmac: 'ab'.repeat(32) } as const;
      expect(await bus.append([{ kind: 'refused', letter }, eventEntry('x')])).toEqual(['accepted', 'accepted']);
      const lease = await bus.lease(0);
      expect((await readAll(bus, lease)).map(nameOf)).toEqual(['x']);
      await bus.commit(lease, commitOf(1, { out: { deadLetters: [{ ...letter, code: 'clock_ahead', offset: 0 }] } }));
      const side = await reader();
      const [before, after] = await side.deadLetters(0, 10);
      expect(before).toEqual({ ...letter, cursor: before.cursor, partition: null, offset: null });
      expect(after).toEqual({ ...letter, code: 'clock_ahead', cursor: after.cursor, partition: 0, offset: 0 });
      expect(await side.deadLetters(before.cursor, 10)).toEqual([after]);
      await side.close();
    });

    it('reads no more than it is asked for, and goes on where it stopped', async () => {
      const { bus } = await start(1);
      await bus.append(Array.from({ length: 10 }, (_, n) => eventEntry(`${n}`)));
      const lease = await bus.lease(0);
      const first = await bus.read(lease, 0, { maxRecords: 4, maxWaitMs: 0 });
      expect([first.records.map(nameOf), first.next]).toEqual([['0', '1', '2', '3'], 4]);
      const rest = await bus.read(lease, first.next, { maxRecords: 400, maxWaitMs: 0 });
      expect([rest.records.length, rest.next]).toEqual([6, 10]);
      expect(await bus.read(lease, 10, NOW)).toEqual({ records: [], next: 10 });
      await fails(bus.read(lease, 11, NOW), 'position_beyond_end');
      await fails(bus.read(lease, 0, { maxRecords: 0, maxWaitMs: 0 }), 'option_invalid');
    });

    it('waits for a first record, and gives an empty batch when none comes', async () => {
      const { bus } = await start(1);
      const lease = await bus.lease(0);
      expect(await bus.read(lease, 0, { maxRecords: 10, maxWaitMs: 5 })).toEqual({ records: [], next: 0 });
      const waiting = bus.read(lease, 0, { maxRecords: 10, maxWaitMs: 60_000 });
      await bus.append([eventEntry('x')]);
      expect((await waiting).records.map(nameOf)).toEqual(['x']);
    });

    it('tells who joins which partitions are his, all of them where he is alone', async () => {
      const { bus } = await start();
      const told = new Promise<readonly number[]>((resolve) => {
        void bus.join((partitions) => partitions.length === PARTITIONS && resolve(partitions));
      });
      expect((await told).toSorted((x, y) => x - y)).toEqual([0, 1, 2]);
    });

    it('starts an empty partition at 0 with no state', async () => {
      const { bus } = await start(1);
      expect(await bus.lease(0)).toMatchObject({ partition: 0, next: 0, partitionState: null, due: [] });
      await fails(bus.lease(1), 'option_invalid');
    });

    it('restores position, partition state, agent state and due windows with the next lease', async () => {
      const { bus, reopen } = await start(1);
      await bus.append([eventEntry('1'), eventEntry('2')]);
      const lease = await bus.lease(0);
      const state = [
        { key: 't|late', body: '{"ü":"\u{1F600}"}', dueMs: T0 + 20 },
        { key: 't|early', body: '{}', dueMs: T0 + 10 },
        { key: 't|idle', body: '{"n":1}', dueMs: null },
      ];
      await bus.commit(lease, commitOf(1, { state, partitionState: '{"clock":1}' }));
      const again = reopen === null ? bus : await reopen();
      const next = await again.lease(0);
      expect(next).toMatchObject({ next: 1, partitionState: '{"clock":1}' });
      expect(next.due).toEqual([
        { key: 't|early', dueMs: T0 + 10 },
        { key: 't|late', dueMs: T0 + 20 },
      ]);
      expect(await again.loadState(next, ['t|late', 't|idle', 't|unknown'])).toEqual(
        new Map([
          ['t|late', '{"ü":"\u{1F600}"}'],
          ['t|idle', '{"n":1}'],
        ]),
      );
      await again.commit(next, commitOf(2, { state: [{ key: 't|early', body: '{"n":2}', dueMs: null }] }));
      const last = await again.lease(0);
      expect([last.next, last.due.map(({ key }) => key)]).toEqual([2, ['t|late']]);
      expect(await again.loadState(last, ['t|early'])).toEqual(new Map([['t|early', '{"n":2}']]));
    });

    it('leaves nothing of a commit that fails', async () => {
      const { bus, reader } = await start(1);
      await bus.append([eventEntry('1'), eventEntry('2'), eventEntry('3')]);
      const lease = await bus.lease(0);
      const state = [{ key: 't|a', body: 'one', dueMs: T0 }];
      await bus.commit(lease, commitOf(1, { state, out: { alerts: [alertRow('a')], scores: [scoreRow(T0)] } }));
      const side = await reader();
      const look = async () => [
        await bus.positions(),
        await bus.loadState(lease, ['t|a', 't|b']),
        await bus.alerts(0, NOW),
        await side.scoreAt('t|a', T0),
        await side.scoreAt('t|a', T0 + 60_000),
        await side.deadLetters(0, 10),
        await side.partitionStates(),
      ];
      const before = await look();
      const failing = commitOf(2, {
        state: [
          { key: 't|a', body: 'two', dueMs: null },
          { key: 't|b', body: 'new', dueMs: null },
        ],
        out: {
          alerts: [alertRow('b'), alertRow('a', { body: 'another' })],
          scores: [scoreRow(T0 + 60_000)],
          deadLetters: [{ code: 'clock_ahead', field: '', sizeBytes: 1, hmac: 'ab', offset: 1 }],
        },
      });
      await fails(bus.commit(lease, failing), 'alert_conflict');
      expect(await look()).toEqual(before);
      await bus.commit(lease, { ...failing, out: { ...failing.out, alerts: [alertRow('b')] } });
      expect((await bus.alerts(0, NOW)).map(({ id }) => id)).toEqual(['a', 'b']);
      expect(await side.scoreAt('t|a', T0 + 60_000)).toEqual(scoreRow(T0 + 60_000));
      await side.close();
    });

    it('refuses a position that goes back, lies beyond the end, or an agent of another partition', async () => {
      const { bus } = await start();
      await bus.append([tick(T0), tick(T0 + 1)]);
      const lease = await bus.lease(0);
      await bus.commit(lease, commitOf(1));
      await fails(bus.commit(lease, commitOf(0)), 'position_regressed');
      await fails(bus.commit(lease, commitOf(3)), 'position_beyond_end');
      const stranger = ['t|a', 't|b', 't|c', 't|d', 't|e'].find((key) => partitionOf(key, PARTITIONS) !== 0)!;
      await fails(bus.commit(lease, commitOf(2, { state: [{ key: stranger, body: '{}', dueMs: null }] })), 'wrong_partition');
      expect((await bus.positions())[0]).toEqual({ partition: 0, end: 2, next: 1 });
    });

    it('gives single records again by their offsets, in the order asked for, and none beyond the end', async () => {
      const { bus } = await start(1);
      await bus.append([tick(T0), control(), ...Array.from({ length: 3000 }, (_, n) => eventEntry(`id-${n}`, 'a'))]);
      const lease = await bus.lease(0);
      const all = await readAll(bus, lease);
      const offsets = [2999, 1, 0, 7, 7, ...Array.from({ length: 2500 }, (_, n) => n)];
      expect(await bus.readAt(lease, offsets)).toEqual(offsets.map((offset) => all[offset]));
      expect(await bus.readAt(lease, [])).toEqual([]);
      await fails(bus.readAt(lease, [0, 3002]), 'position_beyond_end');
      await fails(bus.readAt(lease, [-1]), 'option_invalid');
    });

    it('fences an older lease: it can neither read nor load nor commit', async () => {
      const { bus, reopen } = await start(2);
      await bus.append([tick(T0)]);
      const old = await bus.lease(0);
      const other = await bus.lease(1);
      const waiting = bus.read(old, 1, { maxRecords: 1, maxWaitMs: 60_000 });
      const fenced = fails(waiting, 'lease_lost');
      const fresh = await bus.lease(0);
      await fenced;
      await fails(bus.read(old, 0, NOW), 'lease_lost');
      await fails(bus.readAt(old, [0]), 'lease_lost');
      await fails(bus.loadState(old, ['t|a']), 'lease_lost');
      await fails(bus.commit(old, commitOf(1)), 'lease_lost');
      await bus.commit(fresh, commitOf(1));
      await bus.commit(other, commitOf(1));
      if (reopen === null) return;
      const again = await reopen();
      const newest = await again.lease(0);
      await fails(again.commit(fresh, commitOf(1)), 'lease_lost');
      await again.commit(newest, commitOf(1));
    });

    it('hands alerts out in the order of their commits, from any cursor, and waits for the next', async () => {
      const { bus } = await start(1);
      const lease = await bus.lease(0);
      await bus.commit(lease, commitOf(0, { out: { alerts: [alertRow('a'), alertRow('b')] } }));
      await bus.commit(lease, commitOf(0, { out: { alerts: [alertRow('a', { revision: 2, body: '{"w":1}' })] } }));
      const all = await bus.alerts(0, NOW);
      const rows = [alertRow('a'), alertRow('b'), alertRow('a', { revision: 2, body: '{"w":1}' })];
      expect(all).toEqual(rows.map((row, n) => ({ ...row, cursor: all[n].cursor })));
      expect(all.every(({ cursor }, n) => n === 0 || cursor > all[n - 1].cursor)).toBe(true);
      expect(await bus.alerts(all[0].cursor, { maxRecords: 1, maxWaitMs: 0 })).toEqual([all[1]]);
      expect(await bus.alerts(all[2].cursor, { maxRecords: 1, maxWaitMs: 5 })).toEqual([]);
      const waiting = bus.alerts(all[2].cursor, { maxRecords: 10, maxWaitMs: 60_000 });
      await bus.commit(lease, commitOf(0, { out: { alerts: [alertRow('c')] } }));
      expect((await waiting).map(({ id }) => id)).toEqual(['c']);
    });

    it('takes the same alert twice as one, and refuses its id and revision with another body', async () => {
      const { bus } = await start(1);
      const lease = await bus.lease(0);
      const commit = (body: string) => bus.commit(lease, commitOf(0, { out: { alerts: [alertRow('a', { body })] } }));
      await commit('one');
      await commit('one');
      await fails(commit('two'), 'alert_conflict');
      expect((await bus.alerts(0, NOW)).map(({ body }) => body)).toEqual(['one']);
    });

    it('finds the score of a window by time and by alert, and replaces an early score by the final one', async () => {
      const { bus, reader } = await start(1);
      const lease = await bus.lease(0);
      const early = scoreRow(T0, { body: 'early', open: true });
      await bus.commit(lease, commitOf(0, { out: { scores: [early, scoreRow(T0 - 60_000)], alerts: [alertRow('a')] } }));
      const side = await reader();
      expect((await side.scoreAt('t|a', T0 + 59_999))?.body).toBe('early');
      await bus.commit(lease, commitOf(0, { out: { scores: [scoreRow(T0, { body: 'final' })] } }));
      expect((await side.scoreAt('t|a', T0))?.body).toBe('final');
      expect((await side.scoreOfAlert('a'))?.body).toBe('final');
      expect((await side.scoreAt('t|a', T0 - 1))?.windowStartMs).toBe(T0 - 60_000);
      expect([await side.scoreAt('t|a', T0 + 60_000), await side.scoreAt('t|b', T0), await side.scoreOfAlert('z')]).toEqual([
        null,
        null,
        null,
      ]);
      await side.close();
    });

    it('lets a reader beside it see the log and what was committed', async () => {
      const { bus, reader } = await start(1);
      await bus.append([tick(T0), eventEntry('x'), control()]);
      const lease = await bus.lease(0);
      const state = [
        { key: 't|a', body: '1', dueMs: T0 },
        { key: 't|b', body: '1', dueMs: null },
        { key: 't|c', body: '1', dueMs: T0 },
      ];
      await bus.commit(lease, commitOf(2, { state, partitionState: 'p', out: { alerts: [alertRow('a')] } }));
      const side = await reader();
      expect((await logOf(side, 0)).map(nameOf)).toEqual(['tick 0', 'x', 'control']);
      expect((await logOf(side, 1, 2)).map(nameOf)).toEqual(['x']);
      expect(await side.partitionStates()).toEqual([{ partition: 0, next: 2, end: 3, partitionState: 'p', openAgents: 2 }]);
      expect(await side.alerts(0, 10)).toEqual(await bus.alerts(0, NOW));
      const again = await bus.lease(0);
      await bus.commit(again, commitOf(3, { state: [{ key: 't|a', body: '2', dueMs: null }] }));
      expect((await side.partitionStates())[0]).toMatchObject({ next: 3, openAgents: 1 });
      await side.close();
    });

    it('reports end and committed position of each partition', async () => {
      const { bus } = await start(2);
      await bus.append([tick(T0), tick(T0 + 1)]);
      await bus.commit(await bus.lease(1), commitOf(1));
      expect(await bus.positions()).toEqual([
        { partition: 0, end: 2, next: 0 },
        { partition: 1, end: 2, next: 1 },
      ]);
    });

    it('keeps log, ids and clock for whoever opens it again', async () => {
      const { bus, reopen } = await start(1);
      if (reopen === null) return;
      await bus.append([tick(T0), eventEntry('x')]);
      const again = await reopen();
      if (again.findsDuplicates)
        expect(await again.append([tick(T0), eventEntry('x'), eventEntry('x', 'b')])).toEqual(['duplicate', 'duplicate', 'conflict']);
      expect(await again.append([eventEntry('y')])).toEqual(['accepted']);
      expect((await readAll(again, await again.lease(0))).map(nameOf)).toEqual(['tick 0', 'x', 'y']);
    });

    it('accepts an empty call and refuses every call after it was closed, those that wait included', async () => {
      const { bus } = await start(1);
      expect(await bus.append([])).toEqual([]);
      const lease = await bus.lease(0);
      const waiting = fails(bus.read(lease, 0, { maxRecords: 1, maxWaitMs: 60_000 }), 'bus_closed');
      const alerts = fails(bus.alerts(0, { maxRecords: 1, maxWaitMs: 60_000 }), 'bus_closed');
      await bus.close();
      await Promise.all([waiting, alerts]);
      await fails(bus.append([tick(T0)]), 'bus_closed');
      await fails(bus.lease(0), 'bus_closed');
      await fails(bus.positions(), 'bus_closed');
      await bus.close();
    });

    appendOracle(() => start());
  });
}

async function logOf(reader: LogReader, from: number, to?: number): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  for await (const page of reader.readLog(0, from, to)) records.push(...page);
  return records;
}
