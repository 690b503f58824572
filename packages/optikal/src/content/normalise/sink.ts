/**
 * Where a text is written while it is folded: its units and where each came from. What was written last can be taken back, which is how an
 * escape becomes its character as soon as its last unit is there.
 */
import type { Mapped } from './contract.ts';

const UTF16 = new TextDecoder('utf-16le', { ignoreBOM: true });

export class Sink {
  units: Uint16Array;
  starts: Int32Array;
  length = 0;

  constructor(capacity: number) {
    this.units = new Uint16Array(capacity + 16);
    this.starts = new Int32Array(capacity + 17);
  }

  push(unit: number, at: number): void {
    if (this.length === this.units.length) this.#grow();
    this.units[this.length] = unit;
    this.starts[this.length++] = at;
  }

  /** Unit that stands `back` places before the end; −1 = there is none. */
  back(back: number): number {
    return back <= this.length ? this.units[this.length - back] : -1;
  }

  /** Takes `count` units away and gives where the first of them came from. */
  pop(count: number): number {
    this.length -= count;
    return this.starts[this.length];
  }

  /** What was written; `end` is where the original ends. */
  mapped(end: number): Mapped {
    const starts = this.starts.slice(0, this.length + 1);
    starts[this.length] = end;
    return { text: textOf(this.units, this.length), starts };
  }

  #grow(): void {
    const units = new Uint16Array(this.units.length * 2);
    const starts = new Int32Array(this.units.length * 2 + 1);
    units.set(this.units);
    starts.set(this.starts);
    this.units = units;
    this.starts = starts;
  }
}

/** Halves of pairs become U+FFFD. (The machines that run this are little-endian, as its typed arrays are.) */
export function textOf(units: Uint16Array, length: number): string {
  return UTF16.decode(units.subarray(0, length));
}
