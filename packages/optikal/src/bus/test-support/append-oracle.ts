/** Appends of any kind in any portions, against plain lists. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Bus } from '../contract.ts';
import { partitionOf } from '../partition.ts';
import { control, eventEntry, nameOf, readAll, T0, tick } from './samples.ts';

export function appendOracle(start: () => Promise<{ readonly bus: Bus }>): void {
  it('equals a plain list per partition, whatever is appended in whatever portions', async () => {
    const entry = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.tuple(fc.integer({ min: 0, max: 30 }), fc.constantFrom('a', 'b', 'c', 'd'), fc.integer({ min: 0, max: 1 })),
      },
      { weight: 2, arbitrary: fc.integer({ min: 1, max: 20 }) },
      { weight: 1, arbitrary: fc.constant(null) },
    );
    const { bus } = await start();
    const { partitions } = bus;
    const seen = new Map<string, string>();
    let clock = 0;
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(entry, { maxLength: 12 }), { maxLength: 6 }), async (calls) => {
        run++; // its own ids and ticks, so that one bus serves every run
        const starts = (await bus.positions()).map(({ end }) => end);
        const oracle = starts.map((): string[] => []);
        const everywhere = (name: string) => {
          for (const list of oracle) list.push(name);
          return 'accepted';
        };
        for (const call of calls) {
          const plain = call.map((e) =>
            typeof e === 'number' ? run * 100 + e : e === null ? null : ([`${run}-${e[0]}`, e[1], e[2]] as const),
          );
          const entries = plain.map((e) => (e === null ? control() : typeof e === 'number' ? tick(T0 + e) : eventEntry(...e)));
          const expected = plain.map((e) => {
            if (e === null) return everywhere('control');
            if (typeof e === 'number') {
              if (e <= clock) return 'duplicate';
              clock = e;
              return everywhere(`tick ${e}`);
            }
            const [id, agent, size] = e;
            if (bus.findsDuplicates && seen.has(id)) return seen.get(id) === `${agent}${size}` ? 'duplicate' : 'conflict';
            seen.set(id, `${agent}${size}`);
            oracle[partitionOf(`t|${agent}`, partitions)].push(id);
            return 'accepted';
          });
          expect(await bus.append(entries)).toEqual(expected);
        }
        for (let p = 0; p < partitions; p++) expect((await readAll(bus, await bus.lease(p), starts[p])).map(nameOf)).toEqual(oracle[p]);
      }),
      { numRuns: 25, seed: 7 },
    );
  });
}
