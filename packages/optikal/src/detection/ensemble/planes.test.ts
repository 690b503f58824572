import { calibratedProbability } from '@optikal/ml';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { columnsOf, type Row } from '../features/columns.ts';
import { fittedBundle } from '../test-support/bundles.ts';
import type { Bundle } from './bundle.ts';
import { type Planes, type PlaneView, planesOf, probabilityFor, thresholdFor, viewOf } from './planes.ts';

const COLUMNS = columnsOf('fused1');
const NONE: Planes = { behaviour: false, provenance: false, content: false, authority: false };
const ACTS: Planes = { ...NONE, behaviour: true };

function rowOf(values: Readonly<Record<string, number>>): Row {
  const row = new Float64Array(COLUMNS.length).fill(Number.NaN);
  for (const name in values) row[COLUMNS.at(name)] = values[name]!;
  return row;
}

const view = (planes: Planes, threshold: number, benign: readonly number[] = [0, 1, 2, 3]): PlaneView => ({
  planes,
  meta: null,
  calibration: { kind: 'platt', slope: threshold, intercept: 0, prevalence: 0.5 },
  operatingPoint: { kind: 'fpr', value: 0.25, fpr: 0.25, threshold },
  benignMargins: Float64Array.from(benign),
});

const bundleOf = (byPlanes: readonly PlaneView[]): Bundle => ({
  ...fittedBundle(),
  operatingPoint: { kind: 'fpr', value: 0.25, fpr: 0.25, threshold: 30 },
  benignMargins: Float64Array.of(0, 10, 20, 30),
  byPlanes,
});

describe('the planes of a row', () => {
  it.each([
    ['nothing', {}, NONE],
    ['metrics', { api_calls_per_min: 0 }, ACTS],
    ['calls', { calls: 2, api_calls_per_min: 3 }, ACTS],
    ['no calls and nothing else', { calls: 0 }, NONE],
    ['provenance', { calls: 1, values_from_output: 0 }, { ...ACTS, provenance: true }],
    ['a request, and no values', { calls: 1, unrequested_any: 0.5 }, { ...ACTS, provenance: true }],
    ['no verdict', { calls: 1, checked: 0 }, ACTS],
    ['a verdict', { checked: 1 }, { ...NONE, content: true }],
    ['a verdict of an earlier window of the task', { calls: 1, checked: 0, injection_max: -3 }, { ...ACTS, content: true }],
    ['a violation', { checked: 0, violations: 1 }, { ...NONE, content: true }],
    ['no decision', { decisions: 0 }, NONE],
    ['a decision', { decisions: 1 }, { ...NONE, authority: true }],
  ] as const)('%s', (_, values, wanted) => {
    expect(planesOf(rowOf(values))).toEqual(wanted);
  });
});

describe('the view of a window', () => {
  const [plain, judged] = [view(ACTS, 1), view({ ...ACTS, content: true }, 2)];
  it('is the one of its planes, else the nearest: behaviour weighs more than content, content more than the rest', () => {
    const bundle = bundleOf([plain, judged]);
    expect(viewOf(bundle, ACTS)).toBe(plain);
    expect(viewOf(bundle, { ...ACTS, content: true })).toBe(judged);
    expect(viewOf(bundle, { ...ACTS, content: true, provenance: true, authority: true })).toBe(judged);
    expect(viewOf(bundle, { ...ACTS, provenance: true, authority: true })).toBe(plain);
    expect(viewOf(bundle, NONE)).toBe(plain);
    expect(viewOf(bundleOf([]), ACTS)).toBeNull();
  });
});

describe('the threshold of a window', () => {
  const row = rowOf({ api_calls_per_min: 1 });
  it('is that of its view at the operating point of the bundle, and the one in force without views', () => {
    expect(thresholdFor(bundleOf([view(ACTS, 1.25)]), 30, row)).toBe(1.25);
    expect(thresholdFor(bundleOf([]), 17, row)).toBe(17);
  });

  it('is reached by as many benign windows as the one in force is', () => {
    const bundle = bundleOf([view(ACTS, 1.25)]);
    // At or above 20: two of four. At or above 2: two of four.
    expect(thresholdFor(bundle, 20, row)).toBe(2);
    expect(thresholdFor(bundle, -5, row)).toBe(-5);
    expect([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map((x) => thresholdFor(bundle, x, row))).toEqual([
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
    ]);
    expect(thresholdFor(bundle, 30.5, row)).toBe(3.5);
  });

  it('rises with the one in force, and is finite', () => {
    const margin = fc.double({ min: -50, max: 80, noNaN: true });
    const benign = fc.array(margin, { minLength: 1, maxLength: 9 }).map((all) => all.sort((a, b) => a - b));
    fc.assert(
      fc.property(margin, margin, benign, (a, b, own) => {
        const bundle = bundleOf([view(ACTS, 0, own)]);
        const [low, high] = [Math.min(a, b), Math.max(a, b)].filter((x) => x !== 30).map((x) => thresholdFor(bundle, x, row));
        expect(Number.isFinite(low ?? 0)).toBe(true);
        if (low !== undefined && high !== undefined) expect(high).toBeGreaterThanOrEqual(low);
      }),
    );
  });

  it('keeps the distance of the operating points where no margins are kept', () => {
    const bundle = { ...bundleOf([view(ACTS, 1.25, [])]), benignMargins: new Float64Array(0) };
    expect(thresholdFor(bundle, 31, row)).toBe(2.25);
  });
});

it('the probability of a window is that of its view', () => {
  const bundle = bundleOf([view(ACTS, 2), view({ ...ACTS, content: true }, 5)]);
  const expected = (slope: number) =>
    calibratedProbability({ kind: 'platt', slope, intercept: 0, prevalence: 0.5 }, 0.3, bundle.prevalence);
  expect(probabilityFor(bundle, 0.3, rowOf({ api_calls_per_min: 1 }))).toBe(expected(2));
  expect(probabilityFor(bundle, 0.3, rowOf({ api_calls_per_min: 1, checked: 1 }))).toBe(expected(5));
  expect(probabilityFor({ ...bundle, byPlanes: [] }, 0.3, rowOf({}))).toBe(
    calibratedProbability(bundle.calibration, 0.3, bundle.prevalence),
  );
});
