/**
 * One suite that every model of this package passes, whatever it scores: rows, sequences, classes, margins, tokens, streams. What only one
 * kind promises stands in the suites beside it (`scorer-conformance.ts`, `class-scorer-conformance.ts`).
 */
import { describe, expect, it } from 'vitest';
import { MlError, type MlErrorCode } from '../errors.ts';
import type { Matrix } from '../matrix.ts';
import { crc32 } from '../model-file.ts';
import { createRandom } from '../random.ts';
import { gaussianMatrix, noisyLabels } from './data.ts';
import { expectRefusal } from './refusals.ts';

/** Rows and labels that each kind turns into what it is fitted on. */
export interface ModelData {
  readonly matrix: Matrix;
  readonly labels: Uint8Array;
}

/** A fitted model without its type. */
export interface FittedModel {
  encode(): Uint8Array;
  /** Every number that the model says about rows of all sorts: usual, missing, infinite, far away; explanations included. */
  outputs(): Float64Array;
}

/** Rows that are hardly data, and what a fit does with them: it fits, or refuses with the code. */
export interface InputOutcomes {
  readonly empty: MlErrorCode | 'fits';
  readonly oneRow: MlErrorCode | 'fits';
  readonly constant: MlErrorCode | 'fits';
  readonly missing: MlErrorCode | 'fits';
  readonly infinite: MlErrorCode | 'fits';
}

/** One kind of model. Fits are small and quick. */
export interface ModelUnderTest {
  readonly kind: string;
  /** Whether its bytes are a model file; a calibration lives in the JSON of a bundle's manifest. */
  readonly isModelFile: boolean;
  fit(data: ModelData, seed: number): FittedModel;
  decode(bytes: Uint8Array): FittedModel;
  readonly inputs: InputOutcomes;
}

/** Data of the suite: `rows` rows of three columns and the labels that follow them. */
export function modelData(rows: number, seed: number | string): ModelData {
  const matrix = gaussianMatrix(rows, 3, seed);
  return { matrix, labels: noisyLabels(matrix, 'labels') };
}

/** Registers the suite for one kind; `others` are files of the other kinds. */
export function describeModel(model: ModelUnderTest, others: () => readonly Uint8Array[]): void {
  const data = modelData(80, `${model.kind} conformance`);
  const fitted = model.fit(data, 1);
  const bytes = fitted.encode();
  const outputs = fitted.outputs();

  describe(`${model.kind} as a model`, () => {
    it('gives the same bytes for the same seed, and says the same twice', () => {
      expect(model.fit(data, 1).encode()).toEqual(bytes);
      expect(fitted.outputs()).toEqual(outputs);
      expect(outputs.length).toBeGreaterThan(3);
    });

    it('leaves its input as it was', () => {
      const values = data.matrix.values.slice();
      const labels = data.labels.slice();
      model.fit(data, 2).outputs();
      expect(data.matrix.values).toEqual(values);
      expect(data.labels).toEqual(labels);
    });

    it('does not depend on its input any more once it is fitted', () => {
      const own = { matrix: { ...data.matrix, values: data.matrix.values.slice() }, labels: data.labels.slice() };
      const other = model.fit(own, 1);
      own.matrix.values.fill(99);
      own.labels.fill(0);
      expect(other.outputs()).toEqual(outputs);
      expect(other.encode()).toEqual(bytes);
    });

    it('says the same to the bit after encode and decode, and encodes to the same bytes again', () => {
      const read = model.decode(bytes);
      expect(read.outputs()).toEqual(outputs);
      expect(read.encode()).toEqual(bytes);
      expect(fitted.encode()).toEqual(bytes);
    });

    it('reads bytes anywhere in a buffer, and does not depend on them any more once they are read', () => {
      const buffer = new Uint8Array(bytes.length + 11);
      for (const offset of [1, 3, 8]) {
        buffer.set(bytes, offset);
        const read = model.decode(buffer.subarray(offset, offset + bytes.length));
        buffer.fill(0xa5);
        expect(read.outputs()).toEqual(outputs);
      }
    });

    it.each(Object.entries(model.inputs))('with rows that are %s: %s', (name, outcome) => {
      const odd = oddRows(data, name);
      const fit = () => model.fit(odd, 1);
      if (outcome !== 'fits') return expectRefusal(fit, outcome as MlErrorCode); // the record holds nothing else
      const one = fit();
      expect(one.outputs().some(Number.isNaN), 'NaN among the outputs').toBe(false);
      expect(model.decode(one.encode()).outputs()).toEqual(one.outputs());
    });

    it('refuses files of other kinds', () => {
      const files = others();
      expect(files.length).toBeGreaterThan(3);
      for (const file of files) expectRefusal(() => model.decode(file), model.isModelFile ? 'ML_FILE_KIND' : 'ML_FILE_CORRUPT');
    });

    it.runIf(model.isModelFile)('refuses bytes that were cut, and altered ones', () => {
      const random = createRandom('cut');
      for (let i = 0; i < 60; i++) {
        expectRefusal(() => model.decode(bytes.subarray(0, random.nextInt(bytes.length))), 'ML_FILE_TRUNCATED', 'ML_FILE_CORRUPT');
        const altered = bytes.slice();
        altered[random.nextInt(bytes.length)] ^= 1 + random.nextInt(255);
        expectRefusal(() => model.decode(altered), 'ML_FILE_MAGIC', 'ML_FILE_VERSION', 'ML_FILE_TRUNCATED', 'ML_FILE_CORRUPT');
      }
      expectRefusal(() => model.decode(new Uint8Array(0)), 'ML_FILE_TRUNCATED');
    });

    it.runIf(model.isModelFile)('refuses a file of a later version', () => {
      const later = bytes.slice();
      later[4]++;
      new DataView(later.buffer).setUint32(8, crc32(later, 12), true);
      expectRefusal(() => model.decode(later), 'ML_FILE_VERSION');
    });

    it('throws nothing but MlError at data that it refuses', () => {
      const short = { matrix: data.matrix, labels: data.labels.subarray(1) };
      try {
        model.fit(short, 1);
      } catch (error) {
        expect(error).toBeInstanceOf(MlError);
      }
    });
  });
}

function oddRows({ matrix, labels }: ModelData, name: string): ModelData {
  const { rows, cols, values } = matrix;
  if (name === 'empty') return { matrix: { rows: 0, cols, values: new Float64Array(0) }, labels: new Uint8Array(0) };
  if (name === 'oneRow') return { matrix: { rows: 1, cols, values: values.slice(0, cols) }, labels: labels.slice(0, 1) };
  if (name === 'constant') return { matrix: { rows, cols, values: values.slice().fill(0.5) }, labels };
  if (name === 'missing') return { matrix: { rows, cols, values: values.slice().fill(Number.NaN) }, labels };
  return { matrix: { rows, cols, values: values.with(7 * cols, Infinity) }, labels };
}
