import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IdIndex, identityOf, PRINT_BYTES } from './id-index.ts';
import { sampleEvent, T0 } from './test-support/samples.ts';

const WIDE = { idCount: 1e6, idAgeMs: 86_400_000 };

describe('IdIndex', () => {
  it('tells new, repeated and conflicting messages apart', () => {
    const ids = new IdIndex(WIDE);
    expect([ids.admit('a', '1', T0), ids.admit('a', '1', T0), ids.admit('a', '2', T0), ids.admit('b', '1', T0)]).toEqual([
      'accepted',
      'duplicate',
      'conflict',
      'accepted',
    ]);
  });

  it('answers like a plain map through growth, loss of the oldest, reverts and a restart', () => {
    const step = fc.oneof(
      { weight: 8, arbitrary: fc.record({ op: fc.constant('admit' as const), id: fc.nat(4000), body: fc.nat(1) }) },
      { weight: 2, arbitrary: fc.record({ op: fc.constantFrom('batch' as const, 'revert' as const), count: fc.nat(700) }) },
      { weight: 1, arbitrary: fc.record({ op: fc.constantFrom('trim' as const, 'restart' as const) }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const limits = { idCount: 1500, idAgeMs: 86_400_000 };
        let ids = new IdIndex(limits);
        let oracle = new Map<string, string>(); // in order of arrival
        let serial = 0;
        const admit = (id: string, body: string) => {
          const known = oracle.get(id);
          expect(ids.admit(id, body, T0)).toBe(known === undefined ? 'accepted' : known === body ? 'duplicate' : 'conflict');
          if (known === undefined) oracle.set(id, body);
        };
        for (const s of steps) {
          if (s.op === 'admit') admit(`${s.id}`, `${s.body}`);
          else if (s.op === 'trim') {
            ids.trim();
            oracle = new Map([...oracle].slice(-limits.idCount));
          } else if (s.op === 'restart') {
            const stored = ids.since(ids.oldest);
            const again = new IdIndex(limits);
            again.restore(ids.oldest, stored, T0);
            ids = again;
          } else if ('count' in s) {
            const mark = ids.end;
            const before = new Map(oracle);
            for (let n = 0; n < s.count; n++) admit(`serial ${serial++}`, '');
            if (s.op === 'batch') continue;
            ids.revert(mark);
            oracle = before;
          }
        }
        for (const [id, body] of oracle) expect(ids.admit(id, body, T0)).toBe('duplicate');
      }),
      { numRuns: 60, seed: 3 },
    );
  });

  it('forgets an entry once it is older than the limit, and counts entries from before the first tick from that tick', () => {
    const ids = new IdIndex({ idCount: 100, idAgeMs: 10_000 });
    ids.admit('early', '', 0);
    ids.expire(T0);
    ids.admit('later', '', T0 + 5000);
    ids.expire(T0 + 10_000);
    expect([ids.admit('early', '', T0), ids.admit('later', '', T0)]).toEqual(['duplicate', 'duplicate']);
    ids.expire(T0 + 11_000);
    expect([ids.admit('early', '', T0), ids.admit('later', '', T0)]).toEqual(['accepted', 'duplicate']);
  });

  it('restores over a gap: what lies before it had expired', () => {
    const one = new IdIndex(WIDE);
    one.admit('old', '', T0);
    const two = new IdIndex(WIDE);
    two.admit('new', '', T0);
    const ids = new IdIndex(WIDE);
    ids.restore(0, one.since(0), T0);
    ids.restore(700, two.since(0), T0);
    expect([ids.oldest, ids.end, two.since(0).length]).toEqual([700, 701, PRINT_BYTES]);
    expect([ids.admit('old', '', T0), ids.admit('new', '', T0)]).toEqual(['accepted', 'duplicate']);
  });

  it('gives messages different identities however their parts are cut', () => {
    const event = sampleEvent('c');
    expect(identityOf({ ...event, source: 'a|b', id: 'c' })).not.toBe(identityOf({ ...event, source: 'a', id: 'b|c' }));
  });
});
