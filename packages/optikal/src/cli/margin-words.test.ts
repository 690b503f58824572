import { describe, expect, it } from 'vitest';
import { sensitiveBundle } from '../detection/test-support/bundles.ts';
import { attentionWords, ensembleWords, partWords, uncertaintyWords } from './margin-words.ts';

describe('the parts of a margin in words', () => {
  it('say weight, part and share, and why a base counts for nothing', () => {
    expect(
      partWords([
        { name: 'boosting', score: 2, weight: 0.75, part: 1.5 },
        { name: 'lstm', score: -1, weight: 0.5, part: -0.5 },
        { name: 'forest', score: 4, weight: 0, part: 0 },
        { name: 'calls', score: null, weight: 0.5, part: 0 },
        { name: 'more', score: null, weight: 0.5, part: -0.5 },
      ]).map(({ says }) => says),
    ).toEqual([
      '× 0.75 = +1.50, 60 %',
      '× 0.50 = -0.50, 20 %',
      'weight 0: no part in the decision',
      'had nothing to score',
      'had nothing to score, which adds -0.50',
    ]);
  });
});

describe('what decides', () => {
  const { bases } = sensitiveBundle();

  it('is a meta-model with its weights, or the mean', () => {
    const meta = { kind: 'meta-model', weights: Float64Array.of(0.5, 0), absent: new Float64Array(2), intercept: 0 } as const;
    expect(ensembleWords({ bases, meta })).toBe(
      'its meta-model decides: window × 0.50, call weight 0; a base of weight 0 is shown and has no part in the decision',
    );
    expect(ensembleWords({ bases, meta: { ...meta, weights: Float64Array.of(0.5, 1) } })).toBe(
      'its meta-model decides: window × 0.50, call × 1.00',
    );
    expect(ensembleWords({ bases, meta: null })).toBe('the mean of its bases decides: window, call');
  });
});

describe('what a sequence model says', () => {
  it('is how sure it is', () => {
    expect([0.031, 0.1, 0.31].map(uncertaintyWords)).toEqual([
      'the sequence model is sure: ±0.03',
      'the sequence model is fairly sure: ±0.10',
      'the sequence model is unsure: ±0.31',
    ]);
  });

  it('is which windows it looked at, with their times where they are known', () => {
    const times = [Date.UTC(2026, 0, 4, 23, 58), Date.UTC(2026, 0, 5, 11, 2), Date.UTC(2026, 0, 5, 11, 3)];
    expect(attentionWords([0.01, 0.33, 0.66], times)).toEqual(['01-04 23:58 ....', '11:02 ##..', '11:03 ####']);
    expect(attentionWords([0.33, 0.66], times)).toEqual(['11:02 ##..', '11:03 ####']);
    expect(attentionWords([0.33, 0.66], null)).toEqual(['-1 ##..', 'this ####']);
    expect(attentionWords([1, 1], [0])).toEqual(['-1 ####', 'this ####']);
    expect(attentionWords([], null)).toEqual([]);
  });
});
