import { describe, expect, it } from 'vitest';
import { matrixOf } from '../matrix.ts';
import { createRandom } from '../random.ts';
import { binMatrix, findBinEdges } from '../tree/binning.ts';
import { type Criterion, createEntropy, createGini } from './criterion.ts';
import { CLASS_BITS, type ClassSplit, createClassSplitter } from './splitting.ts';

/** A node's rows: value (null is missing), class, draws. */
type Drawn = readonly (readonly [x: number | null, label: number, draws: number])[];

/** Searches the one column of `all` for the best split of `inNode` (indices of `all`; default every row). */
function searchIn(all: Drawn, criterion: Criterion, classCount: number, minDataInLeaf: number, inNode = all.map((_, r) => r)) {
  const matrix = matrixOf(all.map(([x]) => [x ?? NaN]));
  const edges = findBinEdges(matrix);
  const splitter = createClassSplitter(binMatrix(matrix, edges), criterion, classCount, minDataInLeaf);
  const counts = new Float64Array(classCount);
  for (const r of inNode) counts[all[r][1]] += all[r][2];
  const tags = Int32Array.from(inNode, (r) => (all[r][2] << CLASS_BITS) | all[r][1]);
  const node = { rows: Int32Array.from(inNode), tags, from: 0, to: inNode.length, counts };
  const search = (): ClassSplit => {
    const best = splitter.start(node);
    splitter.search(node, 0, best);
    return best;
  };
  const first = search();
  expect(search()).toEqual(first); // the histogram is left empty
  return { ...first, threshold: edges[0][first.bin] };
}

const gini = (...weights: number[]) => createGini(Float64Array.from(weights));

describe('class splits', () => {
  const steps: Drawn = [
    [1, 0, 1],
    [2, 0, 1],
    [3, 1, 1],
    [4, 1, 1],
  ];

  it('gain by hand: two and two parted cleanly rise from 8/4 to 4/2 + 4/2', () => {
    expect(searchIn(steps, gini(1, 1), 2, 1)).toEqual({ feature: 0, bin: 1, missing: -1, gain: 2, threshold: 2.5 });
  });

  it('weigh classes by hand: with weights 1 and 3 from (4 + 36)/8 to 4/2 + 36/6', () => {
    expect(searchIn(steps, gini(1, 3), 2, 1)).toMatchObject({ gain: 3, threshold: 2.5 });
  });

  it('gain bits of entropy by hand: four rows times ln 2', () => {
    expect(searchIn(steps, createEntropy(Float64Array.of(1, 1), 4), 2, 1).gain).toBeCloseTo(4 * Math.LN2, 12);
  });

  it('cut the middle of a gap that other rows fill', () => {
    expect(searchIn(steps, gini(1, 1), 2, 1, [0, 3])).toMatchObject({ threshold: 2.5, gain: 1 });
  });

  it('send missing values where they gain more', () => {
    const lacking: Drawn = [
      [1, 0, 1],
      [2, 1, 1],
      [null, 0, 1],
    ];
    // Missing left: {0, 0} and {1}, from 5/3 to 4/2 + 1.
    const left = searchIn(lacking, gini(1, 1), 2, 1);
    expect(left).toMatchObject({ threshold: 1.5, missing: 1 });
    expect(left.gain).toBeCloseTo(4 / 3, 12);
    expect(searchIn([lacking[0], lacking[1], [null, 1, 1]], gini(1, 1), 2, 1)).toMatchObject({ threshold: 1.5, missing: 0 });
  });

  it('part missing values from all others', () => {
    const lacking: Drawn = [
      [1, 0, 1],
      [2, 0, 1],
      [null, 1, 1],
      [null, 1, 1],
    ];
    expect(searchIn(lacking, gini(1, 1), 2, 1)).toMatchObject({ threshold: Number.MAX_VALUE, missing: 0, gain: 2 });
  });

  it('find none in a constant column, in missing values only, where leaves would be too small and where nothing is gained', () => {
    const none = { feature: -1 };
    expect(
      searchIn(
        steps.map(([, label]) => [5, label, 1]),
        gini(1, 1),
        2,
        1,
      ),
    ).toMatchObject(none);
    expect(
      searchIn(
        steps.map(([, label]) => [null, label, 1]),
        gini(1, 1),
        2,
        1,
      ),
    ).toMatchObject(none);
    expect(
      searchIn(
        steps.map(([x, label]) => [x, label, 9]),
        gini(1, 1),
        2,
        3,
      ),
    ).toMatchObject(none);
    expect(
      searchIn(
        steps.map((_, r) => [r < 2 ? 1 : 2, r % 2, 1]),
        gini(1, 1),
        2,
        1,
      ),
    ).toMatchObject(none);
  });

  it('equal the best of all thresholds and sides, whatever draws, weights and missing values', () => {
    const random = createRandom('exhaustive');
    for (let trial = 0; trial < 300; trial++) {
      const classCount = 2 + random.nextInt(4);
      const minDataInLeaf = 1 + random.nextInt(4);
      const rows: Drawn = Array.from({ length: 2 + random.nextInt(30) }, () => [
        random.nextInt(4) === 0 ? null : random.nextInt(8),
        random.nextInt(classCount),
        1 + random.nextInt(3),
      ]);
      const weights = Float64Array.from({ length: classCount }, () => 0.2 + 3 * random.nextFloat());
      for (const entropy of [false, true]) {
        const criterion = entropy ? createEntropy(weights, 100) : createGini(weights);
        const found = searchIn(rows, criterion, classCount, minDataInLeaf);
        const best = exhaustiveGain(rows, weights, minDataInLeaf, entropy);
        expect(found.feature === -1 ? 0 : found.gain).toBeCloseTo(best, 9);
        if (found.feature < 0) continue;
        // The split that it names has the gain that it claims.
        const goesLeft = rows.map(([x]) => (x === null ? found.missing === 1 : x <= found.threshold));
        expect(gainOf(rows, goesLeft, weights, entropy)).toBeCloseTo(found.gain, 9);
      }
    }
  });
});

/** Weight times impurity, by the definitions of both. */
function lossOf(rows: Drawn, weights: Float64Array, entropy: boolean): number {
  const sums = weights.map((w, k) => w * rows.reduce((sum, [, label, draws]) => (label === k ? sum + draws : sum), 0));
  const total = sums.reduce((a, b) => a + b, 0);
  const shares = sums.map((sum) => sum / total).filter((p) => p > 0);
  return total * shares.reduce((sum, p) => sum + (entropy ? -p * Math.log(p) : p * (1 - p)), 0);
}

function gainOf(rows: Drawn, goesLeft: readonly boolean[], weights: Float64Array, entropy: boolean): number {
  const left = rows.filter((_, r) => goesLeft[r]);
  const right = rows.filter((_, r) => !goesLeft[r]);
  return lossOf(rows, weights, entropy) - lossOf(left, weights, entropy) - lossOf(right, weights, entropy);
}

function exhaustiveGain(rows: Drawn, weights: Float64Array, minDataInLeaf: number, entropy: boolean): number {
  let best = 0;
  for (let threshold = 0; threshold < 8; threshold++) {
    for (const missingLeft of [false, true]) {
      const goesLeft = rows.map(([x]) => (x === null ? missingLeft : x <= threshold));
      const leftRows = goesLeft.filter(Boolean).length;
      if (leftRows < minDataInLeaf || rows.length - leftRows < minDataInLeaf) continue;
      best = Math.max(best, gainOf(rows, goesLeft, weights, entropy));
    }
  }
  return best;
}
