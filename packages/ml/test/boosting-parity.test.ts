/** As good as LightGBM and scikit-learn on 100,000 rows: their figures were measured by bench/rivals/write-goldens.ts. */
import { describe, expect, it } from 'vitest';
import golden from '../goldens/boosting-parity.golden.json' with { type: 'json' };
import { auroc, fitBoosting, rowOf } from '../src/index.ts';
import { PARITY_DATA, PARITY_OPTIONS, parityData } from './parity-data.ts';

const TOLERANCE = 0.005;

describe('boosting on 80,000 made-up rows, judged on 20,000 others', () => {
  const { train, test, sha256 } = parityData();

  it('meets the data and the settings that the rivals met', () => {
    expect({ ...PARITY_DATA, sha256 }).toEqual(golden.data);
    expect({ ...PARITY_OPTIONS, bins: 255 }).toEqual(golden.settings);
    expect(Object.keys(golden.rivals)).toEqual(['LightGBM', 'scikit-learn']);
  });

  it(`has their AUROC and log loss within ${TOLERANCE}`, () => {
    const model = fitBoosting(train.matrix, train.labels, PARITY_OPTIONS);
    const scores = Float64Array.from({ length: test.matrix.rows }, (_, r) => model.score(rowOf(test.matrix, r)));
    const area = auroc(scores, test.labels);
    const losses = scores.map((score, r) => Math.max(score, 0) - score * test.labels[r] + Math.log1p(Math.exp(-Math.abs(score))));
    const loss = losses.reduce((sum, value) => sum + value, 0) / losses.length;
    for (const [name, rival] of Object.entries(golden.rivals)) {
      console.log(`boosting: AUROC ${area.toFixed(4)} (${name} ${rival.auroc}), log loss ${loss.toFixed(4)} (${rival.logLoss})`);
      expect(Math.abs(area - rival.auroc), `AUROC of ${name}`).toBeLessThanOrEqual(TOLERANCE);
      expect(Math.abs(loss - rival.logLoss), `log loss of ${name}`).toBeLessThanOrEqual(TOLERANCE);
    }
  });
});
