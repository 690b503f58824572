import { FEATURE_SETS } from '@optikal/contracts';
import { describe, expect, it } from 'vitest';
import { type Planes, planesOf } from '../detection/ensemble/planes.ts';
import type { WindowSample } from './dataset.ts';
import { eachMasked, maskedRows, planePopulations, planeSets } from './plane-sets.ts';
import { sampleOf } from './test-support/samples.ts';

const NONE: Planes = { behaviour: false, provenance: false, content: false, authority: false };
const stepOf = (value: number) => new Float16Array(FEATURE_SETS.step1.length).fill(value);
const letters = (planes: Planes) =>
  Object.entries(planes)
    .flatMap(([name, there]) => (there ? [name[0]] : []))
    .join('');

describe('the sets of planes', () => {
  it.each([
    ['b', ['b']],
    ['bp', ['bp', 'b']],
    ['bpc', ['bpc', 'bp', 'bc', 'b', 'c']],
    ['bca', ['bca', 'bc', 'ba', 'b', 'ca', 'c', 'a']],
    ['c', ['c']],
    ['', []],
  ])('of %s are %j', (all, wanted) => {
    const there = (letter: string) => all.includes(letter);
    const found = planeSets({ behaviour: there('b'), provenance: there('p'), content: there('c'), authority: there('a') });
    expect(found.map(letters)).toEqual(wanted);
  });
});

describe('the windows of a set', () => {
  const windows = (count: number, columns: Readonly<Record<string, number>>): WindowSample[] =>
    Array.from({ length: count }, (_, i) =>
      sampleOf({ key: `t|a${i % 6}`, label: i % 5 === 0 ? 2 : 0 }, { calls: 1, api_calls_per_min: 2, ...columns }),
    );
  const judged = windows(200, { checked: 1, injection_max: 2 });
  const options = { unitOf: ({ key }: WindowSample) => key, seed: 's' };

  it('had its planes, and have no others', () => {
    const samples = [...judged, ...windows(60, {})];
    const found = planePopulations(samples, options);
    expect(found.map(({ planes, rows }) => [letters(planes), rows.length])).toEqual([
      ['bc', 200],
      ['b', 260],
      ['c', 200],
    ]);
    for (const population of found)
      for (const { row } of maskedRows(samples, population)) expect(planesOf(row)).toEqual({ ...NONE, ...population.planes });
  });

  it('are the same one after the other, in rows that are written again; one that had no other planes is itself', () => {
    const samples = [...judged, ...windows(60, {})].map((sample, i): WindowSample => {
      const calls = Array.from({ length: i % 4 }, (_, c) => new Float64Array(FEATURE_SETS.call1.length).fill(c + i));
      return { ...sample, callRows: calls, callLabels: calls.map(() => 0), sequence: calls.map((_, t) => stepOf(i + t)) };
    });
    for (const population of planePopulations(samples, options)) {
      const wanted = maskedRows(samples, population);
      const itself: boolean[] = [];
      eachMasked(samples, population, ({ row, callRows, sequence }, sample, j) => {
        expect(sample).toBe(samples[population.rows[j]!]);
        const like = row === sample.row ? sample : wanted[j]!;
        expect({ row, callRows, sequence }).toEqual({ row: like.row, callRows: like.callRows, sequence: like.sequence });
        itself.push(like === sample);
      });
      expect(itself.length).toBe(population.rows.length);
      expect(itself.filter(Boolean).length).toBe({ bc: 200, b: 60 }[letters(population.planes)] ?? 0);
    }
    expect(samples[199]!.callRows[0]![0]).toBe(199);
  });

  it('are sure, and at most so many quiet ones and attacks', () => {
    const unsure = judged.map((sample, i): WindowSample => (i % 2 ? { ...sample, exclude: true } : { ...sample, label: 1 }));
    expect(planePopulations([...judged, ...unsure], options)[0]!.rows.length).toBe(200);
    const many = planePopulations(windows(6000, {}), options)[0]!.rows;
    expect(many.length).toBe(1200 + 4000);
    expect([...many]).toEqual([...many].sort((a, b) => a - b));
    expect(planePopulations(windows(10_000, {}), options)[0]!.rows.length).toBe(1500 + 4000);
  });

  it('are too few for a threshold or a calibration of their own: there is none', () => {
    expect(planePopulations(judged.slice(0, 90), options)).toEqual([]);
    const quiet = judged.map((sample): WindowSample => ({ ...sample, label: 0 }));
    expect(planePopulations(quiet, options)).toEqual([]);
    expect(planePopulations(quiet, { ...options, labelled: false })).toHaveLength(3);
    expect(planePopulations(judged, { ...options, unitOf: () => 'one' })).toEqual([]);
  });
});
