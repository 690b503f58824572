import { describe, expect, it } from 'vitest';
import { decodeClassScorer } from './class-scorer.ts';
import { decodeScorer } from './decode-scorer.ts';
import { fitIsolationForest } from './isolation-forest/isolation-forest.ts';
import { readModelFile, writeModelFile } from './model-file.ts';
import { fitRandomForest } from './random-forest/random-forest.ts';
import { classClouds } from './test-support/class-data.ts';
import { expectRefusal } from './test-support/refusals.ts';

describe('decodeClassScorer', () => {
  const { matrix, labels } = classClouds(60, 3, [0.5, 0.5], 'kinds');
  const bytes = fitRandomForest(matrix, labels, { treeCount: 2 }).forest.encode();

  it('tells scorers of classes from scorers of anomaly by their kind', () => {
    expect(decodeClassScorer(bytes).kind).toBe('random-forest');
    expectRefusal(() => decodeClassScorer(fitIsolationForest(matrix, { treeCount: 2 }).encode()), 'ML_FILE_KIND');
    expectRefusal(() => decodeScorer(bytes), 'ML_FILE_KIND');
    expectRefusal(() => decodeClassScorer(writeModelFile({ kind: 'constructor', numbers: {}, arrays: {} })), 'ML_FILE_KIND');
  });

  it('refuses counts, children and shares that contradict each other', () => {
    const content = readModelFile(bytes);
    const numbers = (changed: Record<string, number>) => writeModelFile({ ...content, numbers: { ...content.numbers, ...changed } });
    for (const classCount of [1, 3, 65, 2.5, 1e9, -2]) expectRefusal(() => decodeClassScorer(numbers({ classCount })), 'ML_BAD_TREE');
    for (const featureCount of [0, 1e9, 2.5]) expectRefusal(() => decodeClassScorer(numbers({ featureCount })), 'ML_BAD_TREE');
    const arrays = (name: string, change: (array: Float64Array | Int32Array) => unknown) => {
      const array = content.arrays[name].slice();
      if (!(array instanceof Float64Array || array instanceof Int32Array)) throw new Error(`${name} holds bytes`);
      change(array);
      return () => decodeClassScorer(writeModelFile({ ...content, arrays: { ...content.arrays, [name]: array } }));
    };
    expectRefusal(
      arrays('left', (left) => left.set([0], 0)),
      'ML_BAD_TREE',
    );
    expectRefusal(
      arrays('right', (right) => right.set([1_000_000], 0)),
      'ML_BAD_TREE',
    );
    expectRefusal(
      arrays('shares', (shares) => shares.set([NaN], 0)),
      'ML_BAD_TREE',
    );
    expectRefusal(
      arrays('shares', (shares) => shares.set([-0.5, 1.5], 0)),
      'ML_BAD_TREE',
    );
    expectRefusal(
      arrays('shares', (shares) => shares.set([0.6, 0.6], 0)),
      'ML_BAD_TREE',
    );
    for (const number of [-1, 0.5, 1e6]) {
      expectRefusal(
        arrays('value', (value) => value.set([number], value.length - 1)),
        'ML_BAD_TREE',
      );
    }
    const without = { ...content.arrays, roots: new Int32Array(0) };
    expectRefusal(() => decodeClassScorer(writeModelFile({ ...content, arrays: without })), 'ML_BAD_TREE');
    const { shares: _, ...shareless } = content.arrays;
    expectRefusal(() => decodeClassScorer(writeModelFile({ ...content, arrays: shareless })), 'ML_FILE_CORRUPT');
    const { feature: __, ...featureless } = content.arrays;
    expectRefusal(() => decodeClassScorer(writeModelFile({ ...content, arrays: featureless })), 'ML_FILE_CORRUPT');
  });
});
