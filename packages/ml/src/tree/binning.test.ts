import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matrixOf } from '../matrix.ts';
import { gaussianMatrix } from '../test-support/data.ts';
import { binMatrix, binOf, findBinEdges, MAX_BINS, MISSING_BIN } from './binning.ts';

describe('binning', () => {
  it('cuts few values half-way between neighbours and leaves the last bin open', () => {
    expect([...findBinEdges(matrixOf([[3], [1], [1], [2], [NaN]]))[0]]).toEqual([1.5, 2.5, Number.MAX_VALUE]);
  });

  it('gives a column without values one bin', () => {
    expect([...findBinEdges(matrixOf([[NaN], [NaN]]))[0]]).toEqual([Number.MAX_VALUE]);
  });

  it('fills 255 bins about equally', () => {
    const matrix = gaussianMatrix(10_000, 1, 1);
    const edges = findBinEdges(matrix);
    const counts = new Int32Array(256);
    for (const bin of binMatrix(matrix, edges).byColumn) counts[bin]++;
    expect(edges[0].length).toBe(MAX_BINS);
    expect(Math.min(...counts.subarray(0, 255))).toBeGreaterThan(20);
    expect(Math.max(...counts)).toBeLessThan(60);
  });

  it('gives a heavy value its own bin and the rest the other 254', () => {
    const matrix = gaussianMatrix(4000, 1, 2);
    for (let i = 0; i < 2000; i++) matrix.values[i] = 0;
    const edges = findBinEdges(matrix)[0];
    expect(edges.length).toBeGreaterThan(250);
    expect(binOf(1e-9, edges) - binOf(-1e-9, edges)).toBeLessThanOrEqual(2);
  });

  it('puts x into bin b exactly where edges[b - 1] < x <= edges[b], and NaN into bin 255', () => {
    const values = fc.array(fc.double({ noDefaultInfinity: true }), { minLength: 1, maxLength: 400 });
    fc.assert(
      fc.property(values, (column) => {
        const matrix = matrixOf(column.map((x) => [x]));
        const edges = findBinEdges(matrix);
        const { byColumn } = binMatrix(matrix, edges);
        for (let r = 0; r < column.length; r++) {
          const bin = byColumn[r];
          if (Number.isNaN(column[r])) expect(bin).toBe(MISSING_BIN);
          else expect(column[r] <= edges[0][bin] && (bin === 0 || column[r] > edges[0][bin - 1])).toBe(true);
        }
        for (let b = 1; b < edges[0].length; b++) expect(edges[0][b]).toBeGreaterThan(edges[0][b - 1]);
      }),
      { numRuns: 100, seed: 1 },
    );
  });

  it('puts values that it has not seen, edges and infinite ones into the bin of a plain search, with 1 edge as with 255', () => {
    for (const rows of [1, 2, 50, 254, 255, 256, 3000]) {
      const [edges] = findBinEdges(gaussianMatrix(rows, 1, rows));
      const unseen = [
        -Infinity,
        -Number.MAX_VALUE,
        -0,
        0,
        Number.MAX_VALUE,
        Infinity,
        NaN,
        ...edges,
        ...gaussianMatrix(300, 1, 'unseen').values,
      ];
      const { byColumn } = binMatrix({ rows: unseen.length, cols: 1, values: Float64Array.from(unseen) }, [edges]);
      expect([...byColumn]).toEqual(unseen.map((x) => binOf(x, edges)));
    }
  });

  it('stores the bins column by column', () => {
    const matrix = gaussianMatrix(20, 3, 3, 0.2);
    const { byColumn, edges } = binMatrix(matrix, findBinEdges(matrix));
    for (let r = 0; r < 20; r++) for (let c = 0; c < 3; c++) expect(byColumn[c * 20 + r]).toBe(binOf(matrix.values[r * 3 + c], edges[c]));
  });
});
