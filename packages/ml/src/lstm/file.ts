/** The model file of an LSTM: its sizes and places as numbers, scaling in doubles, weights in floats. */
import { MlError } from '../errors.ts';
import { arrayOf, type ModelArray, type ModelContent, numberOf, writeModelFile } from '../model-file.ts';
import { DROPOUT_PLACES } from './dropout.ts';
import { bytesFor } from './kernel/kernel.ts';
import { roomOfOne } from './kernel/single.ts';
import type { LstmParts } from './model.ts';
import { TRAINING_KERNELS } from './options.ts';
import { type Layout, layoutOf } from './parameters.ts';

const MAX_COLS = 65_536;
const MAX_SIZE = 512;
const MAX_STEPS = 1000;
/**
 * Arena of one sequence: 16 MB and 16 times the bytes of the weights. A network beyond it is refused where it is fitted, and where it
 * is read: a small file may not make its reader take much memory.
 */
const ARENA_FLOOR = 16_777_216;
const ARENA_PER_WEIGHT = 64;

export function encodeLstm(kind: string, parts: LstmParts): Uint8Array {
  const { layout, weights, scaling, steps, dropout } = parts;
  const numbers = {
    featureCount: scaling.means.length,
    hidden: layout.hidden,
    dense: layout.dense,
    steps,
    dropout,
    dropoutAt: DROPOUT_PLACES.indexOf(parts.dropoutAt),
    trainedWith: TRAINING_KERNELS.indexOf(parts.trainedWith),
  };
  return writeModelFile({ kind, numbers, arrays: { ...scaling, weights } });
}

/** Lengths are checked before anything of that size is made. ML_FILE_CORRUPT. */
export function lstmPartsOf(content: ModelContent): LstmParts {
  const whole = (name: string, low: number, high: number) => {
    const value = numberOf(content, name);
    return Number.isInteger(value) && value >= low && value <= high
      ? value
      : refuse(name, `an integer from ${low} to ${high}`, String(value));
  };
  const cols = whole('featureCount', 1, MAX_COLS);
  const masked = arrayOf(content, 'masked', Int32Array);
  if (!masked.every((c, m) => c >= 0 && c < cols && (m === 0 || c > masked[m - 1]!)))
    return refuse('array `masked`', `columns below ${cols}, ascending`, `${masked.length} others`);
  const layout = layoutOf({ channels: cols + masked.length, hidden: whole('hidden', 1, MAX_SIZE), dense: whole('dense', 1, MAX_SIZE) });
  const steps = whole('steps', 1, MAX_STEPS);
  const dropout = numberOf(content, 'dropout');
  if (!(dropout >= 0 && dropout <= 0.9)) return refuse('dropout', 'from 0 to 0.9', String(dropout));
  const weights = finite('weights', arrayOf(content, 'weights', Float32Array), layout.length);
  const means = finite('means', arrayOf(content, 'means', Float64Array), cols);
  const inverses = finite('inverses', arrayOf(content, 'inverses', Float64Array), cols);
  if (!fitsArena(layout, cols, steps)) return refuse('steps', 'fewer for so many columns', String(steps));
  return {
    layout,
    weights,
    scaling: { means, inverses, masked },
    steps,
    dropout,
    dropoutAt: DROPOUT_PLACES[whole('dropoutAt', 0, DROPOUT_PLACES.length - 1)]!,
    trainedWith: TRAINING_KERNELS[whole('trainedWith', 0, TRAINING_KERNELS.length - 1)]!,
  };
}

/** Whether one sequence of such a network finds room: in the arena, and once more as the one that was scored last. */
export function fitsArena(layout: Layout, cols: number, steps: number): boolean {
  return bytesFor(layout, roomOfOne(cols, steps)) + 8 * cols * steps <= ARENA_FLOOR + ARENA_PER_WEIGHT * layout.length;
}

function finite<T extends ModelArray>(name: string, array: T, length: number): T {
  if (array.length === length && array.every((x) => Number.isFinite(x))) return array;
  return refuse(`array \`${name}\``, `${length} finite numbers`, String(array.length));
}

function refuse(name: string, expected: string, found: string): never {
  throw new MlError('ML_FILE_CORRUPT', { name, expected, found });
}
