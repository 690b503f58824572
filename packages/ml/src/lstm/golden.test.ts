import { expect, it } from 'vitest';
import { crc32 } from '../model-file.ts';
import { createRandom } from '../random.ts';
import { fitLstm } from './lstm.ts';
import { sequencesOf, stepsOf } from './sequences.ts';

it('gives these bytes on every machine: a change here changes every model fitted before', () => {
  const random = createRandom('golden');
  const sequences = sequencesOf(
    Array.from({ length: 100 }, (_, s) =>
      Array.from({ length: 1 + (s % 12) }, () => [
        random.nextGaussian(),
        random.nextExponential(50),
        random.nextInt(9) === 0 ? Number.NaN : s,
      ]),
    ),
  );
  const labels = Uint8Array.from({ length: 100 }, (_, s) => (stepsOf(sequences, s).at(-3)! > 0 ? 1 : 0));
  const model = fitLstm(sequences, labels, { hidden: 9, epochs: 3, batch: 32, seed: 'golden' });
  const { margin, mean, spread } = model.predictWithUncertainty(stepsOf(sequences, 99), { seed: 'agent|1764500000000' });
  expect({ crc: crc32(model.encode()), margin, mean, spread }).toEqual({
    crc: 876075337,
    margin: 0.2936359643936157,
    mean: 0.566170694231987,
    spread: 0.04292550542672911,
  });
});
