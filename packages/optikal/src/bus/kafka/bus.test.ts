import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { needKafka, useKafka } from '../../../../../test/support/kafka.ts';
import { alertRow, commitOf, eventEntry, nameOf, readAll, scoreRow, T0, tick } from '../test-support/samples.ts';
import { newProducer, newTransactionalProducer } from './client.ts';
import { Fetcher } from './fetcher.ts';
import { openKafkaReader } from './reader.ts';
import { useInstallations } from './test-support/harness.ts';

const NOW = { maxRecords: 100, maxWaitMs: 0 };

describe.skipIf(!needKafka())('openKafkaBus', () => {
  const kafka = useKafka();
  const install = useInstallations();
  const start = async (partitions = 1) => {
    const { bootstrap, prefix } = await kafka();
    return install(bootstrap, prefix, partitions);
  };

  it('fences a lease of another process: nothing of its commit is visible, and it learns that it lost', async () => {
    const there = await start();
    const [zombie, heir] = [await there.open(), await there.open()];
    await zombie.append([tick(T0), tick(T0 + 1)]);
    const old = await zombie.lease(0);
    await zombie.commit(old, commitOf(1, { state: [{ key: 't|a', body: 'first', dueMs: null }] }));
    const fresh = await heir.lease(0);
    expect(fresh).toMatchObject({ next: 1, partitionState: '{"next":1}' });
    const late = commitOf(2, {
      state: [{ key: 't|a', body: 'zombie', dueMs: T0 }],
      out: { alerts: [alertRow('z')], scores: [scoreRow(T0)] },
    });
    await expect(zombie.commit(old, late)).rejects.toMatchObject({ code: 'lease_lost' });
    await expect(zombie.read(old, 1, NOW)).rejects.toMatchObject({ code: 'lease_lost' });
    await heir.commit(fresh, commitOf(2, { out: { alerts: [alertRow('h')] } }));
    const after = await heir.lease(0);
    expect(after).toMatchObject({ next: 2, due: [] });
    expect(await heir.loadState(after, ['t|a'])).toEqual(new Map([['t|a', 'first']]));
    expect((await heir.alerts(0, NOW)).map(({ id }) => id)).toEqual(['h']);
    const reader = await openKafkaReader({ connection: there.connection, prefix: there.prefix });
    expect(await reader.scoreAt('t|a', T0)).toBeNull();
    await reader.close();
  });

  it('ends what a dead lease left open, and shows nothing of it, however large it was', async () => {
    const there = await start();
    const bus = await there.open();
    const lease = await bus.lease(0);
    await bus.commit(lease, commitOf(0, { out: { alerts: [alertRow('before')] } }));
    const dead = newTransactionalProducer(there.resolved, `${there.prefix}optikal-test-0`);
    const transaction = await dead.beginTransaction();
    for (let n = 0; n < 20; n++) {
      const alert = { topic: there.topics.alerts, partition: 0, key: Buffer.from('t|a'), value: Buffer.alloc(100_000, 120) };
      const headers = new Map(
        Object.entries({ ce_id: `dead${n}.1`, ce_revision: '1', ce_windowstart: '1' }).map(
          ([k, v]) => [Buffer.from(k), Buffer.from(v)] as const,
        ),
      );
      const state = { topic: there.topics.state, partition: 0, key: Buffer.from('t|dead'), value: Buffer.alloc(100_000, 120) };
      await transaction.send({ messages: [{ ...alert, headers }, state] });
    }
    await dead.close(true); // without commit or abort, as a process that was killed
    const heir = await there.open();
    const fresh = await heir.lease(0);
    expect(await heir.loadState(fresh, ['t|dead'])).toEqual(new Map());
    await heir.commit(fresh, commitOf(0, { out: { alerts: [alertRow('after')] } }));
    expect((await heir.alerts(0, NOW)).map(({ id }) => id)).toEqual(['before', 'after']);
    // Fetches so small that the abort marker is not in the answer with the records.
    const fetcher = new Fetcher(there.resolved, { committed: true });
    const end = await fetcher.settledEnd(there.topics.state, 0);
    const keys: string[] = [];
    for await (const page of fetcher.range(there.topics.state, 0, 0, end, 65_536)) keys.push(...page.map(({ key }) => String(key)));
    await fetcher.close();
    expect(keys).not.toContain('t|dead');
  });

  it('keeps the order of 10,000 appends made at once', async () => {
    const there = await start();
    const bus = await there.open();
    const calls = Array.from({ length: 10_000 }, (_, n) => bus.append([eventEntry(`${n}`)]));
    expect(new Set((await Promise.all(calls)).flat())).toEqual(new Set(['accepted']));
    const records = await readAll(bus, await bus.lease(0));
    expect(records.map(nameOf)).toEqual(calls.map((_, n) => `${n}`));
  });

  it('goes on behind what is no record, and puts it into the dead letters with the commit that covers it, once', async () => {
    const there = await start();
    const bus = await there.open();
    await bus.append([eventEntry('1')]);
    const stranger = newProducer(there.resolved);
    const header = (kind: string) => new Map([[Buffer.from('k'), Buffer.from(kind)]]);
    const values = [
      { value: Buffer.from('{') },
      { value: Buffer.from('{"half":'), headers: header('e') },
      { value: Buffer.from('{"id":1}'), headers: header('e') },
      { value: Buffer.from('9e99'), headers: header('t') },
      { value: Buffer.from('{"kind":"nothing"}'), headers: header('c') },
      { value: Buffer.from([0xff, 0x00]), headers: header('e') },
    ];
    await stranger.send({ messages: values.map((each) => ({ topic: there.topics.events, partition: 0, ...each })) });
    await bus.append([eventEntry('2')]);
    await stranger.send({ messages: [{ topic: there.topics.events, partition: 0, value: Buffer.from('last') }] });
    await stranger.close(true);
    for (let round = 0; round < 2; round++) {
      const lease = await bus.lease(0); // a second lease that reads the same again changes nothing
      const records = await readAll(bus, lease);
      expect(records.map((record) => [nameOf(record), record.offset])).toEqual([
        ['1', 0],
        ['2', 7],
      ]);
      if (round === 1) await bus.commit(lease, commitOf(8));
    }
    const reader = await openKafkaReader({ connection: there.connection, prefix: there.prefix });
    const letters = await reader.deadLetters(0, 100);
    expect(letters.map(({ code, offset, partition }) => [code, offset, partition])).toEqual([
      ['envelope_invalid', 1, 0],
      ['invalid_json', 2, 0],
      ['envelope_invalid', 3, 0],
      ['time_invalid', 4, 0],
      ['data_invalid', 5, 0],
      ['invalid_json', 6, 0],
    ]);
    expect(letters[0]).toMatchObject({ sizeBytes: 1, hmac: expect.stringMatching(/^[0-9a-f]{64}$/) as string });
    await reader.close();
    const lease = await bus.lease(0);
    await bus.append([tick(T0)]);
    expect((await readAll(bus, lease)).map(nameOf)).toEqual(['tick 0']);
  });

  it.each([
    ['removed', (path: string) => rmSync(path)],
    ['cut short', (path: string) => truncateSync(path, 5000)],
    ['overwritten', (path: string) => writeFileSync(path, Buffer.alloc(30_000, 7))],
    ['that of other topics', (path: string, other: string) => writeFileSync(path, readFileSync(other))],
  ])('makes a cache anew that was %s', async (_what, damage) => {
    const there = await start();
    const elsewhere = await start();
    const otherDir = elsewhere.folder();
    const other = await elsewhere.open({ dataDir: otherDir });
    await other.commit(await other.lease(0), commitOf(0, { state: [{ key: 't|stranger', body: 'x', dueMs: 1 }] }));
    await other.close();
    const dataDir = there.folder();
    const state = Array.from({ length: 300 }, (_, n) => ({ key: `t|a${n}`, body: 'x'.repeat(200) + n, dueMs: n === 7 ? T0 : null }));
    const bus = await there.open({ dataDir });
    await bus.append([tick(T0)]);
    await bus.commit(await bus.lease(0), commitOf(1, { state, out: { alerts: [alertRow('a')] } }));
    await bus.close();
    const [path, otherPath] = [dataDir, otherDir].map((dir) => join(dir, 'kafka', 'state-0.db'));
    for (const end of ['-wal', '-shm']) rmSync(path + end, { force: true });
    damage(path, otherPath);
    const again = await there.open({ dataDir });
    const lease = await again.lease(0);
    expect(lease).toMatchObject({ next: 1, due: [{ key: 't|a7', dueMs: T0 }] });
    expect(
      await again.loadState(
        lease,
        state.map(({ key }) => key),
      ),
    ).toEqual(new Map(state.map(({ key, body }) => [key, body])));
    const conflict = again.commit(lease, commitOf(1, { out: { alerts: [alertRow('a', { body: 'another' })] } }));
    await expect(conflict).rejects.toMatchObject({ code: 'alert_conflict' });
  });

  it('says that a record is too large, leaves nothing of its commit, and goes on under the same lease', async () => {
    const there = await start();
    const bus = await there.open();
    const lease = await bus.lease(0);
    const huge = { key: 't|a', body: randomBytes(22_500_000).toString('base64'), dueMs: null };
    const commit = commitOf(0, { state: [huge], out: { alerts: [alertRow('a')] } });
    await expect(bus.commit(lease, commit)).rejects.toMatchObject({ code: 'record_too_large', retriable: false });
    expect(await bus.alerts(0, NOW)).toEqual([]);
    await bus.commit(lease, commitOf(0, { out: { alerts: [alertRow('b')] } }));
    expect((await bus.alerts(0, NOW)).map(({ id }) => id)).toEqual(['b']);
    const source = `/${randomBytes(6_000_000).toString('base64')}`;
    const large = eventEntry('large');
    const calls = [
      [eventEntry('1')],
      [large.kind === 'event' ? { ...large, event: { ...large.event, source } } : large],
      [eventEntry('2')],
    ];
    const outcomes = await Promise.allSettled(calls.map((call) => bus.append(call)));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(outcomes[1]).toMatchObject({ reason: { code: 'record_too_large' } });
    expect((await readAll(bus, lease)).map(nameOf)).toEqual(['1', '2']);
  });

  it('commits a state that is many times a batch', async () => {
    const there = await start();
    const bus = await there.open();
    const lease = await bus.lease(0);
    const state = Array.from({ length: 1000 }, (_, n) => ({ key: `t|a${n}`, body: `${n}`.padStart(4000, 'x'), dueMs: n }));
    await bus.commit(lease, commitOf(0, { state, partitionState: 'p'.repeat(100_000) }));
    const heir = await there.open();
    const fresh = await heir.lease(0);
    expect(fresh).toMatchObject({ partitionState: 'p'.repeat(100_000) });
    expect(fresh.due.length).toBe(1000);
    expect((await heir.loadState(fresh, ['t|a0', 't|a999'])).get('t|a999')).toBe('999'.padStart(4000, 'x'));
    expect(await heir.positions()).toEqual([{ partition: 0, end: 0, next: 0 }]);
  });

  it('shares one key of dead letters among all processes, those that start at once too', async () => {
    const there = await start();
    const buses = await Promise.all([there.open(), there.open(), there.open()]);
    expect(new Set(buses.map(({ hmacKey }) => hmacKey)).size).toBe(1);
  });

  it('gives each partition to one of the members, all of them to the last one', async () => {
    const there = await start(4);
    const timeouts = { sessionMs: 6000, heartbeatMs: 200 };
    const connection = { ...there.connection, timeouts };
    const [one, two] = [await there.open({ connection }), await there.open({ connection })];
    const assigned: [readonly number[], readonly number[]] = [[], []];
    const until = async (holds: () => boolean) => {
      while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
    };
    await one.join((partitions) => {
      assigned[0] = partitions;
    });
    await until(() => assigned[0].length === 4);
    await two.join((partitions) => {
      assigned[1] = partitions;
    });
    await until(() => assigned[0].length === 2 && assigned[1].length === 2);
    expect([...assigned[0], ...assigned[1]].toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3]);
    await one.close();
    await until(() => assigned[1].length === 4);
  });

  it('refuses another number of partitions, missing topics, a folder that is in use and options that nobody knows', async () => {
    const there = await start(2);
    await expect(there.open({ partitions: 3 })).rejects.toMatchObject({ code: 'partitions_changed' });
    await expect(there.open({ prefix: 'nobody.' })).rejects.toMatchObject({ code: 'topics_missing' });
    const dataDir = there.folder();
    await there.open({ dataDir });
    await expect(there.open({ dataDir })).rejects.toMatchObject({ code: 'data_dir_locked' });
    // As a configuration may hold it: the types would not let it through.
    await expect(there.open(JSON.parse('{"nothing":1}') as object)).rejects.toMatchObject({ code: 'option_invalid' });
  });

  it('says that no broker answers', async () => {
    const there = await start();
    const connection = { brokers: ['127.0.0.1:1'], timeouts: { giveUpMs: 500, connectMs: 100 } };
    await expect(there.open({ connection })).rejects.toMatchObject({ code: 'broker_unavailable', retriable: true });
  });
});
