import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alertRow } from '../test-support/samples.ts';
import { useTempDir } from '../test-support/temp-dir.ts';
import { NO_CHANGE, StateCache } from './state-cache.ts';

const stateOf = (key: string, body: string, dueMs: number | null = null) => ({ key, body, dueMs });
const positionAt = (next: number) => ({ next, partitionState: `at ${next}`, openAgents: 0 });

describe('StateCache', () => {
  const folder = useTempDir();

  it('shows what was committed at once, and says in its file to go on from the oldest that is not written', async () => {
    const path = join(folder(), 'state.db');
    const cache = StateCache.open(path, 'one');
    cache.keep({ ...NO_CHANGE, state: [stateOf('t|a', '1', 5), stateOf('t|b', '2')], position: positionAt(1), stateTo: 3 }, [0, 1]);
    cache.keep({ ...NO_CHANGE, state: [stateOf('t|a', '3')], position: positionAt(2), stateTo: 6 }, [4]);
    expect(cache.load(['t|a', 't|b', 't|c'])).toEqual(
      new Map([
        ['t|a', '3'],
        ['t|b', '2'],
      ]),
    );
    expect(cache.stateTo).toBe(0);
    cache.writeSome({ rows: 1, bytes: 1e9, records: 1e9 });
    expect([cache.stateTo, cache.position]).toEqual([4, null]); // t|b is written, t|a of offset 4 is not
    await cache.flush();
    expect([cache.stateTo, cache.position, cache.due()]).toEqual([6, positionAt(2), []]);
    cache.close();
  });

  it('writes an agent that has not moved for long, however few there are', () => {
    const cache = StateCache.open(join(folder(), 'state.db'), 'one');
    cache.keep({ ...NO_CHANGE, state: [stateOf('t|still', '1')], position: positionAt(1), stateTo: 2 }, [0]);
    cache.keep({ ...NO_CHANGE, state: [stateOf('t|busy', '1')], position: positionAt(2), stateTo: 200_000 }, [199_998]);
    expect(cache.writeSome()).toBe(false);
    expect(cache.stateTo).toBe(199_998);
    cache.close();
  });

  it('knows an alert by its id and revision, and tells another body', () => {
    const cache = StateCache.open(join(folder(), 'state.db'), 'one');
    cache.apply({ ...NO_CHANGE, alerts: [alertRow('a')], alertsTo: 1 });
    expect([alertRow('a'), alertRow('a', { body: 'x' }), alertRow('a', { revision: 2 })].map((alert) => cache.knows(alert))).toEqual([
      'same',
      'other',
      'not',
    ]);
    cache.close();
  });

  it('begins anew for other topics', () => {
    const path = join(folder(), 'state.db');
    const cache = StateCache.open(path, 'one');
    cache.apply({ ...NO_CHANGE, state: [stateOf('t|a', '1', 7)], position: positionAt(3), stateTo: 9 });
    cache.close();
    const same = StateCache.open(path, 'one');
    expect([same.stateTo, same.position, same.due()]).toEqual([9, positionAt(3), [{ key: 't|a', dueMs: 7 }]]);
    same.close();
    const other = StateCache.open(path, 'two');
    expect([other.stateTo, other.position, other.due(), other.load(['t|a'])]).toEqual([0, null, [], new Map()]);
    other.close();
  });

  it('equals the topic read to its end, wherever the process was killed', () => {
    const commit = fc.array(fc.tuple(fc.constantFrom('t|a', 't|b', 't|c', 't|d'), fc.integer({ min: 0, max: 99 })), { maxLength: 4 });
    const run = fc.tuple(commit, fc.option(fc.integer({ min: 0, max: 3 }), { nil: null }));
    fc.assert(
      fc.property(fc.array(run, { maxLength: 12 }), (runs) => {
        const path = join(folder(), 'state.db');
        const cache = StateCache.open(path, 'one');
        const topic: { readonly change: ReturnType<typeof stateOf>; readonly offset: number }[] = [];
        let end = 0;
        for (const [n, [rows, written]] of runs.entries()) {
          const state = rows.map(([key, body]) => stateOf(key, String(body), body));
          const offsets = state.map((change) => {
            topic.push({ change, offset: end });
            return end++;
          });
          end++; // the position
          cache.keep({ ...NO_CHANGE, state, position: positionAt(n), stateTo: end }, offsets);
          end++; // the marker
          if (written !== null) cache.writeSome({ rows: written, bytes: 1e9, records: 1e9 });
        }
        const expected = new Map(topic.map(({ change }) => [change.key, change.body]));
        expect(cache.load([...expected.keys()])).toEqual(expected);
        cache.close(); // without what waits, as a kill leaves it
        const again = StateCache.open(path, 'one');
        const rest = topic.filter(({ offset }) => offset >= again.stateTo).map(({ change }) => change);
        again.apply({ ...NO_CHANGE, state: rest });
        expect(again.load([...expected.keys()])).toEqual(expected);
        again.close();
      }),
      { numRuns: 60, seed: 7 },
    );
  });
});
