/** Sequences → the inputs of a batch: time-major, in panels of 8 channels, right-aligned, so that the latest step of each is the last. */
import type { ScaledSequences } from '../scaling.ts';
import { roundedTo8 } from './kernel.ts';

/** Fills `inputs` and `lengths` with the sequences `members[from … from + rows)`, and returns the steps of the longest. */
export function gather(
  { channels, values, starts }: ScaledSequences,
  members: Int32Array,
  from: number,
  rows: number,
  inputs: Float32Array,
  lengths: Int32Array,
): number {
  let steps = 0;
  for (let r = 0; r < rows; r++) {
    const s = members[from + r]!;
    lengths[r] = starts[s + 1]! - starts[s]!;
    if (lengths[r]! > steps) steps = lengths[r]!;
  }
  const span = roundedTo8(channels) * rows;
  inputs.fill(0, 0, steps * span);
  for (let r = 0; r < rows; r++) {
    const first = starts[members[from + r]!]!;
    const count = lengths[r]!;
    for (let t = 0; t < count; t++) {
      const source = (first + t) * channels;
      const to = (steps - count + t) * span + r * 8;
      for (let c = 0; c < channels; c++) inputs[to + (c >> 3) * rows * 8 + (c & 7)] = values[source + c]!;
    }
  }
  return steps;
}
