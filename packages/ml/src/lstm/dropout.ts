/** Inverted dropout (Srivastava et al. 2014): what is left out is 0, what stays is scaled up, so that the mean stays where it was. */
import type { Random } from '../random.ts';

const UINT32 = 4_294_967_296;

export function drawMask(mask: Float64Array, dropout: number, random: Random): void {
  const limit = dropout * UINT32;
  const kept = 1 / (1 - dropout);
  for (let i = 0; i < mask.length; i++) mask[i] = random.nextUint32() < limit ? 0 : kept;
}
