/** Weights of parameters.ts ↔ weights as the kernels want them: outputs in panels of 8, [N / 8][K][8], every size rounded up to 8 with zeros. */
import type { Layout } from '../parameters.ts';
import { roundedTo8 } from './kernel.ts';

/** Where each weight lies in the kernel's array. */
export function packedPositions({ channels, hidden, dense, length }: Layout): Int32Array {
  const positions = new Int32Array(length);
  const [d, h, e] = [roundedTo8(channels), roundedTo8(hidden), roundedTo8(dense)];
  let i = 0;
  let start = 0;
  const matrix = (groups: number, outputs: number, inputs: number, outputsRounded: number, inputsRounded: number) => {
    for (let group = 0; group < groups; group++)
      for (let n = 0; n < outputs; n++)
        for (let k = 0; k < inputs; k++) {
          const row = group * outputsRounded + n;
          positions[i++] = start + (row & ~7) * inputsRounded + k * 8 + (row & 7);
        }
    start += groups * outputsRounded * inputsRounded;
  };
  const vector = (groups: number, size: number, rounded: number) => matrix(groups, size, 1, rounded, 1);
  // The order of TENSORS.
  matrix(4, hidden, channels, h, d);
  matrix(4, hidden, hidden, h, h);
  vector(4, hidden, h);
  matrix(1, hidden, hidden, h, h);
  matrix(1, hidden, hidden, h, h);
  vector(1, hidden, h);
  vector(1, hidden, h);
  matrix(1, dense, hidden, e, h);
  vector(1, dense, e);
  vector(1, dense, e);
  vector(1, 1, 8);
  return positions;
}

/** Floats of the kernel's array. */
export function packedLength({ channels, hidden, dense }: Layout): number {
  const [d, h, e] = [roundedTo8(channels), roundedTo8(hidden), roundedTo8(dense)];
  return 4 * h * (d + h + 1) + h * (2 * h + 2) + e * (h + 2) + 8;
}

export function pack(positions: Int32Array, weights: Float32Array, packed: Float32Array): void {
  for (let i = 0; i < positions.length; i++) packed[positions[i]!] = weights[i]!;
}

export function unpack(positions: Int32Array, packed: Float32Array): Float32Array {
  return Float32Array.from(positions, (at) => packed[at]!);
}
