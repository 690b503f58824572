import { describe, expect, it } from 'vitest';
import { createRandom } from '../../random.ts';
import { extentOf, initialWeights, type Layout, layoutOf, TENSORS } from '../parameters.ts';
import { backward, forward, newWorkspace } from '../plain/network.ts';
import type { ScaledSequences } from '../scaling.ts';
import { gather } from './gather.ts';
import { openKernel, roundedTo8 } from './kernel.ts';
import { pack, packedLength, packedPositions, unpack } from './packing.ts';
import { seedMasks } from './seed.ts';

/** The same batch for the kernels and for the doubles: weights, ragged sequences, dropout factors, a gradient by each margin. */
function batchOf({ layout, lengths, seed }: { layout: Layout; lengths: readonly number[]; seed: string }) {
  const random = createRandom(seed);
  // The bias of the dense layer keeps most units alive.
  const weights = initialWeights(layout, random).map((w) => w + 0.1 * random.nextGaussian());
  weights.fill(0.3, layout.db, layout.db + layout.dense);
  const starts = Int32Array.of(0, ...lengths);
  for (let r = 0; r < lengths.length; r++) starts[r + 1] = starts[r]! + lengths[r]!;
  const values = Float32Array.from({ length: starts.at(-1)! * layout.channels }, () => random.nextGaussian());
  const byMargin = Float32Array.from(lengths, () => random.nextGaussian());
  return { weights, scaled: { channels: layout.channels, values, starts } satisfies ScaledSequences, byMargin };
}

type Batch = ReturnType<typeof batchOf>;

function withKernel(which: 'simd' | 'relaxed', layout: Layout, { weights, scaled, byMargin }: Batch, shares: readonly [number, number]) {
  const rows = byMargin.length;
  const steps = 6;
  const kernel = openKernel(which, layout, { cols: 1, steps, rows: rows + 3, passes: 0, back: true, learn: true });
  const { functions } = kernel;
  const positions = packedPositions(layout);
  pack(positions, weights, kernel.floats('weights', packedLength(layout)));
  functions.turnWeights(1);
  // What an arena held before must not matter.
  for (const name of ['inputs', 'gates', 'cells', 'states', 'keys', 'stateGradients'] as const) kernel.floats(name, rows * 8).fill(3);
  const lengths = kernel.integers('lengths', rows);
  const members = Int32Array.from({ length: rows }, (_, r) => r);
  const inputs = kernel.floats('inputs', steps * rows * roundedTo8(layout.channels));
  const longest = gather(scaled, members, 0, rows, inputs, lengths);
  seedMasks(kernel, 'masks');
  functions.forward(rows, longest);
  functions.drawRows(rows, ...shares);
  const flags = [shares[0] > 0 ? 1 : 0, shares[1] > 0 ? 1 : 0] as const;
  functions.head(rows, 0, ...flags);
  const margins = kernel.floats('margins', rows).slice();
  const attention = kernel.floats('attention', longest * ((rows + 3) & ~3)).slice();
  kernel.floats('marginGradients', rows).set(byMargin);
  functions.backward(rows, longest, ...flags, 1, 1);
  const gradients = unpack(positions, kernel.floats('gradients', packedLength(layout)));
  const packedGradients = kernel.floats('gradients', packedLength(layout)).slice();
  const inputGradients = kernel.floats('inputGradients', longest * rows * roundedTo8(layout.channels)).slice();
  const factors = {
    context: kernel.floats('contextFactors', rows * roundedTo8(layout.hidden)).slice(),
    dense: kernel.floats('denseFactors', rows * roundedTo8(layout.dense)).slice(),
  };
  return { rows, longest, kernel, inputs, flags, margins, attention, gradients, packedGradients, positions, inputGradients, factors };
}

/** Column c of row r of a matrix in panels. */
const inPanel = (panels: Float32Array, rows: number, r: number, c: number) => panels[((c >> 3) * rows + r) * 8 + (c & 7)]!;

/** The weighted sum of the margins and its gradients, in doubles, with the masks that the kernel drew. */
function inDoubles(layout: Layout, batch: Batch, result: ReturnType<typeof withKernel>) {
  const work = newWorkspace(layout, 6);
  const { scaled, byMargin } = batch;
  const begin = (r: number) => {
    work.inputs.set(scaled.values.subarray(scaled.starts[r]! * layout.channels, scaled.starts[r + 1]! * layout.channels));
    if (result.flags[0]) for (let j = 0; j < layout.hidden; j++) work.contextMask[j] = inPanel(result.factors.context, result.rows, r, j);
    if (result.flags[1]) for (let j = 0; j < layout.dense; j++) work.denseMask[j] = inPanel(result.factors.dense, result.rows, r, j);
    return scaled.starts[r + 1]! - scaled.starts[r]!;
  };
  const margin = (weights: Float64Array, r: number) => forward(layout, weights, work, begin(r));
  const total = (weights: Float64Array) => byMargin.reduce((sum, by, r) => sum + by * margin(weights, r), 0);
  const gradientsOf = (weights: Float64Array) => {
    const gradients = new Float64Array(layout.length);
    const rows = Array.from(byMargin, (by, r) => {
      const count = begin(r);
      const value = forward(layout, weights, work, count);
      const attention = work.attention.slice(0, count);
      backward(layout, weights, work, count, by, gradients, true);
      return { margin: value, attention, inputs: work.inputGradients.slice(0, count * layout.channels) };
    });
    return { gradients, rows };
  };
  return { total, gradientsOf };
}

const SIZES = [
  { channels: 1, hidden: 1, dense: 1, lengths: [1] },
  { channels: 3, hidden: 5, dense: 2, lengths: [4, 1, 2, 4, 3] },
  { channels: 9, hidden: 8, dense: 4, lengths: [6, 5, 1, 2] },
  { channels: 8, hidden: 32, dense: 16, lengths: [6, 6, 6, 6, 6, 6, 6, 6] },
  { channels: 11, hidden: 33, dense: 17, lengths: [2, 5, 1, 3, 5, 4, 5] },
];

describe.each(SIZES)('a batch with $channels channels, $hidden cells and histories of $lengths steps', ({ lengths, ...shape }) => {
  const layout = layoutOf(shape);
  const batch = batchOf({ layout, lengths, seed: `${shape.hidden}` });

  it.each([
    ['without dropout', [0, 0]],
    ['with dropout at the context', [51, 0]],
    ['with dropout at the dense layer', [0, 51]],
    ['with both', [77, 77]],
  ] as const)('has margins, attention and gradients of every tensor as in doubles, %s', (_, shares) => {
    const result = withKernel('simd', layout, batch, shares);
    const weights = Float64Array.from(batch.weights);
    const { gradients, rows } = inDoubles(layout, batch, result).gradientsOf(weights);
    for (const name of TENSORS) {
      const { from, to } = extentOf(layout, name);
      const largest = Math.max(...gradients.subarray(from, to).map(Math.abs));
      for (let i = from; i < to; i++)
        expect(Math.abs(result.gradients[i]! - gradients[i]!), `${name}[${i - from}]`).toBeLessThanOrEqual(2e-5 * largest + 1e-12);
    }
    // What was added to round sizes up stays 0.
    expect(result.packedGradients.reduce((sum, g) => sum + Math.abs(g), 0)).toBeCloseTo(
      result.gradients.reduce((sum, g) => sum + Math.abs(g), 0),
      3,
    );
    const lanes = (result.rows + 3) & ~3;
    rows.forEach(({ margin, attention, inputs }, r) => {
      expect(result.margins[r], `margin ${r}`).toBeCloseTo(margin, 5);
      const missing = result.longest - attention.length;
      const largest = Math.max(...inputs.map(Math.abs));
      for (let t = 0; t < result.longest; t++) {
        const weight = result.attention[t * lanes + r]!;
        if (t < missing) expect(weight).toBe(0);
        else expect(weight, `attention ${r} at ${t}`).toBeCloseTo(attention[t - missing]!, 5);
        const step = result.inputGradients.subarray(t * result.rows * roundedTo8(shape.channels));
        for (let c = 0; c < shape.channels; c++) {
          const found = inPanel(step, result.rows, r, c);
          // Steps before a history begins: exactly nothing.
          if (t < missing) expect(found + 0).toBe(0);
          else expect(Math.abs(found - inputs[(t - missing) * shape.channels + c]!)).toBeLessThanOrEqual(2e-5 * largest + 1e-12);
        }
      }
    });
  });

  it('has gradients within 1e-4 of central differences in doubles, relative to the largest of their tensor', () => {
    const result = withKernel('simd', layout, batch, [51, 51]);
    const weights = Float64Array.from(batch.weights);
    const { total, gradientsOf } = inDoubles(layout, batch, result);
    const { gradients } = gradientsOf(weights);
    const random = createRandom('which');
    for (const name of TENSORS) {
      const { from, to } = extentOf(layout, name);
      const largest = Math.max(...gradients.subarray(from, to).map(Math.abs));
      // All of a small tensor, forty of a large one.
      const chosen =
        to - from <= 40 ? Array.from({ length: to - from }, (_, i) => i) : Array.from({ length: 40 }, () => random.nextInt(to - from));
      for (const i of chosen) {
        const kept = weights[from + i]!;
        weights[from + i] = kept + 1e-5;
        const up = total(weights);
        weights[from + i] = kept - 1e-5;
        const down = total(weights);
        weights[from + i] = kept;
        expect(Math.abs(result.gradients[from + i]! - (up - down) / 2e-5), `${name}[${i}]`).toBeLessThanOrEqual(1e-4 * largest + 1e-9);
      }
    }
  });

  it('does not see what lies before a history begins, and adds nothing for it', () => {
    const result = withKernel('simd', layout, batch, [0, 0]);
    const { functions, floats } = result.kernel;
    const d8 = roundedTo8(shape.channels);
    for (let t = 0; t < result.longest; t++)
      for (let r = 0; r < result.rows; r++)
        if (t < result.longest - lengths[r]!)
          for (let c = 0; c < d8; c++) result.inputs[t * result.rows * d8 + ((c >> 3) * result.rows + r) * 8 + (c & 7)] = 5;
    floats('gradients', packedLength(layout)).fill(0);
    functions.forward(result.rows, result.longest);
    functions.head(result.rows, 0, 0, 0);
    functions.backward(result.rows, result.longest, 0, 0, 1, 1);
    expect(floats('margins', result.rows)).toEqual(result.margins);
    expect(unpack(result.positions, floats('gradients', packedLength(layout)))).toEqual(result.gradients);
  });

  it('is the same with relaxed SIMD but for rounding', () => {
    const [plain, relaxed] = (['simd', 'relaxed'] as const).map((which) => withKernel(which, layout, batch, [51, 51]));
    relaxed!.margins.forEach((margin, r) => {
      expect(margin).toBeCloseTo(plain!.margins[r]!, 5);
    });
    for (const name of TENSORS) {
      const { from, to } = extentOf(layout, name);
      const largest = Math.max(...plain!.gradients.subarray(from, to).map(Math.abs));
      for (let i = from; i < to; i++)
        expect(Math.abs(relaxed!.gradients[i]! - plain!.gradients[i]!)).toBeLessThanOrEqual(2e-5 * largest + 1e-12);
    }
  });
});
