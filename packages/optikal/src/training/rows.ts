/** Which rows a base learns from. */
import { createRandom } from '@optikal/ml';
import type { Row } from '../detection/features/columns.ts';
import type { FitSample } from './dataset.ts';

/** Supervised bases learn acted (2) against neither (0): exposed windows and doubtful labels are left out. */
export function isSure({ label, exclude }: Pick<FitSample, 'label' | 'exclude'>): boolean {
  return label !== 1 && !exclude;
}

/** A row to fit a base on. */
export interface Labelled {
  readonly row: Row;
  readonly label: 0 | 1;
  /** Beside the weight of its class. Default 1. */
  readonly weight?: number;
}

/** All positives and a seeded random part of the rest, in their order. */
export function thin<T extends { readonly label: 0 | 1 }>(rows: readonly T[], limit: number, seed: string): readonly T[] {
  const rest = rows.flatMap(({ label }, i) => (label === 1 ? [] : [i]));
  if (rest.length <= limit) return rows;
  createRandom(`${seed}:thin`).shuffle(rest);
  const dropped = new Set(rest.slice(limit));
  return rows.filter((_, i) => !dropped.has(i));
}

/** Weight of the positive class: half way (on the log scale) between its share and balance. */
export function classWeights(labels: Uint8Array): Float64Array {
  const positives = labels.reduce((sum, label) => sum + label, 0);
  const weight = Math.sqrt((labels.length - positives) / Math.max(1, positives));
  return Float64Array.from(labels, (label) => (label === 1 ? weight : 1));
}
