import { auroc } from '@optikal/ml';
import { expect, it } from 'vitest';
import { sequenceValues } from '../detection/steps.ts';
import { parseToolsYaml, resolveTools, toolLookup } from '../detection/tools/index.ts';
import { extract } from './extract.ts';
import { foldsOf, splitForStopping } from './folds.ts';
import { indexTruth } from './labels.ts';
import { headline } from './measure.ts';
import { fitSequences } from './sequence-base.ts';
import { withShuffledWindows } from './shuffled.ts';
import { simulateFleet, toolsYaml } from './simulator/index.ts';
import { fakeSamples } from './test-support/samples.ts';

it('keeps each window last in its sequence, and takes those before from the same agent', () => {
  const samples = fakeSamples({ agents: 3, windows: 30, attacked: 1, seed: 'shuffled' });
  const shuffled = withShuffledWindows(samples, 's');
  const own = new Map(samples.map(({ key, sequence }) => [sequence.at(-1), key]));
  let moved = 0;
  samples.forEach((sample, i) => {
    const { sequence, ...rest } = shuffled[i]!;
    expect(rest).toEqual({ ...sample, sequence: undefined, ...rest });
    expect(sequence.at(-1)).toBe(sample.sequence.at(-1));
    for (const step of sequence) expect(own.get(step)).toBe(sample.key);
    if (sequence.some((step) => !sample.sequence.includes(step))) moved++;
  });
  expect(moved).toBeGreaterThan(60);
  const lengths = (of: typeof samples) => of.map(({ sequence }) => sequence.length).sort((a, b) => a - b);
  expect(lengths(shuffled)).toEqual(lengths(samples));
  expect(withShuffledWindows(samples, 's')).toEqual(shuffled);
});

it('costs the sequence model of a simulated fleet some of what it knows: it uses the order', { timeout: 120_000 }, () => {
  const fleet = simulateFleet({ agents: 240, days: 1, seed: 'order', attackedShare: 0.8, campaignsPerAgent: 2 });
  const { samples } = extract({
    events: () => fleet.events(),
    truth: indexTruth(fleet.truth),
    tools: toolLookup(resolveTools({ user: parseToolsYaml(toolsYaml()) })),
  }).dataset;
  const unitOf = ({ key }: { readonly key: string }) => key;
  const folds = foldsOf(samples, unitOf, 3, 'order');
  const at = (part: Int32Array) => Array.from(part, (i) => samples[i]!);
  const others = withShuffledWindows(samples, 's');
  const found = [0, 1, 2].map((fold) => {
    const known = Int32Array.from(samples.keys().filter((i) => folds.of[i] !== fold));
    const { rows, stopping } = splitForStopping(samples, known, unitOf, 'order');
    const model = fitSequences(at(rows), 'order', at(stopping!))!;
    const aurocOf = (all: typeof samples) => {
      const left = all.filter((sample, i) => folds.of[i] === fold && headline(sample));
      return auroc(
        left.map(({ sequence }) => model.score(sequenceValues(sequence))),
        left.map(({ label }) => (label === 2 ? 1 : 0)),
      );
    };
    return { ordered: aurocOf(samples), shuffled: aurocOf(others) };
  });
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const ordered = mean(found.map((fold) => fold.ordered));
  expect(ordered).toBeGreaterThan(0.6);
  expect(mean(found.map((fold) => fold.shuffled))).toBeLessThan(ordered - 0.005);
});
