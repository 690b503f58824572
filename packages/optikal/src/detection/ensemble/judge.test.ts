import { FEATURE_SETS } from '@optikal/contracts';
import { createRandom } from '@optikal/ml';
import { describe, expect, it } from 'vitest';
import { sequenceValues } from '../steps.ts';
import { linearScorer } from '../test-support/bundles.ts';
import { everythingBundle, META, stepsLike } from '../test-support/everything.ts';
import type { BaseModel } from './bundle.ts';
import { baseScore, combine, judge, type Rows } from './judge.ts';

const first = (set: 'fused1' | 'call1') => linearScorer(set, (_, i) => (i === 0 ? 1 : 0));
const WINDOW: BaseModel = { name: 'w', on: 'window', scorer: first('fused1'), mean: 2, sd: 4 };
const CALL: BaseModel = { name: 'c', on: 'call', scorer: first('call1'), mean: 1, sd: 2 };
const row = (set: 'fused1' | 'call1', value: number) => {
  const values = new Float64Array(FEATURE_SETS[set].length);
  values[0] = value;
  return values;
};

describe('the judgement of a window', () => {
  it('is the mean of the standardised margins; the call base has its highest call', () => {
    const rows = { row: row('fused1', 10), callRows: [row('call1', 1), row('call1', 7), row('call1', 7), row('call1', 3)], sequence: [] };
    expect(judge({ bases: [WINDOW, CALL], meta: null }, rows)).toEqual({
      margin: 2.5,
      bases: [
        { name: 'w', margin: 2 },
        { name: 'c', margin: 3 },
      ],
      topCall: 1,
    });
    expect(judge({ bases: [CALL, WINDOW], meta: null }, rows)).toMatchObject({ margin: 2.5, topCall: 1 });
    expect(baseScore(CALL, rows)).toEqual({ score: 7, topCall: 1 });
  });

  it('is that of the window bases alone where there are no calls', () => {
    expect(judge({ bases: [WINDOW, CALL], meta: null }, { row: row('fused1', 10), callRows: [], sequence: [] })).toEqual({
      margin: 2,
      bases: [
        { name: 'w', margin: 2 },
        { name: 'c', margin: null },
      ],
      topCall: -1,
    });
  });

  it('is below every threshold where nothing can be scored', () => {
    expect(judge({ bases: [CALL], meta: null }, { row: row('fused1', 10), callRows: [], sequence: [] }).margin).toBe(
      Number.NEGATIVE_INFINITY,
    );
  });

  it('finds the highest call also where all are negative', () => {
    expect(
      judge({ bases: [CALL], meta: null }, { row: row('fused1', 0), callRows: [row('call1', -5), row('call1', -2)], sequence: [] }),
    ).toMatchObject({
      topCall: 1,
      margin: -1.5,
    });
  });
});

describe('the judgement by a meta-model', () => {
  const named = (margins: readonly (number | null)[]) => margins.map((margin, k) => ({ name: `b${k}`, margin }));

  it('is the intercept, what each base says times its weight, and the constant of each that is absent', () => {
    const margins = [2, -1, 3, 0.5];
    for (let present = 1; present < 16; present++) {
      const shown = margins.map((margin, k) => ((present >> k) & 1 ? margin : null));
      const sum = shown.reduce<number>((total, margin, k) => total + (margin === null ? META.absent[k]! : META.weights[k]! * margin), 0);
      expect(combine(META, named(shown)), `${present}`).toBeCloseTo(META.intercept + sum, 12);
      const said = shown.filter((margin) => margin !== null);
      expect(combine(null, named(shown)), `${present}`).toBeCloseTo(said.reduce((total, margin) => total + margin, 0) / said.length, 12);
    }
    // By hand: −0.4 + 0 · 2 + 0.7 · (−1) + 0.4 · 3 + 0.9 · 0.5; without calls −0.5 in place of 1.2.
    expect(combine(META, named(margins))).toBeCloseTo(0.55, 12);
    expect(combine(META, named([2, -1, null, 0.5]))).toBeCloseTo(-1.15, 12);
  });

  it('is below every threshold where nothing can be scored', () => {
    for (const meta of [META, null]) expect(combine(meta, named([null, null, null, null]))).toBe(Number.NEGATIVE_INFINITY);
  });

  it('asks each base for its own rows, and knows which have none', () => {
    const bundle = everythingBundle();
    const random = createRandom('judge');
    const numbers = (set: 'fused1' | 'call1') => Float64Array.from(FEATURE_SETS[set], () => random.nextInt(6));
    const whole: Rows = { row: numbers('fused1'), callRows: [numbers('call1'), numbers('call1')], sequence: stepsLike(random) };
    const { bases, margin } = judge(bundle, whole);
    const lstm = bundle.bases[3]!;
    if (lstm.on !== 'sequence') throw new Error('expected the LSTM');
    expect(bases[3]!.margin).toBe((lstm.scorer.score(sequenceValues(whole.sequence)) - lstm.mean) / lstm.sd);
    for (const [rows, absent] of [
      [{ ...whole, callRows: [] }, [2]],
      [{ ...whole, sequence: [] }, [3]],
      [{ ...whole, callRows: [], sequence: [] }, [2, 3]],
    ] as const) {
      const found = judge(bundle, rows);
      expect(found.bases.map((base) => base.margin)).toEqual(bases.map((base, k) => (absent.some((a) => a === k) ? null : base.margin)));
      const lost = absent.reduce((sum, k) => sum + META.absent[k]! - META.weights[k]! * bases[k]!.margin!, 0);
      expect(found.margin).toBeCloseTo(margin + lost, 12);
    }
  });
});
