import { FEATURE_SETS } from '@optikal/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fittedBundle, linearScorer } from '../test-support/bundles.ts';
import { everythingBundle, META } from '../test-support/everything.ts';
import { sequenceSays } from '../test-support/sequence-says.ts';
import { attributionLines } from './alert.ts';
import { attribute, driversOf, isResidual } from './attribute.ts';
import type { BaseModel, Bundle } from './bundle.ts';
import { judge, type Rows } from './judge.ts';

const BUNDLE = fittedBundle();
const value = fc.oneof(fc.constant(Number.NaN), fc.integer({ min: 0, max: 6 }), fc.double({ min: -8, max: 8, noNaN: true }));
const rowOf = (set: 'fused1' | 'call1') => {
  const length = FEATURE_SETS[set].length;
  return fc.array(value, { minLength: length, maxLength: length }).map((values) => Float64Array.from(values));
};

const EVERYTHING = everythingBundle();
const stepRow = fc.array(value, { minLength: FEATURE_SETS.step1.length, maxLength: FEATURE_SETS.step1.length });
const anyRows: fc.Arbitrary<Rows> = fc.record({
  row: rowOf('fused1'),
  callRows: fc.array(rowOf('call1'), { maxLength: 3 }),
  sequence: fc.array(
    stepRow.map((values) => Float16Array.from(values)),
    { minLength: 1, maxLength: 10 },
  ),
});
const sumOf = (lines: readonly { contribution: number }[], baseValue: number) =>
  lines.reduce((sum, { contribution }) => sum + contribution, baseValue);

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

/** Windows of every set of planes have their own meta-model. */
const ITS_OWN_WAY: Bundle = {
  ...EVERYTHING,
  byPlanes: EVERYTHING.byPlanes.map((view) => ({ ...view, meta: { ...META, weights: META.weights.toReversed(), intercept: 2 } })),
};

describe('attributions under a meta-model, with a sequence of any length', () => {
  it('and the base value sum to the margin, in full and as the lines of an alert', () => {
    const seen = { calls: 0, silent: 0, steps: new Set<number>() };
    fc.assert(
      fc.property(anyRows, (rows) => {
        const bundle = rows.callRows.length % 2 ? ITS_OWN_WAY : EVERYTHING;
        const judgement = judge(bundle, rows);
        const { baseValue, reasons } = attribute(bundle, rows, judgement, 'clerk');
        expect(Math.abs(sumOf(reasons, baseValue) - judgement.margin)).toBeLessThan(1e-6);
        expect(Math.abs(sumOf(attributionLines(reasons), baseValue) - judgement.margin)).toBeLessThan(1e-6);
        if (rows.callRows.length > 0) seen.calls++;
        else {
          seen.silent++;
          expect(reasons.some(({ spec }) => spec.name.startsWith('call_'))).toBe(false);
        }
        if (rows.sequence.length === 1) expect(reasons.some(({ spec }) => spec.name.startsWith('before_'))).toBe(false);
        seen.steps.add(rows.sequence.length);
      }),
      { numRuns: 80 },
    );
    expect(Math.min(seen.calls, seen.silent)).toBeGreaterThan(5);
    expect([...seen.steps].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it('have nothing of a base of weight zero, whatever it says', () => {
    const deaf = EVERYTHING.bases.map((base, k): BaseModel => (k === 0 ? { ...base, on: 'window', scorer: LOUD } : base));
    fc.assert(
      fc.property(anyRows, (rows) => {
        const [judgement, other] = [judge(EVERYTHING, rows), judge({ bases: deaf, meta: META }, rows)];
        expect(other.margin).toBe(judgement.margin);
        expect(attribute({ ...EVERYTHING, bases: deaf }, rows, other, null)).toEqual(attribute(EVERYTHING, rows, judgement, null));
      }),
      { numRuns: 20 },
    );
  });

  it('of a base that is absent are its constant, as part of the base value', () => {
    const rows = { ...flatRows(), callRows: [] };
    const only: Bundle = {
      ...EVERYTHING,
      bases: [EVERYTHING.bases[2]!, silent('w')],
      meta: { ...META, weights: two(1, 1), absent: two(0.25, 9) },
    };
    const { baseValue, reasons } = attribute(only, rows, judge(only, rows), null);
    // By hand: the intercept −0.4, 0.25 for the absence of calls, and a window base that says 0 about its mean of 0.
    expect([baseValue, reasons]).toEqual([expect.closeTo(-0.15, 12), []]);
  });

  it('of the present window join its features, those of the windows before stand beside them, and what the path misses has a line', () => {
    const bundle: Bundle = {
      ...EVERYTHING,
      bases: [
        silent('w'),
        sequenceSays({ now: { write_calls: 1, idle_before: 0.25 }, before: { write_calls: 2 }, residual: 0.5, baseValue: -1 }),
      ],
      meta: { ...META, weights: two(1, 2), absent: two(0, 0), intercept: 0 },
    };
    const rows = flatRows(3);
    const { baseValue, reasons } = attribute(bundle, rows, judge(bundle, rows), 'clerk');
    // Everything twice: the weight. Two windows before, each with 2 · 2.
    expect(reasons.map(({ spec, contribution, usual }) => [spec.name, contribution, usual])).toEqual([
      ['before_write_calls', 8, 2],
      ['write_calls', 2, 2],
      ['sequence_residual', 1, Number.NaN],
      ['idle_before', 0.5, Number.NaN],
    ]);
    expect(baseValue).toBe(-2);
    expect(sumOf(reasons, baseValue)).toBe(judge(bundle, rows).margin);
    expect(attributionLines(reasons)[2]).toMatchObject({ feature: 'sequence_residual', value: null, missing: false, contribution: 1 });
  });

  it('keep the line of what the path misses however little it is, and never take it for evidence', () => {
    const many = Object.fromEntries(FEATURE_SETS.step1.slice(0, 20).map(({ name }, i) => [name, -1 - i]));
    const bundle: Bundle = {
      ...EVERYTHING,
      bases: [silent('w'), sequenceSays({ now: many, before: {}, residual: 0.001, baseValue: 0 })],
      meta: null,
    };
    const rows = flatRows(1);
    const explanation = attribute(bundle, rows, judge(bundle, rows), null);
    const lines = attributionLines(explanation.reasons);
    expect(lines.slice(-2).map(({ feature }) => feature)).toEqual(['sequence_residual', 'other']);
    expect(lines).toHaveLength(14);
    expect(sumOf(lines, explanation.baseValue)).toBeCloseTo(judge(bundle, rows).margin, 9);
    expect(explanation.reasons.filter(isResidual)).toHaveLength(1);
    expect(driversOf(explanation)).toEqual([]);
  });

  it('say that the last windows lead up to it where the sequence model speaks loudest, of windows before', () => {
    const leadsUp = (now: number, before: number, window: number, steps: number) => {
      const loud: BaseModel = {
        name: 'w',
        on: 'window',
        mean: 0,
        sd: 1,
        scorer: linearScorer('fused1', (name) => (name === 'calls' ? window : 0)),
      };
      const said = sequenceSays({ now: { write_calls: now }, before: { write_calls: before }, residual: 0, baseValue: 0 });
      const bundle: Bundle = { ...EVERYTHING, bases: [loud, said], meta: null };
      const rows = flatRows(steps);
      return attribute(bundle, rows, judge(bundle, rows), null).leadUp;
    };
    expect(leadsUp(0, 1, 0.5, 3)).toBe(true);
    expect(leadsUp(0, 1, 0.5, 1)).toBe(false);
    expect(leadsUp(0, 1, 2.5, 3)).toBe(false);
    expect(leadsUp(1, 0, 0.5, 3)).toBe(false);
    expect(leadsUp(2, -0.5, 0.5, 3)).toBe(false);
    expect(leadsUp(0, -1, -3, 3)).toBe(false);
  });
});

const LOUD = linearScorer('fused1', () => 1000);
const two = (a: number, b: number) => Float64Array.of(a, b);
const silent = (name: string): BaseModel => ({ name, on: 'window', scorer: linearScorer('fused1', () => 0), mean: 0, sd: 1 });
const flatRows = (steps = 1): Rows => ({
  row: new Float64Array(FEATURE_SETS.fused1.length).fill(1),
  callRows: [],
  sequence: Array.from({ length: steps }, () => new Float16Array(FEATURE_SETS.step1.length).fill(1)),
});
