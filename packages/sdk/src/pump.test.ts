import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { Tally } from './counters.ts';
import type { Waiting } from './memory-queue.ts';
import { resolveOptions } from './options.ts';
import { payloadOf } from './payload.ts';
import { Pump } from './pump.ts';
import { Spool } from './spool/spool.ts';
import { idOf, type TestTransport, testTransport } from './test-support/events.ts';
import { EVENT_CLASSES, type EventClass } from './worth.ts';

const folders: string[] = [];
afterEach(() => {
  for (const one of folders.splice(0)) rmSync(one, { recursive: true, force: true });
});

/** A disk that can be full. */
class FullSpool extends Spool {
  isFull = false;
  override append(groups: readonly (readonly string[])[]): ReturnType<Spool['append']> {
    if (!this.isFull) return super.append(groups);
    return Promise.reject(Object.assign(new Error('no space left on device'), { code: 'ENOSPC' }));
  }
}

const event = (id: string, agent: number, name: EventClass): Waiting => ({
  key: `default|agent-${agent}`,
  type: 'argus.agent.lifecycle.v1',
  class: name,
  attributes: JSON.stringify({ id, type: 'argus.agent.lifecycle.v1', subject: `agent-${agent}`, tenant: 'default' }),
  data: `"${'x'.repeat(200)}"`,
  bytes: 600,
});

interface Rig {
  readonly transport: TestTransport;
  readonly pump: Pump;
  readonly spool: FullSpool | null;
  readonly tally: Tally;
}

const rig = (hasSpool: boolean, transport = testTransport(), folder: string | null = null): Rig => {
  const options = resolveOptions({
    transport,
    source: 'test',
    spool: hasSpool ? { folder: folder ?? made(), maxBytes: 1_048_576, segmentBytes: 65_536, fsync: 'never' } : false,
    memoryBytes: 65_536,
    batchEvents: 16,
    lingerMs: 0,
    stallMs: 10,
    retryMs: 1,
    retryMaxMs: 3,
  });
  const spool = options.spool === null ? null : new FullSpool(options.spool);
  const tally = new Tally();
  return {
    transport,
    tally,
    spool,
    pump: new Pump(
      options,
      spool,
      tally,
      () => {},
      () => {},
    ),
  };
};
const made = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'optikal-pump-'));
  folders.push(folder);
  return folder;
};
const balance = ({ tally, pump }: Rig): number =>
  tally.recovered + tally.produced - tally.delivered - tally.refused - tally.droppedCount - tally.lost - pump.waiting;

type Step =
  | { readonly do: 'offer'; readonly agent: number; readonly class: EventClass; readonly times: number }
  | { readonly do: 'state'; readonly state: TestTransport['state'] }
  | { readonly do: 'disk'; readonly isFull: boolean }
  | { readonly do: 'turns'; readonly times: number }
  | { readonly do: 'persist' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('offer' as const),
      agent: fc.nat(2),
      class: fc.constantFrom(...EVENT_CLASSES),
      times: fc.integer({ min: 1, max: 90 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('state' as const), state: fc.constantFrom('up' as const, 'down' as const, 'hanging' as const) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('disk' as const), isFull: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('turns' as const), times: fc.integer({ min: 1, max: 30 }) }) },
  { weight: 1, arbitrary: fc.constant({ do: 'persist' as const }) },
);

/** Ids of one agent in the order of their first delivery. */
const firstSeen = (ids: readonly string[]): string[] => [...new Set(ids)];

describe('the pump', () => {
  test('keeps its balance at each moment and the order of each agent, whatever fails', async () => {
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.array(step, { minLength: 5, maxLength: 40 }), async (hasSpool, steps) => {
        const one = rig(hasSpool);
        const offered: string[][] = [[], [], []];
        const check = () => expect(balance(one)).toBe(0);
        for (const taken of steps) {
          if (taken.do === 'offer')
            for (let i = 0; i < taken.times; i++) {
              const id = `${taken.agent}-${offered[taken.agent].length}`;
              offered[taken.agent].push(id);
              one.pump.offer(event(id, taken.agent, taken.class));
              check();
            }
          else if (taken.do === 'state') one.transport.state = taken.state;
          else if (taken.do === 'disk' && one.spool !== null) one.spool.isFull = taken.isFull;
          else if (taken.do === 'turns')
            for (let i = 0; i < taken.times; i++) {
              await turn();
              check();
            }
          else void one.pump.persist(20);
        }
        one.transport.state = 'up';
        if (one.spool !== null) one.spool.isFull = false;
        expect(await one.pump.flush(20_000)).toBe(true);
        check();
        await one.pump.end();
        check();
        const ids = one.transport.taken.map(idOf);
        // The drops say how many are missing, the order of those that came is the order of the calls.
        expect(new Set(ids).size).toBe(one.tally.produced - one.tally.droppedCount);
        expect(one.tally.delivered).toBe(new Set(ids).size);
        for (const [agent, all] of offered.entries()) {
          const came = firstSeen(ids.filter((id) => id.startsWith(`${agent}-`)));
          const wanted = new Set(came);
          expect(came).toEqual(all.filter((id) => wanted.has(id)));
        }
        expect(one.transport.maxInFlight).toBeLessThanOrEqual(1);
      }),
      { numRuns: 60 },
    );
  });

  test('loses nothing over ends and starts on one folder', async () => {
    const folder = made();
    const transport = testTransport();
    const ids: string[] = [];
    for (let run = 0; run < 12; run++) {
      transport.state = run % 3 === 1 ? 'up' : 'down';
      const one = rig(true, transport, folder);
      for (let i = 0; i < 25; i++) {
        ids.push(`0-${ids.length}`);
        one.pump.offer(event(ids.at(-1)!, 0, 'violation'));
        if (i % 10 === 0) await turn();
      }
      expect(await one.pump.persist(5000)).toBe(true);
      await one.pump.end();
      expect(balance(one)).toBe(0);
      expect(one.tally.droppedCount).toBe(0);
    }
    transport.state = 'up';
    const last = rig(true, transport, folder);
    expect(await last.pump.flush(5000)).toBe(true);
    await last.pump.end();
    expect(firstSeen(transport.taken.map(idOf))).toEqual(ids);
  });

  test('counts as lost what was not written by it, and goes on', async () => {
    const folder = made();
    const spool = new Spool({ folder, segmentBytes: 65_536, fsync: 'never', fsyncIntervalMs: 1000 });
    await spool.load();
    await spool.append([
      ['no line break', ...Array.from({ length: 20 }, () => 'no json\n{}'), payloadOf(event('0-0', 0, 'decision')), '{}\n1'],
    ]);
    await spool.close();
    const one = rig(true, testTransport(), folder);
    one.pump.offer(event('0-1', 0, 'decision'));
    expect(await one.pump.flush(5000)).toBe(true);
    expect(one.transport.taken.map(idOf)).toEqual(['0-0', '0-1']);
    expect(one.tally).toMatchObject({ recovered: 23, produced: 1, delivered: 2, lost: 22 });
    expect(balance(one)).toBe(0);
    await one.pump.end();
  });

  test('goes on where the disk has space again, and drops by class meanwhile', async () => {
    const one = rig(true, testTransport('down'));
    one.spool!.isFull = true;
    for (let i = 0; i < 50; i++) one.pump.offer(event(`0-${i}`, 0, 'violation'));
    for (let i = 0; i < 500; i++) one.pump.offer(event(`1-${i}`, 1, 'routine'));
    expect(one.tally.dropped).toMatchObject({ violation: 0 });
    expect(one.tally.dropped.routine).toBeGreaterThan(400);
    expect(balance(one)).toBe(0);
    one.spool!.isFull = false;
    expect(await one.pump.persist(5000)).toBe(true);
    one.transport.state = 'up';
    expect(await one.pump.flush(5000)).toBe(true);
    expect(one.transport.taken.length).toBe(550 - one.tally.droppedCount);
    await one.pump.end();
  });
});
