import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exp, log, logistic } from '../../math.ts';
import { createRandom } from '../../random.ts';
import { expectRefusal } from '../../test-support/refusals.ts';
import { decayedOf, layoutOf } from '../parameters.ts';
import { newAdam } from '../plain/adam.ts';
import { maskStream } from '../plain/masks.ts';
import { scaleSteps } from '../scaling.ts';
import { bytesFor, opened, openKernel, rowsWithin } from './kernel.ts';
import { pack, packedLength, packedPositions, unpack } from './packing.ts';
import { seedMasks } from './seed.ts';

const layout = layoutOf({ channels: 5, hidden: 33, dense: 9 });
const ROOM = { cols: 3, steps: 4, rows: 16, passes: 0, back: true, learn: true };
const kernel = openKernel('simd', layout, ROOM);
const { functions, at } = kernel;

/** rows × cols → panels of 8 columns, [cols / 8][rows][8]. */
function inPanels(rows: number, cols: number, value: (r: number, c: number) => number): Float32Array {
  const panels = new Float32Array(rows * cols);
  for (let r = 0; r < rows; r++) for (let c = 0; c < cols; c++) panels[((c >> 3) * rows + r) * 8 + (c & 7)] = value(r, c);
  return panels;
}

describe('functions of four floats', () => {
  const range = (low: number, high: number, count: number) =>
    Float32Array.from({ length: count }, (_, i) => low + ((high - low) * i) / count);
  const mapped = (map: 'mapExp' | 'mapSigmoid' | 'mapTanh', values: Float32Array) => {
    kernel.floats('gates', values.length).set(values);
    functions[map](values.length, at.gates, at.states);
    return kernel.floats('states', values.length).slice();
  };

  it('exp is right to 2e-7 of its value, and ends where floats end', () => {
    const x = range(-87, 88, 512);
    mapped('mapExp', x).forEach((y, i) => {
      expect(Math.abs(y / exp(x[i]!) - 1), `e^${x[i]}`).toBeLessThan(2e-7);
    });
    const [zero, low, high] = mapped('mapExp', Float32Array.of(0, -1e30, 1e30, 0));
    expect(zero).toBe(1);
    expect(low).toBeGreaterThan(0);
    expect(high).toSatisfy(Number.isFinite);
  });

  it('the logistic function and tanh are right to 2e-7', () => {
    const x = range(-30, 30, 512);
    mapped('mapSigmoid', x).forEach((y, i) => {
      expect(Math.abs(y - logistic(x[i]!)), `σ(${x[i]})`).toBeLessThan(2e-7);
    });
    mapped('mapTanh', x).forEach((y, i) => {
      expect(Math.abs(y - (1 - 2 / (1 + exp(2 * x[i]!)))), `tanh ${x[i]}`).toBeLessThan(2e-7);
    });
    expect(mapped('mapTanh', Float32Array.of(0, 0, 0, 0))[0]).toBe(0);
  });
});

describe('products', () => {
  const random = createRandom('products');
  const [depth, panels] = [16, 5];
  const b = Array.from({ length: depth }, () => Array.from({ length: 8 * panels }, () => Math.fround(random.nextGaussian())));

  it.each([1, 2, 4, 7, 13])('A·B + bias of %i rows is that of a plain loop, and each row has the bits that it has alone', (rows) => {
    kernel.floats('gates', 8 * panels * depth).set(inPanels(depth, 8 * panels, (k, n) => b[k]![n]!));
    const a = Array.from({ length: rows }, () => Array.from({ length: depth }, () => Math.fround(random.nextGaussian())));
    kernel.floats('states', rows * depth).set(inPanels(rows, depth, (r, k) => a[r]![k]!));
    kernel.floats('squashed', 8 * panels).fill(0.25);
    functions.gemm(rows, panels, depth, at.states, 32, 32 * rows, at.gates, at.squashed, 0, 32, at.cells, 32, 32 * rows);
    const c = kernel.floats('cells', rows * 8 * panels).slice();
    a.forEach((row, r) => {
      kernel.floats('states', depth).set(row);
      functions.gemm(1, panels, depth, at.states, 0, 32, at.gates, at.squashed, 0, 32, at.keys, 0, 32);
      const alone = kernel.floats('keys', 8 * panels);
      for (let n = 0; n < 8 * panels; n++) {
        let sum = Math.fround(0.25);
        // Each product and each sum rounded to a float, one after the other: the kernel's own order.
        for (let k = 0; k < depth; k++) sum = Math.fround(sum + Math.fround(row[k]! * b[k]![n]!));
        expect(c[((n >> 3) * rows + r) * 8 + (n & 7)]).toBe(sum);
        expect(alone[n]).toBe(sum);
      }
    });
  });

  it('AᵀD adds to what is there, as the gradient of weights; sums over rows as that of a bias', () => {
    const [rows, k8] = [7, 8];
    const a = inPanels(rows, k8, (r, k) => r - k);
    const d = inPanels(rows, 16, (r, n) => (n % 5) - r);
    kernel.floats('states', a.length).set(a);
    kernel.floats('cells', d.length).set(d);
    kernel.floats('keys', 16 * k8).fill(1);
    functions.gemmTransposed(rows, 2, k8, at.states, at.cells, at.keys);
    kernel.floats('squashed', 16).fill(2);
    functions.addRowSums(rows, 2, at.cells, at.squashed);
    for (let n = 0; n < 16; n++) {
      for (let k = 0; k < k8; k++) {
        let sum = 1;
        for (let r = 0; r < rows; r++) sum += (r - k) * ((n % 5) - r);
        expect(kernel.floats('keys', 16 * k8)[((n >> 3) * k8 + k) * 8 + (n & 7)]).toBe(sum);
      }
      expect(kernel.floats('squashed', 16)[n]).toBe(2 + rows * (n % 5) - 21);
    }
  });

  it('weights turned twice are as they were, and once are the others', () => {
    const weights = inPanels(8, 16, (k, n) => 100 * n + k); // 16 outputs, 8 inputs
    kernel.floats('states', 128).set(weights);
    functions.transposeWeights(16, 8, at.states, at.cells);
    expect([...kernel.floats('cells', 128)]).toEqual([...inPanels(16, 8, (n, k) => 100 * n + k)]);
    functions.transposeWeights(8, 16, at.cells, at.keys);
    expect([...kernel.floats('keys', 128)]).toEqual([...weights]);
  });

  it('weights come back from their panels as they went in', () => {
    const positions = packedPositions(layout);
    expect(new Set(positions).size).toBe(layout.length);
    const weights = Float32Array.from({ length: layout.length }, (_, i) => i + 1);
    const packed = new Float32Array(packedLength(layout));
    pack(positions, weights, packed);
    expect(unpack(positions, packed)).toEqual(weights);
    expect(packed.reduce((sum, x) => sum + (x === 0 ? 0 : 1), 0)).toBe(layout.length);
    // Gate f (1) of cell 32 by channel 3: row 40 + 32 of 160, in panel 9.
    expect(positions[layout.wx + (33 + 32) * 5 + 3]).toBe(9 * 8 * 8 + 3 * 8);
  });
});

describe('inputs', () => {
  it('are scaled to the bit as in plain TypeScript: tails, gaps, infinities, constants', () => {
    const value = fc.oneof(
      fc.double(),
      fc.double({ min: -100, max: 100, noNaN: true }),
      fc.constantFrom(0, -0, 1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.MAX_VALUE, 5e-324),
    );
    const scaling = {
      means: Float64Array.of(0.5, -1.25, 3),
      inverses: Float64Array.of(1.5, 0, 0.01),
      masked: Int32Array.of(0, 2),
    };
    kernel.doubles('means', 3).set(scaling.means);
    kernel.doubles('inverses', 3).set(scaling.inverses);
    kernel.integers('masked', 2).set(scaling.masked);
    fc.assert(
      fc.property(fc.array(value, { minLength: 12, maxLength: 12 }), (values) => {
        const raw = kernel.doubles('raw', 16);
        values.forEach((x, i) => {
          raw[4 * Math.floor(i / 3) + (i % 3)] = x;
        });
        functions.scoreRaw(4, 2, 3);
        const expected = new Float32Array(20);
        scaleSteps(scaling, Float64Array.from(values), 4, expected);
        for (let t = 0; t < 4; t++)
          for (let c = 0; c < 8; c++) expect(kernel.floats('inputs', 32)[8 * t + c]! + 0).toBe(c < 5 ? expected[5 * t + c]! + 0 : 0);
      }),
      { numRuns: 500, seed: 1 },
    );
    expect(log(1)).toBe(0);
  });
});

describe('dropout masks', () => {
  const drawn = (rows: number, context: number, dense: number) => {
    functions.drawRows(rows, context, dense);
    return { context: kernel.floats('contextFactors', rows * 40).slice(), dense: kernel.floats('denseFactors', rows * 16).slice() };
  };

  it.each([
    ['1', 51, 51],
    ['agent|1', 51, 0],
    ['a longer seed than sixteen bytes, and then some', 0, 128],
    ['Agent Ω → 😀', 230, 230],
    ['7', 1, 255],
  ])('of the seed %s are those of the rule in plain TypeScript, over calls', (seed, context, dense) => {
    seedMasks(kernel, seed);
    const plain = maskStream(seed);
    const [ofContext, ofDense] = [new Float64Array(33), new Float64Array(9)];
    for (const rows of [3, 1, 16]) {
      const factors = drawn(rows, context, dense);
      for (let r = 0; r < rows; r++) {
        plain.draw(ofContext, context);
        plain.draw(ofDense, dense);
        if (context > 0)
          for (let j = 0; j < 33; j++) expect(factors.context[((j >> 3) * rows + r) * 8 + (j & 7)]).toBe(Math.fround(ofContext[j]!));
        if (dense > 0)
          for (let j = 0; j < 9; j++) expect(factors.dense[((j >> 3) * rows + r) * 8 + (j & 7)]).toBe(Math.fround(ofDense[j]!));
      }
    }
  });

  it('leave out the share k / 256, and keep the mean', () => {
    seedMasks(kernel, 'frequency');
    for (const share of [1, 51, 128, 200]) {
      let [out, sum, count] = [0, 0, 0];
      for (let repeat = 0; repeat < 100; repeat++)
        for (const factor of drawn(16, share, 0).context) {
          if (factor === 0) out++;
          sum += factor;
          count++;
        }
      const deviation = Math.sqrt((share / 256) * (1 - share / 256) * count);
      expect(Math.abs(out - (share / 256) * count)).toBeLessThan(4 * deviation);
      expect(sum / count).toBeCloseTo(1, 1);
    }
  });

  it('are those of xoshiro128++ and splitmix64, worked by hand', () => {
    // FNV-1a of no byte is its offset; the share 128 takes one word a block, so the first factors are the top bits of each generator's first word.
    const stream = maskStream('');
    const factors = new Float64Array(4);
    stream.draw(factors, 128);
    const mix = (z: bigint) => {
      const m = (1n << 64n) - 1n;
      let x = z & m;
      x = ((x ^ (x >> 30n)) * 0xbf58476d1ce4e5b9n) & m;
      x = ((x ^ (x >> 27n)) * 0x94d049bb133111ebn) & m;
      return x ^ (x >> 31n);
    };
    const word = (lane: bigint) => {
      const first = mix(0xcbf29ce484222325n + (2n * lane + 1n) * 0x9e3779b97f4a7c15n);
      const second = mix(0xcbf29ce484222325n + (2n * lane + 2n) * 0x9e3779b97f4a7c15n);
      const [s0, s3] = [first & 0xffffffffn, second >> 32n];
      const sum = (s0 + s3) & 0xffffffffn;
      return (((sum << 7n) | (sum >> 25n)) + s0) & 0xffffffffn;
    };
    expect([...factors]).toEqual([0n, 1n, 2n, 3n].map((lane) => (word(lane) >> 31n === 1n ? 0 : 2)));
  });
});

describe('Adam', () => {
  it('steps as in doubles, clipped and decayed, and leaves no gradient behind', () => {
    const random = createRandom('adam');
    const positions = packedPositions(layout);
    const initial = Float32Array.from({ length: layout.length }, () => random.nextGaussian());
    const packed = packedLength(layout);
    pack(positions, initial, kernel.floats('weights', packed).fill(0));
    kernel.floats('gradients', packed).fill(0);
    const weights = Float64Array.from(initial);
    const adam = newAdam({ learningRate: 0.01, weightDecay: 0.1, clip: 1, decayed: decayedOf(layout) });
    for (let t = 1; t <= 5; t++) {
      // The first gradients are far longer than the clip, the last shorter.
      const gradients = Float32Array.from({ length: layout.length }, () => 10 ** (1 - t) * random.nextGaussian());
      pack(positions, gradients, kernel.floats('gradients', packed));
      adam.step(weights, Float64Array.from(gradients));
      functions.learn(0.01, 0.001, 1, 1 / (1 - 0.9 ** t), 1 / (1 - 0.999 ** t));
    }
    const learnt = unpack(positions, kernel.floats('weights', packed));
    expect(Math.max(...learnt.map((w, i) => Math.abs(w - weights[i]!)))).toBeLessThan(2e-5);
    expect(Math.max(...learnt.map((w, i) => Math.abs(w - initial[i]!)))).toBeGreaterThan(0.01);
    expect(kernel.floats('gradients', packed).every((g) => g === 0)).toBe(true);
  });
});

describe('an arena', () => {
  it('takes no more room than foretold, and its rows shrink with the room there is', () => {
    for (const shape of [layout, layoutOf({ channels: 48, hidden: 64, dense: 32 }), layoutOf({ channels: 1, hidden: 1, dense: 1 })]) {
      const { at: addresses } = openKernel('simd', shape, ROOM);
      const end = addresses.inputGradients + 4 * ROOM.steps * ROOM.rows * ((shape.channels + 7) & ~7) - 65_536;
      expect(bytesFor(shape, ROOM)).toBeGreaterThanOrEqual(end);
      expect(bytesFor(shape, ROOM)).toBeLessThan(1.5 * end + 65_536);
    }
    expect(rowsWithin(layout, ROOM, 1e9)).toBe(64);
    expect(rowsWithin(layout, ROOM, bytesFor(layout, { ...ROOM, rows: 8 }))).toBe(8);
    expect(rowsWithin(layout, ROOM, 0)).toBe(1);
  });

  it('refuses, with a code, where the runtime does not take the module or has no room', () => {
    expectRefusal(() => opened('relaxed', btoa('\0asm\x01\0\0\0 not a module')), 'ML_KERNEL_REFUSED');
    expectRefusal(
      () => openKernel('simd', layoutOf({ channels: 8, hidden: 512, dense: 8 }), { ...ROOM, steps: 1000, rows: 400 }),
      'ML_KERNEL_REFUSED',
    );
  });
});
