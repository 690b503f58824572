/** Scores many sequences in batches, to the bit as one at a time, and follows a score back to its inputs. */
import type { Layout } from '../parameters.ts';
import type { ScaledSequences, Scaling } from '../scaling.ts';
import { type Sequences, sequenceCount } from '../sequences.ts';
import { gather } from './gather.ts';
import { type LstmKernel, openKernel, roundedTo8, rowsWithin } from './kernel.ts';
import { pack, packedLength, packedPositions } from './packing.ts';
import { copySteps, loadScaling } from './raw.ts';

const ARENA_LIMIT = 67_108_864;

export class BatchScorer {
  readonly #kernel: LstmKernel;
  readonly #channels: number;
  readonly #cols: number;
  readonly #steps: number;
  readonly #maskedCount: number;
  readonly #positions: Int32Array;
  readonly #rows: number;
  readonly #weights: Float32Array;
  readonly #raw: Float64Array;
  readonly #inputs: Float32Array;
  readonly #lengths: Int32Array;
  readonly #margins: Float32Array;

  constructor(layout: Layout, weights: Float32Array, scaling: Scaling, steps: number) {
    const cols = scaling.means.length;
    const room = { cols, steps, passes: 0, back: true, learn: false };
    this.#rows = rowsWithin(layout, room, ARENA_LIMIT);
    this.#kernel = openKernel('simd', layout, { ...room, rows: this.#rows });
    this.#channels = layout.channels;
    this.#cols = cols;
    this.#steps = steps;
    this.#maskedCount = scaling.masked.length;
    this.#positions = packedPositions(layout);
    this.#weights = this.#kernel.floats('weights', packedLength(layout));
    this.#raw = loadScaling(this.#kernel, scaling, steps);
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
  score(sequences: Sequences): Float64Array {
    const count = sequenceCount(sequences);
    const margins = new Float64Array(count);
    const { functions } = this.#kernel;
    for (let from = 0; from < count; from += this.#rows) {
      const rows = Math.min(this.#rows, count - from);
      const longest = this.#scale(sequences, from, rows);
      functions.forward(rows, longest);
      functions.head(rows, 0, 0, 0);
      for (let r = 0; r < rows; r++) margins[from + r] = this.#margins[r]!;
    }
    return margins;
  }

  /** Inputs and lengths of a batch, and the steps of the longest. */
  #scale({ values, starts }: Sequences, from: number, rows: number): number {
    const cols = this.#cols;
    let longest = 0;
    for (let r = 0; r < rows; r++) {
      const count = Math.min(this.#steps, starts[from + r + 1]! - starts[from + r]!);
      this.#lengths[r] = count;
      if (count > longest) longest = count;
    }
    for (let r = 0; r < rows; r++) {
      const count = this.#lengths[r]!;
      copySteps(values, starts[from + r + 1]! * cols, count, cols, this.#raw);
      this.#kernel.functions.scaleInputs(count, this.#maskedCount, cols, r, rows, longest);
    }
    return longest;
  }

  /**
   * Gradients of the margin by the channels of a sequence (`count` steps × channels), summed over `points` midpoints of the straight path from all
   * zeros to it; and the margin of the zeros.
   */
  alongPath(channels: Float32Array, count: number, points: number): { readonly sums: Float64Array; readonly baseValue: number } {
    const { functions } = this.#kernel;
    const width = this.#channels;
    const sums = new Float64Array(count * width);
    for (let from = 0; from < points; from += this.#rows) {
      const rows = Math.min(this.#rows, points - from);
      this.#set(rows, count, (r, i) => ((from + r + 0.5) / points) * channels[i]!);
      functions.forward(rows, count);
      functions.head(rows, 0, 0, 0);
      this.#kernel.floats('marginGradients', rows).fill(1);
      functions.backward(rows, count, 0, 0, 0, 1);
      const span = roundedTo8(width) * rows;
      const gradients = this.#kernel.floats('inputGradients', count * span);
      for (let t = 0; t < count; t++)
        for (let c = 0; c < width; c++)
          for (let r = 0; r < rows; r++)
            sums[t * width + c] = sums[t * width + c]! + gradients[t * span + ((c >> 3) * rows + r) * 8 + (c & 7)]!;
    }
    this.#set(1, count, () => 0);
    functions.forward(1, count);
    functions.head(1, 0, 0, 0);
    return { sums, baseValue: this.#margins[0]! };
  }

  #set(rows: number, count: number, value: (r: number, i: number) => number): void {
    const size = count * this.#channels;
    const scaled: ScaledSequences = {
      channels: this.#channels,
      values: Float32Array.from({ length: rows * size }, (_, i) => value(Math.floor(i / size), i % size)),
      starts: Int32Array.from({ length: rows + 1 }, (_, r) => r * count),
    };
    gather(
      scaled,
      Int32Array.from({ length: rows }, (_, r) => r),
      0,
      rows,
      this.#inputs,
      this.#lengths,
    );
  }
}
