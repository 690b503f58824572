import { FEATURE_SETS } from '@optikal/contracts';
import { describe, expect, it } from 'vitest';
import { linearScorer } from '../test-support/bundles.ts';
import type { BaseModel } from './bundle.ts';
import { baseScore, judge } from './judge.ts';

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
