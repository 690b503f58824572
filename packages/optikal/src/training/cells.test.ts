import { describe, expect, it } from 'vitest';
import { cellFigures } from './cells.ts';
import type { WindowSample } from './dataset.ts';
import { fakeSamples, sampleOf } from './test-support/samples.ts';

const unitOf = ({ key }: WindowSample) => key;

const attack = (key: string, writes: number) =>
  sampleOf(
    { key, label: 2, threat: 'credential_abuse', intensity: 'mimicry', campaign: `${key}:0`, callRows: [new Float64Array()] },
    { write_calls: writes },
  );
const quiet = (key: string, writes: number) => sampleOf({ key }, { write_calls: writes });

describe('a cell', () => {
  it('is judged as by hand: each half by the rule of the other', () => {
    const samples = ['a', 'b'].flatMap((key) => [quiet(key, 1), quiet(key, 2)]);
    samples.push(...['c', 'd'].flatMap((key) => [attack(key, 2), attack(key, 4)]));
    const found = cellFigures(samples, [0, 1, 0, 1, 0.5, 3, 0.5, 3], unitOf, 's');
    // Whichever pair of agents is a half, it holds quiet writes 1 2 and attacks 2 4. Above 1.5: both attacks and one of two quiet windows, no
    // better and no worse than above 3; the other half looks the same, so (1 + 0.5) / 2. The margins likewise: above 0.25, (1 + 0.5) / 2, and of
    // the pairs (attack, quiet) three in four are in order.
    expect(found[0]).toEqual({
      threat: 'credential_abuse',
      intensity: 'mimicry',
      windows: 4,
      campaigns: 2,
      ensemble: { auroc: 0.75, balancedAccuracy: 0.75 },
      stump: { feature: 'write_calls', balancedAccuracy: 0.75 },
      callCountAuroc: 1,
    });
    expect(found.map(({ threat, intensity }) => [threat, intensity])).toEqual([
      ['credential_abuse', 'mimicry'],
      ['credential_abuse', null],
      [null, 'mimicry'],
      [null, null],
    ]);
  });

  it('names the feature that carries, and finds the ensemble above it', () => {
    const samples = fakeSamples({ agents: 24, windows: 100, attacked: 12, seed: 'c', strength: 2 });
    const margins = samples.map(({ row }) => row.reduce((sum, x) => sum + (Number.isNaN(x) ? 0 : x), 0));
    const all = cellFigures(samples, margins, unitOf, 's').at(-1)!;
    expect(all).toMatchObject({ threat: null, intensity: null, windows: 120, callCountAuroc: 0.5 });
    expect(['write_calls', 'role_surprise_max']).toContain(all.stump.feature);
    expect(all.stump.balancedAccuracy).toBeGreaterThan(0.75);
    expect(all.ensemble.auroc).toBeGreaterThan(all.stump.balancedAccuracy);
  });

  it('never judges a rule on the agents that it was chosen on', () => {
    // Two attacked agents whose attacks look opposite: whoever chose on all four would be right on everything.
    const samples = [
      ...[1, 2, 3, 4].flatMap((i) => [quiet(`q${i}`, 10), quiet(`q${i}`, 11)]),
      attack('low', 1),
      attack('low', 2),
      attack('high', 20),
      attack('high', 21),
    ];
    const cell = cellFigures(samples, new Float64Array(samples.length), unitOf, 's')[0];
    expect(cell.stump.balancedAccuracy).toBe(0.5);
    expect(cell.ensemble).toEqual({ auroc: 0.5, balancedAccuracy: 0.5 });
  });

  it('has no balanced accuracy where one agent alone is attacked', () => {
    const cell = cellFigures([quiet('a', 1), quiet('b', 1), attack('c', 5)], [0, 0, 1], unitOf, 's')[0];
    expect(cell.ensemble).toEqual({ auroc: 1, balancedAccuracy: Number.NaN });
    expect(cell.stump).toEqual({ feature: '', balancedAccuracy: Number.NaN });
  });

  it('leaves exposed and doubtful windows out', () => {
    const samples = [
      quiet('a', 1),
      attack('c', 5),
      sampleOf({ key: 'b', label: 1, intensity: 'blatant' }),
      { ...attack('d', 5), exclude: true },
    ];
    expect(cellFigures(samples, [0, 1, 1, 1], unitOf, 's').map(({ windows }) => windows)).toEqual([1, 1, 1, 1]);
    expect(cellFigures([quiet('a', 1)], [0], unitOf, 's')).toEqual([]);
    expect(cellFigures([attack('c', 5)], [0], unitOf, 's')).toEqual([]);
  });
});
