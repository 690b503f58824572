/** Where dropout applies, and how much: shares are k of 256, because masks are made from eight random bits a unit (plain/masks.ts). */

export const DROPOUT_PLACES = ['context', 'dense', 'both'] as const;
/** Behind the attention (its context), behind the dense layer, or both. */
export type DropoutPlace = (typeof DROPOUT_PLACES)[number];

export interface DropoutShares {
  /** k of 256; 0 where nothing is left out. */
  readonly context: number;
  readonly dense: number;
}

export function sharesOf(dropout: number, at: DropoutPlace): DropoutShares {
  const share = Math.round(256 * dropout);
  return { context: at === 'dense' ? 0 : share, dense: at === 'context' ? 0 : share };
}
