import { describe, expect, it } from 'vitest';
import { createRandom } from '../random.ts';
import { blockLength, correlationTime, cutBlocks } from './blocks.ts';

describe('correlationTime', () => {
  it.each([
    [0, 1],
    [0.5, 3],
    [0.9, 19],
  ])('of AR(1) with ρ = %f is (1 + ρ) / (1 − ρ) = %f', (rho, time) => {
    const random = createRandom(`ar ${rho}`);
    let x = 0;
    const series = Float64Array.from({ length: 20_000 }, () => (x = rho * x + random.nextGaussian()));
    expect(correlationTime(series, new Int32Array(20_000)) / time).toBeCloseTo(1, 0);
  });

  it('is 1 where nothing changes, and does not reach across streams', () => {
    expect(correlationTime(new Float64Array(50), new Int32Array(50))).toBe(1);
    const steps = Float64Array.from({ length: 64 }, (_, i) => (i % 2 === 0 ? 1 : 1));
    expect(
      correlationTime(
        steps,
        Int32Array.from({ length: 64 }, (_, i) => i),
      ),
    ).toBe(1);
    expect(correlationTime(steps, new Int32Array(64))).toBeGreaterThan(5);
  });
});

describe('blocks', () => {
  it('are cut by hand: near equal lengths, never across streams', () => {
    const groups = Int32Array.of(0, 0, 0, 0, 0, 0, 1, 1, 2);
    const blocks = cutBlocks(groups, 3, false);
    expect([...blocks.blockOf]).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 3]);
    expect([...blocks.unitOf]).toEqual([0, 1, 2, 3]);
    expect([...cutBlocks(groups, 3, true).unitOf]).toEqual([0, 0, 1, 2]);
    expect(cutBlocks(groups, 100, true).blockCount).toBe(3);
  });

  it('are some correlation times long, and at least eight', () => {
    expect(blockLength(10, 4_000)).toBe(40);
    expect(blockLength(1_000, 4_000)).toBe(500);
    expect(blockLength(1, 3)).toBe(1);
  });
});
