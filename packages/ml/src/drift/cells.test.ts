import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binOfCell, cellOf, cutCells, MISSING } from './cells.ts';

const binOf = (cells: ReturnType<typeof cutCells>, value: number) => binOfCell(cells, cellOf(cells.edges, value));

describe('cells', () => {
  it('are cut on quantiles by hand, open at both ends, with a bin for missing values', () => {
    const cells = cutCells(
      Array.from({ length: 100 }, (_, i) => i + 1),
      4,
    );
    expect(cells.binCount).toBe(5);
    expect([1, 25, 26, 50, 51, 75, 76, 100].map((value) => binOf(cells, value))).toEqual([0, 0, 1, 1, 2, 2, 3, 3]);
    expect([-Infinity, -1e9, 1e9, Infinity].map((value) => binOf(cells, value))).toEqual([0, 0, 3, 3]);
    expect(cellOf(cells.edges, Number.NaN)).toBe(MISSING);
    expect(binOf(cells, Number.NaN)).toBe(4);
  });

  it('give a frequent value a bin of its own, with an open one on each side', () => {
    const cells = cutCells(new Float64Array(50), 10);
    expect(cells.binCount).toBe(4);
    expect([-1, 0, 1e-9, Number.NaN].map((value) => binOf(cells, value))).toEqual([0, 1, 2, 3]);
    const counts = cutCells([...new Float64Array(80), ...Array.from({ length: 20 }, (_, i) => i + 1)], 10);
    expect(new Set([-0.5, 0, 1, 20].map((value) => binOf(counts, value))).size).toBe(4);
  });

  it('are moved by one outlier no more than by any other value', () => {
    const values = Array.from({ length: 200 }, (_, i) => (i * 37) % 200);
    const calm = cutCells(values, 10);
    const wild = cutCells([...values.slice(0, 199), 1e12], 10);
    expect(wild.binCount).toBe(calm.binCount);
    for (let i = 0; i < calm.edges.length; i++) expect(Math.abs(wild.edges[i] - calm.edges[i])).toBeLessThanOrEqual(1);
  });

  it('have as many codes as a byte holds, ascending edges and bins, and near equal shares', () => {
    const sample = fc.array(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ noDefaultInfinity: true })), {
      minLength: 20,
      maxLength: 300,
    });
    fc.assert(
      fc.property(sample, fc.integer({ min: 2, max: 50 }), (values, bins) => {
        const cells = cutCells(values, bins);
        expect(cells.edges.length).toBeLessThan(MISSING);
        expect(cells.edges.every((edge, i) => i === 0 || edge > cells.edges[i - 1])).toBe(true);
        const shares = new Float64Array(cells.binCount);
        for (const value of values) {
          const cell = cellOf(cells.edges, value);
          if (cell !== MISSING) expect(cell).toBe(cells.edges.filter((edge) => edge < value).length);
          shares[binOfCell(cells, cell)] += 1;
        }
        const distinct = new Set(values.filter((value) => !Number.isNaN(value)));
        if (distinct.size === values.length) for (const n of shares) expect(n).toBeLessThanOrEqual(Math.ceil(values.length / bins) + 1);
      }),
      { numRuns: 200, seed: 2 },
    );
  });

  it('know only missing values where there were no others', () => {
    const cells = cutCells([Number.NaN, Number.NaN], 10);
    expect(cells.edges.length).toBe(0);
    expect(cells.binCount).toBe(2);
    expect(binOf(cells, 5)).toBe(0);
  });
});
