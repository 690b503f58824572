import { describe, expect, it } from 'vitest';
import { logReader } from '../bus/log-reader.ts';
import { openMemoryBus } from '../bus/memory.ts';
import { epochOf, sensitiveBundle } from '../detection/test-support/bundles.ts';
import { callOf, callsOf, started, T0, verdictOf } from '../detection/test-support/events.ts';
import { createDetector } from './detector.ts';
import { createModelStore } from './model-store.ts';
import { verifyLog } from './verify.ts';

const MINUTE = 60_000;
const BUNDLE = sensitiveBundle();
const models = () => createModelStore({ load: () => BUNDLE, hmacKey: new Uint8Array(32) });

/** Five agents that read a flagged text and act on it, and the tick that closes their windows. */
function minute(n: number) {
  const at = n * MINUTE;
  const agents = Array.from({ length: 5 }, (_, a) => ({ agent: `agent-${a}` }));
  const events = agents.flatMap((agent) => {
    const call = (ms: number, tool: string) =>
      callsOf([callOf(at + ms, tool, { taskId: `t${n}`, callId: `c${n}-${ms}`, turn: ms })], agent);
    const verdict = verdictOf(at + 11, { taskId: `t${n}`, score: 0.9 }, agent);
    return [{ ...started(at, `t${n}`), ...agent }, call(10, 'read'), verdict, call(20, 'send')];
  });
  return [
    { kind: 'tick', timeMs: T0 + at } as const,
    ...events.map((event) => ({ kind: 'event', event }) as const),
    { kind: 'tick', timeMs: T0 + at + MINUTE + 80_000 } as const,
  ];
}

async function judged() {
  const bus = openMemoryBus({ partitions: 1, keepLog: true });
  await bus.append([{ kind: 'control', control: epochOf(BUNDLE) }, ...minute(0)]);
  const detector = await createDetector({ bus, partition: 0, models: models() });
  const goOn = async () => {
    while ((await detector.runOnce(0)) > 0);
  };
  await goOn();
  return { bus, goOn };
}

describe('verifyLog', () => {
  it('finds the stored alerts equal to those of the replay', async () => {
    const { bus } = await judged();
    const found = await verifyLog(logReader(bus.reader()), () => BUNDLE);
    expect(found).toMatchObject({ equal: true });
    expect(found.alerts).toBeGreaterThan(4);
  });

  it('holds nothing against a detector that commits while its alerts are read', async () => {
    const { bus, goOn } = await judged();
    const before = await verifyLog(logReader(bus.reader()), () => BUNDLE);
    const reader = logReader(bus.reader());
    let moved = false;
    const moving = {
      ...reader,
      alerts: async (after: number, maxRecords: number) => {
        if (!moved) {
          moved = true;
          await bus.append(minute(5));
          await goOn();
        }
        return reader.alerts(after, maxRecords);
      },
    };
    expect(await verifyLog(moving, () => BUNDLE)).toEqual(before);
    expect((await verifyLog(reader, () => BUNDLE)).alerts).toBeGreaterThan(before.alerts);
  });

  it('finds one alert that is missing, and one that is another', async () => {
    const { bus } = await judged();
    const reader = logReader(bus.reader());
    const changed = (change: (rows: Awaited<ReturnType<typeof reader.alerts>>) => Awaited<ReturnType<typeof reader.alerts>>) => ({
      ...reader,
      alerts: async (after: number, maxRecords: number) => change(await reader.alerts(after, maxRecords)),
    });
    expect(
      await verifyLog(
        changed((rows) => rows.slice(1)),
        () => BUNDLE,
      ),
    ).toMatchObject({ equal: false });
    const other = changed((rows) => rows.map((row, n) => (n === 0 ? { ...row, body: '{}' } : row)));
    expect(await verifyLog(other, () => BUNDLE)).toMatchObject({ equal: false });
  });
});
