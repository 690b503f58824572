import { describe, expect, it } from 'vitest';
import { describeBusConformance } from './conformance.ts';
import { logReader } from './log-reader.ts';
import { openMemoryBus } from './memory.ts';
import { alertRow, commitOf, eventEntry, readAll, T0, tick } from './test-support/samples.ts';

describeBusConformance('the memory bus', async (partitions) => {
  const bus = openMemoryBus({ partitions, keepLog: true });
  return { bus, reader: async () => logReader(bus.reader()), reopen: null, end: () => bus.close() };
});

describe('openMemoryBus', () => {
  it('drops what was committed, so that memory holds the unread part only', async () => {
    const bus = openMemoryBus({ partitions: 1 });
    const lease = await bus.lease(0);
    await bus.append([tick(T0), eventEntry('x'), eventEntry('y')]);
    await bus.commit(lease, commitOf(2));
    await expect(bus.read(lease, 1, { maxRecords: 9, maxWaitMs: 0 })).rejects.toMatchObject({ code: 'log_dropped' });
    expect(() => [...bus.reader().readLog(0, 0)]).toThrow('record 0 is consumed, the oldest kept is 2');
    expect((await readAll(bus, lease, 2)).map(({ offset }) => offset)).toEqual([2]);
    expect(await bus.positions()).toEqual([{ partition: 0, end: 3, next: 2 }]);
  });

  it('drops alerts once what follows them is asked for, never before', async () => {
    const bus = openMemoryBus({ partitions: 1 });
    const lease = await bus.lease(0);
    await bus.commit(lease, commitOf(0, { out: { alerts: [alertRow('a'), alertRow('b')] } }));
    const now = { maxRecords: 1, maxWaitMs: 0 };
    const [first] = await bus.alerts(0, now);
    expect(await bus.alerts(0, now)).toEqual([first]);
    expect((await bus.alerts(first.cursor, now)).map(({ id }) => id)).toEqual(['b']);
    expect(
      bus
        .reader()
        .alerts(0, 10)
        .map(({ id }) => id),
    ).toEqual(['b']);
  });

  it('keeps the newest dead letters only, and shows by the cursor how many there were', async () => {
    const bus = openMemoryBus({ partitions: 1 });
    const letter = { code: 'invalid_json', field: '', sizeBytes: 1, hmac: 'ab' } as const;
    for (let n = 0; n < 50; n++) await bus.append(Array.from({ length: 100 }, () => ({ kind: 'refused', letter }) as const));
    const letters = bus.reader().deadLetters(0, 10_000);
    expect(letters.length).toBeLessThanOrEqual(2000);
    expect(letters.at(-1)?.cursor).toBe(5000);
  });

  it.each([0, 1.5, 1025, Number.NaN])('refuses %s partitions', (partitions) => {
    expect(() => openMemoryBus({ partitions })).toThrow('`partitions` must be a whole number from 1 to 1024');
  });
});
