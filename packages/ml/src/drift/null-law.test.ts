import { describe, expect, it } from 'vitest';
import { cutBlocks } from './blocks.ts';
import { blockSums, nullLaw, outer, traces } from './null-law.ts';

/** Two bins of one half each; a row differs from what is expected by ±½. */
const HALVES = { shares: Float64Array.of(0.5, 0.5), offsets: new Int32Array(6) };

describe('sums over blocks', () => {
  it('are those of the differences, by hand', () => {
    const blocks = cutBlocks(new Int32Array(6), 3, false);
    const sums = blockSums(Uint8Array.of(0, 0, 1, 1, 1, 1), 2, blocks, HALVES, null);
    expect([...sums.sums]).toEqual([0.5, -0.5, -1.5, 1.5]);
    expect([...outer(sums)]).toEqual([2.5, -2.5, -2.5, 2.5]);
    const weighted = blockSums(Uint8Array.of(0, 0, 1, 1, 1, 1), 2, blocks, HALVES, Float64Array.of(1, 0, 0, 0, 0, 2));
    expect([...weighted.sums]).toEqual([0.5, -0.5, -1, 1]);
  });

  it('leave out rows that have nothing to be compared with', () => {
    const blocks = cutBlocks(new Int32Array(6), 6, false);
    const offsets = Int32Array.of(0, -1, -1, -1, -1, -1);
    expect([...blockSums(new Uint8Array(6), 2, blocks, { ...HALVES, offsets }, null).sums]).toEqual([0.5, -0.5]);
  });
});

describe('the law by chance', () => {
  const v = Float64Array.of(2, 0, 0, 1);
  const w = Float64Array.of(1, 2);
  const blocks = cutBlocks(new Int32Array(4), 1, false);
  const law = (sums: number[], liveUnits: number) => nullLaw(v, w, { binCount: 2, sums: Float64Array.from(sums) }, blocks, liveUnits);

  it('is a scaled chi-square by both traces where all units scatter alike, by hand', () => {
    // W V has 2 and 2 on its diagonal: mean 4, (2 + 2)² / (4 + 4) = 2 degrees; four units of two degrees less the mean.
    expect(traces(v, w)).toEqual({ one: 4, two: 8 });
    expect(law([1, 0, 1, 0, -1, 0, -1, 0], 10)).toEqual({ scale: 4, first: 2, second: 6 });
  });

  it('has fewer degrees where one unit lies far out, most of all where the live part is one such unit', () => {
    // u = 16, 0, 0, 0: mean 4, variance 64, c² = 4; excess 4 · 2 / 2 − 1 = 3.
    const far = law([4, 0, 0, 0, 0, 0, 0, 0], 3);
    expect(far).toEqual({ scale: 4, first: 1, second: 2 });
    expect(law([4, 0, 0, 0, 0, 0, 0, 0], 30).first).toBeCloseTo(2 / 1.1, 12);
  });
});
