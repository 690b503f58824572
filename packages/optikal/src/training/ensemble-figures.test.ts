import { describe, expect, it } from 'vitest';
import type { WindowSample } from './dataset.ts';
import { baseFigures, gainCells } from './ensemble-figures.ts';
import { sampleOf } from './test-support/samples.ts';

/** Two agents with one attack each among three quiet windows. */
const samples: readonly WindowSample[] = ['t|a', 't|b'].flatMap((key) => [
  sampleOf({ key }),
  sampleOf({ key }),
  sampleOf({ key }),
  sampleOf({ key, label: 2, threat: key === 't|a' ? 'data_exfiltration' : 'resource_abuse', intensity: 'mimicry' }),
  sampleOf({ key, label: 1 }),
]);
const unitOf = ({ key }: WindowSample) => key;
const perfect = Float64Array.of(0, 0, 0, 1, 5, 0, 0, 0, 1, 5);
/** Finds the attack on a, and takes b’s for the quietest window of all. */
const half = Float64Array.of(0, 0, 0, 1, 5, 0, 0, 0, -1, 5);

it('tells each base alone and the ensemble; exposed windows do not count', () => {
  expect(
    baseFigures(samples, [
      { name: 'half', margins: half },
      { name: 'ensemble', margins: perfect },
    ]),
  ).toEqual([
    { name: 'half', auroc: 0.5, averagePrecision: (1 + 2 / 8) / 2, recallAtFpr1: 0.5 },
    { name: 'ensemble', auroc: 1, averagePrecision: 1, recallAtFpr1: 1 },
  ]);
  expect(baseFigures(samples.slice(0, 3), [{ name: 'half', margins: half }])).toEqual([]);
});

describe('the ensemble less its best base', () => {
  it('is told for each threat and intensity, all of them first', () => {
    const cells = gainCells(samples, perfect, [{ name: 'half', margins: half }], unitOf, 's');
    expect(cells.map(({ threat, intensity, windows, gain }) => [threat, intensity, windows, gain])).toEqual([
      [null, null, 2, 0.5],
      [null, 'mimicry', 2, 0.5],
      ['data_exfiltration', null, 1, 0],
      ['data_exfiltration', 'mimicry', 1, 0],
      ['resource_abuse', null, 1, 1],
      ['resource_abuse', 'mimicry', 1, 1],
    ]);
    expect(cells[0]!.interval!.low).toBeGreaterThanOrEqual(0);
  });

  it('is negative where it is behind, and the best base of a cell is held against it', () => {
    const bases = [
      { name: 'half', margins: half },
      { name: 'perfect', margins: perfect },
    ];
    const [all] = gainCells(samples, half, bases, unitOf, 's');
    expect(all).toMatchObject({ best: { name: 'perfect', auroc: 1 }, ensemble: 0.5, gain: -0.5 });
    expect(all!.interval!.low).toBeLessThan(0);
  });
});
