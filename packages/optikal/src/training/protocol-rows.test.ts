import { describe, expect, it } from 'vitest';
import { meanRow, protocolRow } from './protocol-rows.ts';

const NAMES = { protocol: 'suite', level: 'window', plane: 'real', cell: 'banking', against: 'benign' } as const;

describe('a row of the protocol', () => {
  it('has the figures of a case worked by hand', () => {
    // Of 4 pairs (0.9, 0.4) × (0.5, 0.1) three are in order. Threshold 0.3: one of two negatives lies above it.
    const row = protocolRow(
      NAMES,
      { margins: [0.9, 0.4, 0.5, 0.1], labels: Uint8Array.of(1, 1, 0, 0), groups: ['a', 'a', 'b', 'b'], threshold: 0.3 },
      'seed',
    );
    expect(row).toMatchObject({ ...NAMES, auroc: 0.75, ap: 0.5 + 0.5 * (2 / 3), realisedFpr: 0.5, n: 4, positives: 2 });
    // Two negatives say nothing of one in a hundred.
    expect(row).toMatchObject({ recallAt01: null, recallAt001: null });
  });

  it('has no figure where there is one class, and no interval where there is one group', () => {
    const none = protocolRow(NAMES, { margins: [1, 2], labels: Uint8Array.of(0, 0), groups: ['a', 'b'], threshold: null }, 'seed');
    expect(none).toMatchObject({ auroc: null, ap: null, aurocInterval: null, realisedFpr: null, n: 2, positives: 0 });
    const one = protocolRow(NAMES, { margins: [1, 2], labels: Uint8Array.of(0, 1), groups: ['a', 'a'], threshold: null }, 'seed');
    expect(one).toMatchObject({ auroc: 1, aurocInterval: null });
  });

  it('takes a threshold of its own for each row', () => {
    const scored = { margins: [2, 2, 2], labels: Uint8Array.of(0, 0, 1), groups: ['a', 'b', 'b'], threshold: [1, 3, 3] };
    expect(protocolRow(NAMES, scored, 'seed').realisedFpr).toBe(0.5);
  });

  it('is averaged over the parts that have the figure', () => {
    const row = protocolRow(NAMES, { margins: [1, 2], labels: Uint8Array.of(0, 1), groups: ['a', 'b'], threshold: null }, 'seed');
    const mean = meanRow([row, { ...row, auroc: 0.5, recallAt01: 0.2, n: 8 }, { ...row, auroc: null }]);
    expect(mean).toMatchObject({ cell: 'mean', auroc: 0.75, recallAt01: 0.2, recallAt001: null, n: 12, positives: 3 });
  });
});
