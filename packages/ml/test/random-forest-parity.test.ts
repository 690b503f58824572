/** As good as scikit-learn's random forest on held-out rows of six classes: goldens/make-random-forest.py says how its figures were made. */
import { describe, expect, it } from 'vitest';
import golden from '../goldens/random-forest.golden.json' with { type: 'json' };
import { fitRandomForest, type RandomForestOptions, rowOf } from '../src/index.ts';
import { CLASS_PARITY_DATA, CLASS_PARITY_OPTIONS, classParityData } from './class-parity-data.ts';

const MARGIN = 0.01; // about four standard deviations of a single forest

describe('random forest on 6,000 made-up rows of six classes, judged on 4,000 others', () => {
  const { train, test, sha256 } = classParityData();
  const { classCount } = CLASS_PARITY_DATA;
  const { seeds, leastProbability, ...settings } = golden.settings;
  const even = new Float64Array(classCount).fill(1);
  const options: Readonly<Record<keyof typeof golden.forests, RandomForestOptions>> = {
    gini: { classWeights: even },
    entropy: { classWeights: even, criterion: 'entropy' },
    'gini balanced': {},
  };

  it('meets the data and the settings that scikit-learn met', () => {
    expect({ ...CLASS_PARITY_DATA, sha256 }).toEqual(golden.data);
    expect(settings).toEqual(CLASS_PARITY_OPTIONS);
    expect(seeds).toBeGreaterThan(5);
  });

  function measure(seed: number, chosen: RandomForestOptions) {
    const { forest, outOfBag } = fitRandomForest(train.matrix, train.labels, { ...CLASS_PARITY_OPTIONS, ...chosen, seed });
    let right = 0;
    let loss = 0;
    for (let r = 0; r < test.matrix.rows; r++) {
      const probabilities = forest.predictProba(rowOf(test.matrix, r));
      if (forest.predict(rowOf(test.matrix, r)) === test.labels[r]) right++;
      loss -= Math.log(Math.max(probabilities[test.labels[r]], leastProbability));
    }
    return { accuracy: right / test.matrix.rows, logLoss: loss / test.matrix.rows, outOfBagError: outOfBag.error };
  }

  for (const [name, rival] of Object.entries(golden.forests)) {
    it(`has scikit-learn's accuracy, log loss and out-of-bag error by ${name}, each within ${MARGIN}`, () => {
      const ours = measure(0, options[name as keyof typeof options]); // the keys of `options` are those of the golden's forests, by its type
      for (const figure of ['accuracy', 'logLoss', 'outOfBagError'] as const) {
        console.log(
          `random forest, ${name}: ${figure} ${ours[figure].toFixed(4)} (scikit-learn ${rival[figure].mean} ± ${rival[figure].sd})`,
        );
        expect(Math.abs(ours[figure] - rival[figure].mean), figure).toBeLessThanOrEqual(MARGIN);
      }
    });
  }
});
