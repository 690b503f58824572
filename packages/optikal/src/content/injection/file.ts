/** The model file of the gateway's detector: weights that are not 0, letters of clean pages, and the calibration of each place. */
import { arrayOf, MlError, numberOf, type PlattCalibration, readModelFile, writeModelFile } from '@optikal/ml';
import { KNOWN_LENGTH } from './familiarity.ts';
import { FEATURE_COUNT } from './features.ts';
import { HEADS, type Head, InjectionModel, type InjectionModelParts, PLACES, type Place } from './model.ts';
import { ROW_COLS } from './rows.ts';
import { TOKEN_BITS } from './tokens.ts';

/** The kind in the header of a model file. */
export const INJECTION_KIND = 'injection';
/** How rows are made of a text; another number is another reading, and no weight fits it. */
export const READING = 2;
/** No fit is near it. */
const MOST_WEIGHT = 1e6;

export function encodeInjectionModel({ heads, known, calibrations }: InjectionModelParts): Uint8Array {
  const numbers: Record<string, number> = { reading: READING, tokenBits: TOKEN_BITS, features: FEATURE_COUNT };
  const arrays: Record<string, Int32Array | Float32Array> = {};
  for (const name of HEADS) {
    const { weights, intercept } = heads[name];
    const indices = Int32Array.from(weights.keys()).filter((i) => weights[i] !== 0);
    numbers[`${name}_intercept`] = intercept;
    arrays[`${name}_indices`] = indices;
    arrays[`${name}_weights`] = Float32Array.from(indices, (i) => weights[i]!);
  }
  arrays.known = known;
  for (const place of PLACES) {
    const { slope, intercept, prevalence } = calibrations[place];
    numbers[`${place}_slope`] = slope;
    numbers[`${place}_offset`] = intercept;
    numbers[`${place}_prevalence`] = prevalence;
  }
  return writeModelFile({ kind: INJECTION_KIND, numbers, arrays });
}

/**
 * The model of the bytes of `encode`. ML_FILE_MAGIC, ML_FILE_VERSION, ML_FILE_TRUNCATED, ML_FILE_KIND, ML_FILE_CORRUPT (also a model of
 * another reading of texts).
 *
 * @example
 * decodeInjectionModel(bytes).judge(page, { direction: 'tool_output', request, tool: 'fetch' }).flagged;
 */
export function decodeInjectionModel(bytes: Uint8Array): InjectionModel {
  const content = readModelFile(bytes);
  if (content.kind !== INJECTION_KIND) throw new MlError('ML_FILE_KIND', { expected: INJECTION_KIND, found: `\`${content.kind}\`` });
  const exactly = (name: string, expected: number) => {
    const found = numberOf(content, name);
    if (found !== expected) throw corrupt(`number \`${name}\``, expected, found);
  };
  exactly('reading', READING);
  exactly('tokenBits', TOKEN_BITS);
  exactly('features', FEATURE_COUNT);
  const within = (name: string, low: number, high: number) => {
    const value = numberOf(content, name);
    if (!(value >= low && value <= high)) throw corrupt(`number \`${name}\``, `from ${low} to ${high}`, value);
    return value;
  };
  const head = (name: string): Head => {
    const indices = arrayOf(content, `${name}_indices`, Int32Array);
    const kept = arrayOf(content, `${name}_weights`, Float32Array);
    if (kept.length !== indices.length) throw corrupt(`array \`${name}_weights\``, `of length ${indices.length}`, kept.length);
    const weights = new Float32Array(ROW_COLS);
    indices.forEach((index, i) => {
      const last = i === 0 ? -1 : indices[i - 1]!;
      if (!(index > last && index < ROW_COLS)) throw corrupt(`array \`${name}_indices\``, `ascending and below ${ROW_COLS}`, index);
      if (!(Math.abs(kept[i]!) <= MOST_WEIGHT)) throw corrupt(`array \`${name}_weights\``, `within ±${MOST_WEIGHT}`, kept[i]!);
      weights[index] = kept[i]!;
    });
    return { weights, intercept: within(`${name}_intercept`, -MOST_WEIGHT, MOST_WEIGHT) };
  };
  const calibration = (place: Place): PlattCalibration => ({
    kind: 'platt',
    slope: within(`${place}_slope`, 0, MOST_WEIGHT),
    intercept: within(`${place}_offset`, -MOST_WEIGHT, MOST_WEIGHT),
    prevalence: within(`${place}_prevalence`, 1e-12, 1 - 1e-12),
  });
  const known = arrayOf(content, 'known', Int32Array);
  if (known.length !== 0 && known.length !== KNOWN_LENGTH) throw corrupt('array `known`', `of length 0 or ${KNOWN_LENGTH}`, known.length);
  return new InjectionModel({
    heads: { data: head('data'), input: head('input') },
    known,
    calibrations: {
      input: calibration('input'),
      tool_output: calibration('tool_output'),
      output: calibration('output'),
      alone: calibration('alone'),
    },
  });
}

function corrupt(name: string, expected: string | number, found: number): MlError {
  return new MlError('ML_FILE_CORRUPT', { name, expected, found: String(found) });
}
