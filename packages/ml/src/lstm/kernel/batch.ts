/** Scores many sequences in batches, to the bit as one at a time, and follows a score back to its inputs. */
import type { Layout } from '../parameters.ts';
import type { ScaledSequences } from '../scaling.ts';
import { gather } from './gather.ts';
import { type LstmKernel, openKernel, roundedTo8, rowsWithin } from './kernel.ts';
import { pack, packedLength, packedPositions } from './packing.ts';

const ARENA_LIMIT = 67_108_864;

export class BatchScorer {
  readonly #kernel: LstmKernel;
  readonly #channels: number;
  readonly #positions: Int32Array;
  readonly #rows: number;
  readonly #weights: Float32Array;
  readonly #inputs: Float32Array;
  readonly #lengths: Int32Array;
  readonly #margins: Float32Array;

  constructor(layout: Layout, weights: Float32Array, steps: number) {
    const room = { cols: 1, steps, passes: 0, back: true, learn: false };
    this.#rows = rowsWithin(layout, room, ARENA_LIMIT);
    this.#kernel = openKernel('simd', layout, { ...room, rows: this.#rows });
    this.#channels = layout.channels;
    this.#positions = packedPositions(layout);
    this.#weights = this.#kernel.floats('weights', packedLength(layout));
    this.#inputs = this.#kernel.floats('inputs', steps * this.#rows * roundedTo8(layout.channels));
    this.#lengths = this.#kernel.integers('lengths', this.#rows);
    this.#margins = this.#kernel.floats('margins', this.#rows);
    this.load(weights);
  }

  load(weights: Float32Array): void {
    pack(this.#positions, weights, this.#weights);
    this.#kernel.functions.turnWeights(1);
  }

  /** The margin of each. */
  score(scaled: ScaledSequences): Float64Array {
    const count = scaled.starts.length - 1;
    const members = Int32Array.from({ length: count }, (_, s) => s);
    const margins = new Float64Array(count);
    const { functions } = this.#kernel;
    for (let from = 0; from < count; from += this.#rows) {
      const rows = Math.min(this.#rows, count - from);
      const steps = gather(scaled, members, from, rows, this.#inputs, this.#lengths);
      functions.forward(rows, steps);
      functions.head(rows, 0, 0, 0);
      margins.set(this.#margins.subarray(0, rows), from);
    }
    return margins;
  }

  /** Gradients of the margin by the inputs at `points` (same shape: `count` steps × channels each), summed. */
  inputGradients(points: readonly Float32Array[], count: number): Float64Array {
    const { functions } = this.#kernel;
    const channels = this.#channels;
    const sums = new Float64Array(count * channels);
    for (let from = 0; from < points.length; from += this.#rows) {
      const part = points.slice(from, from + this.#rows);
      const rows = part.length;
      const starts = Int32Array.from({ length: rows + 1 }, (_, i) => i * count);
      const values = new Float32Array(rows * count * channels);
      part.forEach((point, r) => {
        values.set(point, r * count * channels);
      });
      gather(
        { channels, values, starts },
        Int32Array.from({ length: rows }, (_, r) => r),
        0,
        rows,
        this.#inputs,
        this.#lengths,
      );
      functions.forward(rows, count);
      functions.head(rows, 0, 0, 0);
      this.#kernel.floats('marginGradients', rows).fill(1);
      functions.backward(rows, count, 0, 0, 0, 1);
      const span = roundedTo8(channels) * rows;
      const gradients = this.#kernel.floats('inputGradients', count * span);
      for (let t = 0; t < count; t++)
        for (let c = 0; c < channels; c++)
          for (let r = 0; r < rows; r++)
            sums[t * channels + c] = sums[t * channels + c]! + gradients[t * span + ((c >> 3) * rows + r) * 8 + (c & 7)]!;
    }
    return sums;
  }
}
