import { calibratedProbability } from '@optikal/ml';
import { expect, it } from 'vitest';
import { CALL_COLUMNS } from '../features/calls.ts';
import { FUSED_COLUMNS } from '../features/fused.ts';
import { linearScorer } from '../test-support/bundles.ts';
import { type ActedHead, judgeActed } from './acted.ts';

const only = (wanted: string) => (name: string) => (name === wanted ? 1 : 0);
const HEAD: ActedHead = {
  bases: [
    { name: 'boosting', on: 'window', scorer: linearScorer('fused1', only('side_after_taint')), mean: 1, sd: 2 },
    { name: 'call-boosting', on: 'call', scorer: linearScorer('call1', only('call_values_flagged')), mean: 0, sd: 1 },
  ],
  meta: null,
  calibration: { kind: 'platt', slope: 2, intercept: -1, prevalence: 0.25 },
};

function rowsOf(sides: number, flagged: readonly number[]) {
  const row = new Float64Array(FUSED_COLUMNS.length);
  row[FUSED_COLUMNS.at('side_after_taint')] = sides;
  const callRows = flagged.map((count) => {
    const call = new Float64Array(CALL_COLUMNS.length);
    call[CALL_COLUMNS.at('call_values_flagged')] = count;
    return call;
  });
  return { row, callRows, sequence: [] };
}

it('is the mean of window and worst call, calibrated at the share that it was fitted on', () => {
  // Window: (5 − 1) / 2 = 2; worst call: 3; mean 2.5; log-odds 2 · 2.5 − 1 = 4.
  const { margin, probability } = judgeActed(HEAD, rowsOf(5, [0, 3, 1]));
  expect(margin).toBe(2.5);
  expect(probability).toBe(1 / (1 + Math.exp(-4)));
  expect(probability).toBe(calibratedProbability(HEAD.calibration, 2.5));
});

it('does without calls', () => {
  expect(judgeActed(HEAD, rowsOf(1, [])).margin).toBe(0);
});
