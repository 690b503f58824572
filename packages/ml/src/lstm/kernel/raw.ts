/** Raw rows on their way into an arena, where a kernel scales them. Rows there have an even number of columns. */
import type { Scaling } from '../scaling.ts';
import type { LstmKernel } from './kernel.ts';

/** Writes the scaling, and returns the room for the raw rows of one sequence. */
export function loadScaling(kernel: LstmKernel, { means, inverses, masked }: Scaling, steps: number): Float64Array {
  kernel.doubles('means', means.length).set(means);
  kernel.doubles('inverses', means.length).set(inverses);
  kernel.integers('masked', masked.length).set(masked);
  return kernel.doubles('raw', steps * evenly(means.length));
}

/** Copies the `count` rows that end before position `end` of `values`. */
export function copySteps(values: Float64Array, end: number, count: number, cols: number, raw: Float64Array): void {
  const stride = evenly(cols);
  let from = end - count * cols;
  for (let t = 0; t < count; t++) for (let c = 0; c < cols; c++) raw[t * stride + c] = values[from++]!;
}

function evenly(cols: number): number {
  return cols + (cols & 1);
}
