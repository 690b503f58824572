import { FEATURE_SETS } from '@optikal/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fittedBundle, linearScorer } from '../test-support/bundles.ts';
import { attributionLines } from './alert.ts';
import { attribute } from './attribute.ts';
import type { Bundle } from './bundle.ts';
import { judge } from './judge.ts';

const BUNDLE = fittedBundle();
const value = fc.oneof(fc.constant(Number.NaN), fc.integer({ min: 0, max: 6 }), fc.double({ min: -8, max: 8, noNaN: true }));
const rowOf = (set: 'fused1' | 'call1') => {
  const length = FEATURE_SETS[set].length;
  return fc.array(value, { minLength: length, maxLength: length }).map((values) => Float64Array.from(values));
};

describe('attributions', () => {
  it('and the base value sum to the margin, in full and as the lines of an alert', () => {
    fc.assert(
      fc.property(rowOf('fused1'), fc.array(rowOf('call1'), { maxLength: 4 }), (row, callRows) => {
        const judgement = judge(BUNDLE, { row, callRows, sequence: [] });
        const { baseValue, reasons } = attribute(BUNDLE, { row, callRows, sequence: [] }, judgement, 'clerk');
        expect(Math.abs(reasons.reduce((sum, { contribution }) => sum + contribution, baseValue) - judgement.margin)).toBeLessThan(1e-6);
        const lines = attributionLines(reasons);
        expect(Math.abs(lines.reduce((sum, { contribution }) => sum + contribution, baseValue) - judgement.margin)).toBeLessThan(1e-6);
        expect(lines.length).toBeLessThanOrEqual(13);
        for (const [i, { contribution }] of reasons.entries())
          if (i > 0) expect(Math.abs(contribution)).toBeLessThanOrEqual(Math.abs(reasons[i - 1]!.contribution));
      }),
      { numRuns: 60 },
    );
  });

  it('stand beside the usual value of the role, else of the fleet', () => {
    const row = new Float64Array(FEATURE_SETS.fused1.length).fill(3);
    const rows = { row, callRows: [new Float64Array(FEATURE_SETS.call1.length).fill(3)], sequence: [] };
    const usual = (role: string | null) =>
      new Set(
        attribute(BUNDLE, rows, judge(BUNDLE, rows), role)
          .reasons.filter(({ spec }) => !spec.name.startsWith('call_'))
          .map((reason) => reason.usual),
      );
    expect([...usual('clerk')]).toEqual([2]);
    expect([...usual('coder')]).toEqual([Number.NaN]);
    expect([...usual('nobody')]).toEqual([1]);
    expect([...usual(null)]).toEqual([1]);
  });

  it('of equal size come in the order of their names; those of nothing are left out', () => {
    const bundle: Bundle = {
      ...BUNDLE,
      bases: [
        {
          name: 'w',
          on: 'window',
          scorer: linearScorer('fused1', (name) => (['calls', 'tasks', 'turns'].includes(name) ? 0.5 : 0)),
          mean: 0,
          sd: 1,
        },
      ],
    };
    const row = new Float64Array(FEATURE_SETS.fused1.length).fill(1);
    row[FEATURE_SETS.fused1.findIndex(({ name }) => name === 'tasks')] = Number.NaN;
    const { baseValue, reasons } = attribute(
      bundle,
      { row, callRows: [], sequence: [] },
      judge(bundle, { row, callRows: [], sequence: [] }),
      null,
    );
    expect([baseValue, reasons.map(({ spec, contribution }) => [spec.name, contribution])]).toEqual([
      0,
      [
        ['calls', 0.5],
        ['tasks', -0.5],
        ['turns', 0.5],
      ],
    ]);
    expect(attributionLines(reasons)[1]).toEqual({
      feature: 'tasks',
      label: 'tasks',
      value: null,
      usual: 1,
      unit: 'tasks',
      contribution: -0.5,
      missing: true,
    });
  });
});
