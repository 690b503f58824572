import { describe, expect, it } from 'vitest';
import { channelCount, fitScaling, scaleSequences, scaleSteps } from './scaling.ts';
import { sequencesOf, stepsOf } from './sequences.ts';

describe('scaling', () => {
  it('draws in, standardises, cuts, and keeps missing values apart', () => {
    const sequences = sequencesOf([[[0, 7, Number.NaN]], [[Math.E - 1, 7, 1]], [[Math.E ** 2 - 1, 7, 1]]]);
    const scaling = fitScaling(sequences);
    expect(scaling.means[0]).toBeCloseTo(1, 12);
    expect([...scaling.masked]).toEqual([2]);
    expect(channelCount(scaling)).toBe(4);
    const inputs = new Float64Array(4);
    expect(scaleSteps(scaling, Float64Array.of(Math.E ** 2 - 1, 99, Number.NaN), 10, inputs)).toBe(1);
    expect(inputs[0]).toBeCloseTo(Math.sqrt(1.5), 12);
    expect([...inputs.subarray(1)]).toEqual([0, 0, 1]);
    for (const x of [Number.POSITIVE_INFINITY, 1e300]) {
      scaleSteps(scaling, Float64Array.of(x, -x, 0), 1, inputs);
      expect(inputs[0]).toBe(6);
    }
  });

  it('takes the latest steps, oldest first', () => {
    const scaling = { means: Float64Array.of(0), inverses: Float64Array.of(1), masked: new Int32Array(0) };
    const inputs = new Float64Array(2);
    expect(scaleSteps(scaling, Float64Array.of(1, 2, 3), 2, inputs)).toBe(2);
    expect(inputs[0]).toBeCloseTo(Math.log(3), 12);
    expect(inputs[1]).toBeCloseTo(Math.log(4), 12);
  });

  it('gives a column that never missed in training no mask: a gap is its mean there', () => {
    const scaling = fitScaling(sequencesOf([[[1, Number.NaN]], [[2, 5]]]));
    const inputs = new Float64Array(6).fill(7);
    scaleSteps(scaling, Float64Array.of(Number.NaN, Number.NaN), 1, inputs, 1);
    expect([...inputs]).toEqual([7, 0, 0, 1, 7, 7]);
  });

  it('scales many as one at a time, the latest steps of each', () => {
    const sequences = sequencesOf([[[1], [2], [3]], [[Number.NaN]], [[4], [-5]]]);
    const scaling = fitScaling(sequences);
    const { channels, starts, values } = scaleSequences(scaling, sequences, 2);
    expect([...starts]).toEqual([0, 2, 3, 5]);
    const alone = new Float32Array(2 * channels);
    for (const s of [0, 1, 2]) {
      const count = scaleSteps(scaling, stepsOf(sequences, s), 2, alone);
      expect([...values.subarray(starts[s]! * channels, starts[s + 1]! * channels)]).toEqual([...alone.subarray(0, count * channels)]);
    }
  });
});
