import { describe, expect, it } from 'vitest';
import { FUSED_COLUMNS } from '../detection/features/fused.ts';
import { NO_STEPS, rememberSequence, sequenceOf } from '../detection/steps.ts';
import { sensitiveBundle } from '../detection/test-support/bundles.ts';
import { marginParts, windowTimes } from './margin-parts.ts';

const MINUTE = 60_000;

describe('the parts of a margin', () => {
  const { bases } = sensitiveBundle();
  const meta = { kind: 'meta-model', weights: Float64Array.of(0.5, 0), absent: Float64Array.of(0, -0.25), intercept: -1 } as const;

  it('are weight × score, a weight of 0 among them', () => {
    expect(marginParts({ bases, meta }, { window: 3, call: 2 })).toEqual([
      { name: 'window', score: 3, weight: 0.5, part: 1.5 },
      { name: 'call', score: 2, weight: 0, part: 0 },
    ]);
  });

  it('of a base that had nothing to score are its constant', () => {
    expect(marginParts({ bases, meta }, { window: 3, call: null })[1]).toEqual({ name: 'call', score: null, weight: 0, part: -0.25 });
  });

  it('are the same share for all that have a score where there is no meta-model', () => {
    expect(marginParts({ bases, meta: null }, { window: 3, call: 2 }).map(({ part }) => part)).toEqual([1.5, 1]);
    expect(marginParts({ bases, meta: null }, { window: 3, call: null }).map(({ part }) => part)).toEqual([3, 0]);
  });
});

describe('the windows of a sequence', () => {
  it('have the times that they began at', () => {
    const row = new Float64Array(FUSED_COLUMNS.length);
    const starts = [0, 1, 2, 17, 18, 198, 199, 200, 201, 203].map((minute) => 1_700_000_040_000 + minute * MINUTE);
    let memory = NO_STEPS;
    let sequence = sequenceOf(memory, row, starts[0]!);
    for (const startMs of starts) {
      sequence = sequenceOf(memory, row, startMs);
      memory = rememberSequence(sequence, startMs);
    }
    expect(windowTimes(sequence.steps, starts.at(-1)!)).toEqual(starts);
    expect(windowTimes([], 0)).toEqual([]);
  });
});
