import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Kafka, needKafka, startKafka } from '../../../../../test/support/kafka.ts';
import { inconsistencies, ROUND, roundCommit, roundEntries } from '../test-support/rounds.ts';
import { alertRow, commitOf, eventEntry, nameOf, readAll, T0, tick } from '../test-support/samples.ts';
import { openKafkaReader } from './reader.ts';
import { useInstallations } from './test-support/harness.ts';

const NOW = { maxRecords: 1000, maxWaitMs: 0 };
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const timeouts = { giveUpMs: 60_000, retryMs: 100, requestMs: 2000 };

describe.skipIf(!needKafka({ own: true }))('the Kafka bus and a broker that is killed', () => {
  let kafka: Kafka;
  const install = useInstallations();
  beforeAll(async () => {
    kafka = await startKafka();
  });
  afterAll(async () => {
    await kafka.stop();
  });
  const start = async (prefix: string, partitions = 1) => {
    const there = await install(kafka.bootstrap, prefix, partitions);
    return { ...there, open: (more = {}) => there.open({ connection: { ...there.connection, timeouts: { ...timeouts, ...more } } }) };
  };

  it('keeps what was acknowledged, in order, through kill -9 with appends under way', async () => {
    const there = await start('kept.');
    const bus = await there.open();
    const acked: string[] = [];
    let stop = false;
    const writers = [0, 1, 2, 3].map(async (writer) => {
      for (let n = 0; !stop; n++) {
        const ids = [0, 1, 2].map((k) => `${writer}-${n}-${k}`);
        await bus.append(ids.map((id) => eventEntry(id)));
        acked.push(...ids);
      }
    });
    for (let kill = 0; kill < 2; kill++) {
      await pause(300);
      await kafka.kill();
      await pause(300);
      await kafka.restart();
      await pause(500);
    }
    stop = true;
    await Promise.all(writers);
    const names = (await readAll(bus, await bus.lease(0))).map(nameOf);
    expect(acked.length).toBeGreaterThan(20);
    expect(acked.filter((id) => !names.includes(id))).toEqual([]);
    // A batch whose answer was lost may stand there twice, as a whole; the first of each is in the order of its writer.
    for (const writer of [0, 1, 2, 3]) {
      const first = [...new Set(names)].filter((name) => name.startsWith(`${writer}-`)).map((name) => name.split('-').map(Number));
      expect(first).toEqual(first.toSorted(([, n, k], [, m, l]) => n - m || k - l));
    }
  });

  it('goes on from what is durable after a commit whose outcome is not known: nothing lost, nothing twice', async () => {
    const there = await start('unknown.');
    const bus = await there.open({ giveUpMs: 1500 });
    await bus.append([0, 1, 2, 3, 4, 5].flatMap(roundEntries));
    const codes: string[] = [];
    let lease = await bus.lease(0);
    for (let next = lease.next, kills = 0; next < 6 * ROUND; ) {
      const committing = bus.commit(lease, roundCommit(next + ROUND));
      if (kills < 2 && next === (2 * kills + 1) * ROUND) {
        kills++;
        // With the request on its way: sometimes it arrives, sometimes it does not.
        if (kills === 2) await pause(3);
        await kafka.kill();
      }
      try {
        await committing;
        next += ROUND;
      } catch (error) {
        codes.push((error as { code: string }).code);
        await kafka.restart();
        lease = await again(() => bus.lease(0));
        expect([next, next + ROUND]).toContain(lease.next);
        next = lease.next;
      }
    }
    expect(new Set(codes)).toEqual(new Set(['commit_unknown']));
    const fresh = await again(() => bus.lease(0));
    const reader = await openKafkaReader({ connection: there.connection, prefix: there.prefix });
    const found = {
      end: (await bus.positions())[0].end,
      next: fresh.next,
      partitionState: fresh.partitionState,
      dueMs: fresh.due[0]?.dueMs,
      state: (await bus.loadState(fresh, ['t|a'])).get('t|a') ?? null,
      alertIds: (await reader.alerts(0, 1000)).map(({ id }) => id),
      records: await readAll(bus, fresh, 0),
    };
    expect(inconsistencies(found)).toEqual([]);
    await reader.close();
  });

  it('says that a commit is not known while no broker answers, and that one is unavailable for an append', async () => {
    const there = await start('away.');
    const bus = await there.open({ giveUpMs: 1000 });
    await bus.append([tick(T0)]);
    const lease = await bus.lease(0);
    expect((await readAll(bus, lease)).map(nameOf)).toEqual(['tick 0']);
    await kafka.kill();
    const [append, commit] = await Promise.allSettled([
      bus.append([eventEntry('x')]),
      bus.commit(lease, commitOf(1, { out: { alerts: [alertRow('a')] } })),
    ]);
    expect(append).toMatchObject({ reason: { code: 'broker_unavailable', retriable: true } });
    expect(commit).toMatchObject({ reason: { code: 'commit_unknown', retriable: false } });
    await expect(bus.lease(0)).rejects.toMatchObject({ code: 'broker_unavailable', retriable: true });
    await kafka.restart();
    const fresh = await again(() => bus.lease(0));
    expect(fresh.next).toBe(0);
    await bus.append([eventEntry('y')]);
    expect(new Set((await readAll(bus, fresh)).map(nameOf))).toEqual(new Set(['tick 0', 'x', 'y']));
    await bus.commit(fresh, commitOf(1, { out: { alerts: [alertRow('a')] } }));
    expect((await bus.alerts(0, NOW)).map(({ id }) => id)).toEqual(['a']);
  });

  it('reads nothing while a broker is away, says so when that lasts, and goes on where it was', async () => {
    const there = await start('read.');
    const bus = await there.open({ giveUpMs: 1500 });
    await bus.append([eventEntry('1')]);
    const lease = await bus.lease(0);
    expect((await readAll(bus, lease)).map(nameOf)).toEqual(['1']);
    await kafka.kill();
    const reading = async () => {
      for (;;) await bus.read(lease, 1, { maxRecords: 1, maxWaitMs: 50 });
    };
    await expect(reading()).rejects.toMatchObject({ code: 'broker_unavailable', retriable: true });
    await kafka.restart();
    await again(() => bus.append([eventEntry('2')]));
    expect((await again(() => readAll(bus, lease, 1))).map(nameOf)).toEqual(['2']);
  });

  it('answers a reader that stood idle while the broker was killed and came back', async () => {
    const there = await start('idle.');
    const bus = await there.open();
    await bus.append([tick(T0)]);
    const reader = await openKafkaReader({
      connection: { ...there.connection, timeouts: { ...timeouts, giveUpMs: 20_000 } },
      prefix: there.prefix,
    });
    try {
      expect((await reader.partitionStates()).map(({ end }) => end)).toEqual([1]);
      await kafka.kill();
      await pause(1000);
      await kafka.restart();
      expect((await reader.partitionStates()).map(({ end }) => end)).toEqual([1]);
    } finally {
      await reader.close();
    }
  });

  it('shares the partitions out among the same members after a broker was away for longer than a session', async () => {
    const there = await start('member.', 2);
    const times = { sessionMs: 1500, heartbeatMs: 200 };
    const buses = [await there.open(times), await there.open(times)];
    const assigned: (readonly number[])[] = [[], []];
    const until = async (holds: () => boolean) => {
      while (!holds()) await pause(20);
    };
    for (const [n, bus] of buses.entries())
      await bus.join((partitions) => {
        assigned[n] = partitions;
      });
    await until(() => assigned.every(({ length }) => length === 1));
    await kafka.kill();
    await pause(2500);
    await kafka.restart();
    await until(() => assigned.every(({ length }) => length === 1) && assigned[0][0] !== assigned[1][0]);
    await buses[0].close();
    await until(() => assigned[1].length === 2);
    expect(assigned[1]).toEqual([0, 1]);
  });
});

/** As a caller does it: what is retriable is tried again. */
async function again<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if ((error as { retriable?: boolean }).retriable !== true) throw error;
      await pause(100);
    }
  }
}
