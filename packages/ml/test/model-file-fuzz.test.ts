/**
 * 100,000 hostile files: each decodes to a model that says finite numbers or NaN, or is refused with an MlError. Never another exception,
 * never a hang, never much more memory than the file itself. OPTIKAL_FUZZ_SEED takes another seed; the seed stands in the output.
 */
import { describe, expect, it } from 'vitest';
import { MlError } from '../src/errors.ts';
import { type BetaCalibration, calibratedProbability, calibrationOf, fitBeta, lstmOf, writeModelFile } from '../src/index.ts';
import { layoutOf } from '../src/lstm/parameters.ts';
import { readModelFile } from '../src/model-file.ts';
import { createRandom } from '../src/random.ts';
import { type FittedModel, type ModelUnderTest, modelData } from '../src/test-support/model-conformance.ts';
import { expectRefusal } from '../src/test-support/refusals.ts';
import { MUTATIONS, mutated, ODD_VALUES } from './hostile-files.ts';
import { MODELS } from './models.ts';

const SEED = process.env.OPTIKAL_FUZZ_SEED ?? 'hostile files';
const FILES = 100_000;
/** Mutations that a first one may be followed by: those that leave a file to change. */
const NAMES = Object.keys(MUTATIONS);

/**
 * What a decode may take in bytes of array buffers and WebAssembly memories, as `process.memoryUsage().external` counts them when they are
 * made: a multiple of the file, and a floor for the scratch of a model of 65,536 features, which its kernels lay out once (12.6 MB).
 */
const MOST_MULTIPLE = 16;
const FLOOR_BYTES = 16_777_216;

const KINDS = MODELS.filter(({ isModelFile }) => isModelFile);
const GOOD = new Map(KINDS.map((model) => [model.kind, ['a', 'b'].map((seed) => model.fit(modelData(40, `fuzz ${seed}`), 1).encode())]));

interface Failure {
  readonly file: number;
  readonly mutations: readonly string[];
  readonly what: string;
}

function attack(model: ModelUnderTest, count: number) {
  const good = GOOD.get(model.kind) ?? [];
  const others = [...GOOD.values()].flat();
  const failures: Failure[] = [];
  const outcomes = { read: 0, refused: 0 };
  for (let file = 0; file < count; file++) {
    const random = createRandom(`${SEED} ${model.kind} ${file}`);
    const mutations = Array.from(
      { length: 1 + random.nextInt(random.nextInt(3) === 0 ? 3 : 1) },
      () => NAMES[random.nextInt(NAMES.length)],
    );
    const bytes = mutated(good[file % good.length], others, mutations, random);
    const what = judge(model, bytes, outcomes);
    if (what !== null) failures.push({ file, mutations, what });
  }
  return { failures, outcomes };
}

/** What is wrong with how the reader took the bytes; null where nothing is. */
function judge(model: ModelUnderTest, bytes: Uint8Array, outcomes: { read: number; refused: number }): string | null {
  const before = process.memoryUsage().external;
  let decoded: ReturnType<ModelUnderTest['decode']>;
  try {
    decoded = model.decode(bytes);
  } catch (error) {
    outcomes.refused++;
    return error instanceof MlError ? overdrawn(before, bytes) : `decode: ${String(error)}`;
  }
  outcomes.read++;
  const tooMuch = overdrawn(before, bytes);
  if (tooMuch !== null) return tooMuch;
  try {
    const outputs = decoded.outputs();
    const infinite = outputs.findIndex((x) => x === Infinity || x === -Infinity);
    if (infinite >= 0) return `output ${infinite} is ${outputs[infinite]}`;
    decoded.encode();
    return null;
  } catch (error) {
    return error instanceof MlError ? `score: ${error.code} ${error.message}` : `score: ${String(error)}`;
  }
}

function overdrawn(before: number, bytes: Uint8Array): string | null {
  const more = process.memoryUsage().external - before;
  return more > MOST_MULTIPLE * bytes.length + FLOOR_BYTES ? `${more} bytes for a file of ${bytes.length}` : null;
}

describe('hostile model files', () => {
  console.log(`hostile model files: seed \`${SEED}\``);
  it.each(KINDS)('$kind: read as a model that says finite numbers, or refused with a code', (model) => {
    const { failures, outcomes } = attack(model, Math.ceil(FILES / KINDS.length));
    console.log(`${model.kind}: ${outcomes.read} read, ${outcomes.refused} refused`);
    const kinds = new Map(failures.map((failure) => [failure.what.replace(/[\d.e+-]+/g, '#'), failure]));
    expect([...kinds.values()].slice(0, 5), `${failures.length} files`).toEqual([]);
    expect(outcomes.read).toBeGreaterThan(100);
    expect(outcomes.refused).toBeGreaterThan(100);
  });

  it.each<[string, (bytes: Uint8Array) => FittedModel, RegExp]>([
    ['trips over a file', (bytes) => modelOf(Reflect.get(readModelFile(bytes).arrays, 'weights').length), /^decode: TypeError/],
    ['makes what a file asks for', (bytes) => modelOf(new Float64Array(4_000_000 + bytes.length).length), /^\d+ bytes for a file of \d+$/],
    ['says what cannot be', (bytes) => modelOf(readModelFile(bytes).kind === 'x' ? 0 : Infinity), /^output 0 is Infinity$/],
  ])('find out a reader that %s', (_, decode, what) => {
    const { failures } = attack({ ...KINDS[0], decode }, 60);
    expect(failures.length).toBeGreaterThan(10);
    for (const failure of failures) expect(failure.what).toMatch(what);
  });

  it('cannot make a sequence model take a hundred times their size', () => {
    const [cols, hidden, dense, steps] = [20_000, 8, 8, 1000];
    const arrays = {
      means: new Float64Array(cols),
      inverses: new Float64Array(cols),
      masked: new Int32Array(0),
      weights: new Float32Array(layoutOf({ channels: cols, hidden, dense }).length),
    };
    const numbers = { featureCount: cols, hidden, dense, steps, dropout: 0, dropoutAt: 0, trainedWith: 0 };
    const read = (count: number) => lstmOf(readModelFile(writeModelFile({ kind: 'lstm', numbers: { ...numbers, steps: count }, arrays })));
    expectRefusal(() => read(steps), 'ML_FILE_CORRUPT');
    expect(read(10).steps).toBe(10);
  });

  it('are refused as calibrations, or read as ones whose probabilities lie in [0, 1]', () => {
    const { matrix, labels } = modelData(40, 'calibration');
    const good = fitBeta(matrix.values.subarray(0, 40), labels);
    const random = createRandom(`${SEED} calibration`);
    const names: readonly (keyof BetaCalibration)[] = ['kind', 'slope', 'intercept', 'a', 'b', 'c', 'prevalence'];
    const outcomes = { read: 0, refused: 0 };
    for (let i = 0; i < 5000; i++) {
      const hostile: Record<string, unknown> = { ...good };
      for (let edits = 1 + random.nextInt(3); edits > 0; edits--)
        hostile[names[random.nextInt(names.length)]] = ODD_VALUES[random.nextInt(ODD_VALUES.length)];
      try {
        const read = calibrationOf(hostile);
        outcomes.read++;
        for (const margin of [-Infinity, -1e300, -1, 0, 1, 1e300, Infinity])
          for (const prevalence of [read.prevalence, 0.001])
            expect(calibratedProbability(read, margin, prevalence), JSON.stringify(hostile)).toSatisfy((p: number) => p >= 0 && p <= 1);
      } catch (error) {
        outcomes.refused++;
        expect(error, JSON.stringify(hostile)).toBeInstanceOf(MlError);
      }
    }
    expect(outcomes.read).toBeGreaterThan(500);
    expect(outcomes.refused).toBeGreaterThan(500);
  });
});

function modelOf(output: number): FittedModel {
  return { encode: () => new Uint8Array(0), outputs: () => Float64Array.of(output) };
}
