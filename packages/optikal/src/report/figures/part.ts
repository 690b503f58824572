/** A figure, or the reason why there is none: a report never leaves a place silently empty. */
export interface Missing {
  /** A sentence for people. */
  readonly missing: string;
}

export type Part<T> = T | Missing;

export function isMissing<T extends object>(part: Part<T>): part is Missing {
  return 'missing' in part;
}
