import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeCounts } from './counts.ts';
import { decodeSnapshot, encodeSnapshot, type FleetView, fleetViews, snapshotOf, viewWithout } from './fleet.ts';
import { contribution } from './test-support/windows.ts';

const A = contribution('clerk', [['read', 'send']], [1, 2]);
const B = contribution('clerk', [['read', 'read'], ['pay']], [3]);
const C = contribution('coder', [['write']], [4]);
const D = contribution(null, [['read']], [5]);

function expectSame(found: FleetView, wanted: FleetView): void {
  for (const part of ['role', 'fleet'] as const) {
    const [one, other] = [found[part], wanted[part]];
    expect(one === null).toBe(other === null);
    if (one === null || other === null) continue;
    expect(encodeCounts(one.counts)).toEqual(encodeCounts(other.counts));
    expect(Object.fromEntries(one.counts.from)).toEqual(Object.fromEntries(other.counts.from));
    expect(one.prior.n).toEqual(other.prior.n);
    for (const name of ['mean', 'variance'] as const)
      one.prior[name].forEach((value, i) => {
        expect(value).toBeCloseTo(other.prior[name][i]!, 9);
      });
  }
}

describe('a snapshot', () => {
  it('adds up its agents by role, and all of them in the fleet', () => {
    const { roles, fleet } = snapshotOf([A, B, C, D]);
    expect([...roles].map(([role, { counts }]) => [role, counts.total])).toEqual([
      ['clerk', 5],
      ['coder', 1],
    ]);
    expect([fleet.counts.total, fleet.sums.n[0], fleet.sums.sum[0], fleet.sums.squares[0]]).toEqual([7, 5, 15, 55]);
  });

  it('without some agents equals one that never had them', () => {
    const agent = fc.record({
      role: fc.constantFrom('clerk', 'coder', null),
      tasks: fc.array(fc.array(fc.constantFrom('read', 'send', 'pay'), { maxLength: 5 }), { maxLength: 4 }),
      windows: fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 5 }),
      out: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(agent, { maxLength: 8 }), fc.constantFrom('clerk', 'coder', 'nobody', null), (agents, role) => {
        const made = agents.map(({ role: own, tasks, windows, out }) => ({ ...contribution(own, tasks, windows), out }));
        const found = viewWithout(
          snapshotOf(made),
          role,
          made.filter(({ out }) => out),
        );
        expectSame(found, fleetViews(snapshotOf(made.filter(({ out }) => !out)))(role));
      }),
    );
  });

  it('has no view of a role in which nobody called a tool', () => {
    const views = fleetViews(snapshotOf([contribution('silent', [], [1]), A]));
    expect([views('silent').role, views('unheard').role, views(null).role]).toEqual([null, null, null]);
    expect(views('clerk').role?.counts.total).toBe(2);
  });

  it('is the same after encoding, whatever the names of its roles', () => {
    const snapshot = snapshotOf([A, C, contribution('__proto__', [['read']], [1]), contribution('constructor', [['pay']])]);
    const text = JSON.stringify(encodeSnapshot(snapshot));
    const again = decodeSnapshot(JSON.parse(text) as ReturnType<typeof encodeSnapshot>);
    expect(JSON.stringify(encodeSnapshot(again))).toBe(text);
    for (const role of ['clerk', 'coder', '__proto__', 'constructor', null])
      expectSame(fleetViews(again)(role), fleetViews(snapshot)(role));
  });

  it('has the same bytes whatever the order of its roles', () => {
    const bytes = (...agents: Parameters<typeof snapshotOf>[0][]) =>
      JSON.stringify(encodeSnapshot(snapshotOf(agents.flatMap((some) => [...some]))));
    expect(bytes([C], [A])).toBe(bytes([A], [C]));
  });
});
