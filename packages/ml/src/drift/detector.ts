/** The live side of drift detection: the latest rows, as codes, and their comparison with the reference. */
import { MlError } from '../errors.ts';
import { lengthOf } from '../options.ts';
import { cellOf } from './cells.ts';
import { compare, type DriftSummary } from './compare.ts';
import type { DriftParts } from './model.ts';
import type { DriftGroup } from './options.ts';

/** Made by `DriftReference.detector`. The only part of drift detection that changes. */
export class DriftDetector {
  readonly bufferSize: number;
  readonly #parts: DriftParts;
  /** Row by row, oldest overwritten first. */
  #codes: Uint8Array;
  readonly #times: number[] = [];
  readonly #groups: DriftGroup[] = [];
  #seen = 0;

  constructor(parts: DriftParts, bufferSize: number) {
    this.#parts = parts;
    this.bufferSize = bufferSize;
    this.#codes = new Uint8Array(parts.columns.length * Math.min(bufferSize, 256));
  }

  /** Rows taken so far, those that left the buffer included. */
  get rowsSeen(): number {
    return this.#seen;
  }

  /**
   * Takes a row of the reference's features (NaN = missing, an infinite value is the greatest or least) at its event time in ms (UTC), of the
   * stream `group`. The oldest row leaves a full buffer. ML_SHAPE_MISMATCH, ML_NOT_FINITE.
   */
  update(row: ArrayLike<number>, timeMs: number, group: DriftGroup = 0): void {
    const { featureCount, columns, cells } = this.#parts;
    lengthOf('row', row, featureCount);
    if (!Number.isFinite(timeMs)) throw new MlError('ML_NOT_FINITE', { name: 'timeMs', found: String(timeMs), position: 0 });
    const slot = this.#seen % this.bufferSize;
    const offset = slot * columns.length;
    if (offset + columns.length > this.#codes.length) this.#grow();
    for (let c = 0; c < columns.length; c++) this.#codes[offset + c] = cellOf(cells[c].edges, row[columns[c]]);
    this.#times[slot] = timeMs;
    this.#groups[slot] = group;
    this.#seen++;
  }

  /** Compares the rows of the buffer with the reference; plain JSON. ML_EMPTY_INPUT without a row. */
  summary(): DriftSummary {
    return compare(this.#parts, { codes: this.#codes, times: this.#times, groups: this.#groups, rowsSeen: this.#seen });
  }

  #grow(): void {
    const grown = new Uint8Array(Math.min(this.#codes.length * 2, this.bufferSize * this.#parts.columns.length));
    grown.set(this.#codes);
    this.#codes = grown;
  }
}
