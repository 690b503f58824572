/** Scores one sequence at a time: one row, its steps, and the dropout passes of its head. Allocates nothing after it is made. */
import { logistic } from '../../math.ts';
import type { DropoutShares } from '../dropout.ts';
import type { Layout } from '../parameters.ts';
import type { Scaling } from '../scaling.ts';
import { type LstmKernel, openKernel } from './kernel.ts';
import { pack, packedLength, packedPositions } from './packing.ts';
import { copySteps, loadScaling } from './raw.ts';
import { seedFrom } from './seed.ts';

/** Dropout passes at once. */
const PASSES = 64;
/** Attention weights lie four lanes apart: one row, rounded up. */
const LANES = 4;

/** What `spread` fills. */
export interface Spread {
  margin: number;
  mean: number;
  spread: number;
}

export class SingleScorer {
  readonly #kernel: LstmKernel;
  readonly #cols: number;
  readonly #steps: number;
  readonly #maskedCount: number;
  readonly #raw: Float64Array;
  readonly #seedBytes: Uint8Array;
  readonly #margins: Float32Array;
  readonly #probabilities: Float32Array;
  readonly #attention: Float32Array;
  /** The last scored sequence, whose states are still in the arena; −1 = none. Whoever judges a window asks for its spread next. */
  readonly #last: Float64Array;
  #lastLength = -1;
  #lastMargin = Number.NaN;

  constructor(layout: Layout, weights: Float32Array, scaling: Scaling, steps: number) {
    const cols = scaling.means.length;
    const kernel = openKernel('simd', layout, roomOfOne(cols, steps));
    pack(packedPositions(layout), weights, kernel.floats('weights', packedLength(layout)));
    this.#kernel = kernel;
    this.#cols = cols;
    this.#steps = steps;
    this.#maskedCount = scaling.masked.length;
    this.#raw = loadScaling(kernel, scaling, steps);
    this.#seedBytes = kernel.bytes('raw', 8 * this.#raw.length);
    this.#margins = kernel.floats('margins', PASSES);
    this.#probabilities = kernel.floats('probabilities', PASSES);
    this.#attention = kernel.floats('attention', steps * LANES);
    this.#last = new Float64Array(cols * steps);
  }

  /** The margin of a sequence of whole rows. */
  score(sequence: Float64Array): number {
    if (this.#isLast(sequence)) return this.#lastMargin;
    const count = this.count(sequence);
    copySteps(sequence, sequence.length, count, this.#cols, this.#raw);
    this.#kernel.functions.scoreRaw(count, this.#maskedCount, this.#cols);
    this.#lastMargin = this.#margins[0]!;
    this.#lastLength = sequence.length <= this.#last.length ? sequence.length : -1;
    if (this.#lastLength > 0) this.#last.set(sequence);
    return this.#lastMargin;
  }

  /** The same values, a missing one like another missing one. */
  #isLast(sequence: Float64Array): boolean {
    if (sequence.length !== this.#lastLength) return false;
    const last = this.#last;
    for (let i = 0; i < sequence.length; i++) {
      if (sequence[i] !== last[i] && !(Number.isNaN(sequence[i]) && Number.isNaN(last[i]))) return false;
    }
    return true;
  }

  /** Steps of it that count. */
  count(sequence: Float64Array): number {
    return Math.min(this.#steps, sequence.length / this.#cols);
  }

  /** The weights of the last scored sequence of `count` steps, summing to 1 in doubles. */
  attention(count: number): Float64Array {
    const weights = new Float64Array(count);
    let total = 0;
    for (let t = 0; t < count; t++) {
      weights[t] = this.#attention[t * LANES]!;
      total += weights[t]!;
    }
    for (let t = 0; t < count; t++) weights[t] = weights[t]! / total;
    return weights;
  }

  /** Scores, then repeats the head under dropout with the masks of `seed`. */
  spread(sequence: Float64Array, passes: number, seed: number | string, { context, dense }: DropoutShares, into: Spread): void {
    const margin = this.score(sequence);
    into.margin = margin;
    into.mean = logistic(margin);
    into.spread = 0;
    if (context === 0 && dense === 0) return;
    const { functions, at } = this.#kernel;
    const probabilities = this.#probabilities;
    seedFrom(functions, at.raw, this.#seedBytes, seed);
    // Differences from the first: the spread of nearly equal numbers does not drown in rounding.
    let first = 0;
    let sum = 0;
    let squares = 0;
    for (let from = 0; from < passes; from += PASSES) {
      const rows = Math.min(PASSES, passes - from);
      functions.drawRows(rows, context, dense);
      functions.head(rows, 1, context > 0 ? 1 : 0, dense > 0 ? 1 : 0);
      functions.squashMargins(rows);
      if (from === 0) first = probabilities[0]!;
      for (let r = 0; r < rows; r++) {
        const away = probabilities[r]! - first;
        sum += away;
        squares += away * away;
      }
    }
    into.mean = first + sum / passes;
    into.spread = Math.sqrt(Math.max(0, squares - (sum * sum) / passes) / (passes - 1));
  }
}

/** The room of a SingleScorer. */
export function roomOfOne(cols: number, steps: number) {
  return { cols, steps, rows: 1, passes: PASSES, back: false, learn: false };
}
