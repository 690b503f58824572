import { describe, expect, it } from 'vitest';
import { fitBoosting } from './boosting/boosting.ts';
import { Boosting } from './boosting/model.ts';
import { decodeScorer } from './decode-scorer.ts';
import { fitIsolationForest } from './isolation-forest/isolation-forest.ts';
import { IsolationForest } from './isolation-forest/model.ts';
import { readModelFile, writeModelFile } from './model-file.ts';
import { gaussianMatrix, noisyLabels } from './test-support/data.ts';
import { expectRefusal } from './test-support/refusals.ts';

const matrix = gaussianMatrix(100, 3, 1);

describe('decodeScorer', () => {
  it('reads each kind as its own model, with what only that model knows', () => {
    const forest = fitIsolationForest(matrix, { treeCount: 3, contamination: 0.1 });
    const readForest = decodeScorer(forest.encode());
    expect(readForest).toBeInstanceOf(IsolationForest);
    if (readForest instanceof IsolationForest) {
      expect(readForest.threshold).toBe(forest.threshold);
      expect(readForest.sigmoidScore(new Float64Array(3))).toBe(forest.sigmoidScore(new Float64Array(3)));
    }
    const boosting = decodeScorer(fitBoosting(matrix, noisyLabels(matrix, 1), { rounds: 2 }).encode());
    expect(boosting).toBeInstanceOf(Boosting);
  });

  it('refuses a kind that it does not know', () => {
    expectRefusal(() => decodeScorer(writeModelFile({ kind: 'toString', numbers: {}, arrays: {} })), 'ML_FILE_KIND');
  });

  it('refuses a forest whose sigmoid has no scale, and a model without its arrays', () => {
    const content = readModelFile(fitIsolationForest(matrix, { treeCount: 3 }).encode());
    expectRefusal(() => decodeScorer(writeModelFile({ ...content, numbers: { ...content.numbers, scaleAbove: 0 } })), 'ML_FILE_CORRUPT');
    expectRefusal(() => decodeScorer(writeModelFile({ ...content, arrays: {} })), 'ML_FILE_CORRUPT');
    const { threshold: _, ...numbers } = content.numbers;
    expectRefusal(() => decodeScorer(writeModelFile({ ...content, numbers })), 'ML_FILE_CORRUPT');
  });
});
