import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matrixOf } from '../matrix.ts';
import { readModelFile, writeModelFile } from '../model-file.ts';
import { createRandom } from '../random.ts';
import { expectRefusal } from '../test-support/refusals.ts';
import type { DriftSummary } from './compare.ts';
import { fitDrift } from './drift.ts';
import { type DriftReference, decodeDrift } from './model.ts';
import type { DriftOptions } from './options.ts';

const normals = (seed: string, count: number, shift = 0) => {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => [random.nextGaussian() + shift]);
};

function summarise(reference: DriftReference, rows: readonly ArrayLike<number>[], bufferSize = 10_000): DriftSummary {
  const detector = reference.detector({ bufferSize });
  rows.forEach((row, i) => {
    detector.update(row, i);
  });
  return detector.summary();
}

/** PSI of quartiles by hand: the reference holds 25 of each. */
const quartiles = fitDrift(matrixOf(Array.from({ length: 100 }, (_, i) => [i + 1])), { bins: 4, names: ['n'] });

describe('a drift summary', () => {
  it('is what it is by hand', () => {
    // Live shares 0.4, 0.3, 0.2, 0.1 against four quarters.
    const live = Array.from({ length: 100 }, (_, i) => (i < 40 ? 1 : i < 70 ? 30 : i < 90 ? 60 : 90));
    const { features, ...whole } = summarise(
      quartiles,
      live.map((x) => [x]),
    );
    const [only] = features;
    const psi = 0.15 * Math.log(1.6) + 0.05 * Math.log(1.2) - 0.05 * Math.log(0.8) - 0.15 * Math.log(0.4);
    expect(only.psi).toBeCloseTo(psi, 13);
    expect(only.band).toBe('retrain');
    expect(only.expected).toEqual([0.25, 0.25, 0.25, 0.25, 0]);
    expect(only.actual).toEqual([0.4, 0.3, 0.2, 0.1, 0]);
    expect(only.edges).toEqual([25, 50, 75]);
    // At 30: 70 of 100 live rows, 30 of the reference.
    expect(only.ks).toBeCloseTo(0.4, 12);
    expect(only.name).toBe('n');
    expect(whole).toMatchObject({ rows: 100, rowsSeen: 100, rowsOfOtherHours: 0, groups: 1, referenceRows: 100, referenceGroups: 1 });
    expect(whole).toMatchObject({ fromMs: 0, toMs: 99, match: 'none', independent: 'stretches', level: 0.01, band: 'retrain' });
    expect(JSON.parse(JSON.stringify({ ...whole, features }))).toEqual({ ...whole, features });
  });

  it('of the reference itself is no drift', () => {
    const rows = normals('same', 100);
    const summary = summarise(fitDrift(matrixOf(rows)), rows);
    expect(summary.features[0]).toMatchObject({ psi: 0, jensenShannon: 0, pValue: 1, band: 'stable', alarm: false });
    expect(summary.features[0].ks).toBeCloseTo(0, 12);
    expect(summary).toMatchObject({ band: 'stable', alarm: false });
  });

  it('has a band without an alarm where few rows scatter by chance', () => {
    const summary = summarise(fitDrift(matrixOf(normals('reference', 1_000))), normals('few', 30));
    expect(summary.features[0].psi).toBeGreaterThan(0.2);
    expect(summary).toMatchObject({ band: 'retrain', alarm: false });
  });

  it('alarms exactly from the critical PSI on, over several features', () => {
    const random = createRandom('rows');
    const rows = (count: number, shift: number) =>
      Array.from({ length: count }, () => [0, 1, 2, 3].map((c) => random.nextGaussian() + (c === 0 ? shift : 0)));
    const reference = fitDrift(matrixOf(rows(500, 0)));
    fc.assert(
      fc.property(fc.double({ min: -1, max: 1, noNaN: true }), fc.integer({ min: 20, max: 300 }), (shift, count) => {
        for (const { psi, critical, alarm, pValue } of summarise(reference, rows(count, shift)).features) {
          expect(alarm).toBe(psi >= critical);
          expect(pValue).toBeGreaterThanOrEqual(0);
          expect(pValue).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 60, seed: 5 },
    );
  });

  it('finds values that are missing now, and a counter that was always 0', () => {
    const reference = fitDrift(matrixOf(normals('m', 400).map(([x]) => [x, 0])));
    const rows = normals('n', 200).map(([x], i) => [i % 4 === 0 ? Number.NaN : x, i % 10 === 0 ? 1 : 0]);
    const summary = summarise(reference, rows);
    expect(summary.features.map(({ alarm }) => alarm)).toEqual([true, true]);
    expect(summary.features[0].actual.at(-1)).toBe(0.25);
    // Two rows of 200 are no such news.
    const few = rows.map(([x, c], i) => [Number.isNaN(x) && i > 4 ? 0.1 * (i % 7) - 0.3 : x, i < 20 ? c : 0]);
    expect(summarise(reference, few).features[1].alarm).toBe(false);
  });

  it('takes rows that depend on each other for fewer', () => {
    const random = createRandom('worth');
    let x = 0;
    const slow = Array.from({ length: 2_000 }, () => {
      x = 0.9 * x + random.nextGaussian();
      return [x];
    });
    const worth = (rows: number[][]) => summarise(fitDrift(matrixOf(rows)), rows.slice(0, 400)).features[0].effectiveRows;
    expect(worth(normals('quick', 2_000))).toBeGreaterThan(300);
    expect(worth(slow)).toBeLessThan(120);
    // Bins forget sooner than the value itself, whose 400 rows are worth 400 / 19.
    expect(worth(slow)).toBeGreaterThan(400 / 19);
  });

  it('compares the latest rows only', () => {
    const reference = fitDrift(matrixOf(normals('r', 500)));
    const detector = reference.detector({ bufferSize: 300 });
    for (const row of [...normals('far', 700, 9), ...normals('near', 300)]) detector.update(row, 0);
    expect(detector.summary()).toMatchObject({ rows: 300, rowsSeen: 1_000, alarm: false });
    expect(detector.rowsSeen).toBe(1_000);
  });

  it('leaves out what the caller leaves out', () => {
    const rows = normals('c', 200).map(([x], i) => [i, x]);
    const reference = fitDrift(matrixOf(rows), { columns: [1], names: ['clock', 'x'] });
    const summary = summarise(
      reference,
      normals('d', 200).map(([x], i) => [i + 1e6, x]),
    );
    expect(summary.features.map(({ name }) => name)).toEqual(['x']);
    expect(summary.alarm).toBe(false);
  });

  it('does not depend on the order of the reference rows across streams', () => {
    const rows = normals('o', 240);
    const groups = rows.map((_, i) => i % 12);
    const times = rows.map((_, i) => i * 1_000);
    const order = rows.map((_, i) => i).sort((a, b) => groups[a] - groups[b] || b - a);
    const of = (indices: number[]) =>
      summarise(
        fitDrift(matrixOf(indices.map((i) => rows[i])), {
          groups: indices.map((i) => `agent ${groups[i]}`),
          times: indices.map((i) => times[i]),
        }),
        normals('p', 50),
      );
    const plainly = of(rows.map((_, i) => i));
    expect(plainly.independent).toBe('groups');
    expect(of(order)).toEqual(plainly);
  });
});

describe('a model file of a drift reference', () => {
  const times = Array.from({ length: 300 }, (_, i) => Math.floor(i / 12) * 3_600_000);
  const options: DriftOptions = { times, groups: times.map((_, i) => `a${i % 12}`), names: ['größe'], level: 0.05, watch: 0.2 };
  const reference = fitDrift(matrixOf(normals('file', 300)), options);

  it('gives the same summaries and the same bytes', () => {
    const bytes = reference.encode();
    const decoded = decodeDrift(bytes);
    expect(decoded.encode()).toEqual(bytes);
    expect(fitDrift(matrixOf(normals('file', 300)), options).encode()).toEqual(bytes);
    expect(decoded.names).toEqual(['größe']);
    expect(decoded.rowCount).toBe(300);
    expect(summarise(decoded, normals('live', 80))).toEqual(summarise(reference, normals('live', 80)));
  });

  it('is refused where its parts do not agree', () => {
    const content = readModelFile(reference.encode());
    const broken = (arrays: object, numbers = {}, kind = content.kind) =>
      writeModelFile({ kind, numbers: { ...content.numbers, ...numbers }, arrays: { ...content.arrays, ...arrays } });
    for (const [name, array] of Object.entries(content.arrays)) {
      expectRefusal(() => decodeDrift(broken({ [name]: array.slice(1) })), 'ML_FILE_CORRUPT');
    }
    expectRefusal(() => decodeDrift(broken({ codes: new Uint8Array(300).fill(200) })), 'ML_FILE_CORRUPT');
    expectRefusal(() => decodeDrift(broken({ groups: new Int32Array(300).fill(1) })), 'ML_FILE_CORRUPT');
    expectRefusal(() => decodeDrift(broken({ columns: Int32Array.of(1) })), 'ML_FILE_CORRUPT');
    expectRefusal(() => decodeDrift(broken({ edges: new Float64Array(content.arrays.edges.length) })), 'ML_FILE_CORRUPT');
    expectRefusal(() => decodeDrift(broken({ names: new TextEncoder().encode('["a","b"]') })), 'ML_FILE_CORRUPT');
    expectRefusal(() => decodeDrift(broken({}, { level: 2 })), 'ML_FILE_CORRUPT');
    expectRefusal(() => decodeDrift(broken({}, {}, 'meta-model')), 'ML_FILE_KIND');
    expectRefusal(() => decodeDrift(reference.encode().slice(0, -8)), 'ML_FILE_CORRUPT', 'ML_FILE_TRUNCATED');
  });
});

describe('refusals', () => {
  const rows = matrixOf(normals('x', 30));
  it('of a reference that cannot be one', () => {
    expectRefusal(() => fitDrift(matrixOf(normals('x', 19))), 'ML_EMPTY_INPUT');
    expectRefusal(() => fitDrift(matrixOf([...normals('x', 30), [Infinity]])), 'ML_INFINITE_VALUE');
    expectRefusal(() => fitDrift(rows, { times: [1] }), 'ML_SHAPE_MISMATCH');
    expectRefusal(() => fitDrift(rows, { times: new Float64Array(30).fill(Number.NaN) }), 'ML_NOT_FINITE');
    expectRefusal(() => fitDrift(rows, { groups: ['a'] }), 'ML_SHAPE_MISMATCH');
    expectRefusal(() => fitDrift(rows, { names: [] }), 'ML_SHAPE_MISMATCH');
  });

  it.each<DriftOptions>([{ bins: 1 }, { columns: [] }, { columns: [1] }, { watch: 0 }, { watch: 0.3, retrain: 0.2 }, { level: 0.9 }])(
    'of the options %o',
    (options) => {
      expectRefusal(() => fitDrift(rows, options), 'ML_BAD_OPTION');
    },
  );

  it('of keys nobody reads, rows of another length, times that are none and an empty buffer', () => {
    const reference = fitDrift(rows);
    // @ts-expect-error a key that is none
    expectRefusal(() => fitDrift(rows, { bin: 3 }), 'ML_UNKNOWN_OPTION');
    expectRefusal(() => reference.detector({ bufferSize: 0 }), 'ML_BAD_OPTION');
    expectRefusal(() => reference.detector().update([1, 2], 0), 'ML_SHAPE_MISMATCH');
    expectRefusal(() => reference.detector().update([1], Number.NaN), 'ML_NOT_FINITE');
    expectRefusal(() => reference.detector().summary(), 'ML_EMPTY_INPUT');
  });
});
