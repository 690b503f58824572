/**
 * The different class distributions of a forest's leaves, each kept once. Small leaves repeat each other (on 8,000 rows of six classes
 * 150,000 leaves held 23,000 distributions), and a table that fits the processor's cache is what fast scoring waits for.
 */

/** Grows as leaves are added; a distribution's number is its place in the order of first addition. */
export interface Distributions {
  /** The number of a distribution, `classCount` shares long. */
  numberOf(shares: Float64Array): number;
  /** Share of class k in distribution i at i * classCount + k; overwritten by nothing, outgrown by `numberOf`. */
  shares(): Float64Array;
}

export function createDistributions(classCount: number): Distributions {
  let shares = new Float64Array(256 * classCount);
  let count = 0;
  // Open addressing over numbers + 1; 0 is free. At most half full, so that a search ends soon.
  let slots = new Int32Array(512);
  const bits = new Uint32Array(classCount * 2);
  const values = new Float64Array(bits.buffer);

  /** FNV-1a over 32-bit words. Where a distribution stands in `slots` shows nowhere, so the byte order of the machine does not either. */
  function hash(from: Float64Array, at: number): number {
    for (let k = 0; k < classCount; k++) values[k] = from[at + k];
    let h = 0x811c9dc5;
    for (let i = 0; i < bits.length; i++) h = Math.imul(h ^ bits[i], 0x01000193);
    return (h ^ (h >>> 15)) >>> 0;
  }

  function isAt(number: number, wanted: Float64Array): boolean {
    for (let k = 0; k < classCount; k++) if (shares[number * classCount + k] !== wanted[k]) return false;
    return true;
  }

  function numberOf(wanted: Float64Array): number {
    let slot = hash(wanted, 0) & (slots.length - 1);
    for (; slots[slot] !== 0; slot = (slot + 1) & (slots.length - 1)) if (isAt(slots[slot] - 1, wanted)) return slots[slot] - 1;
    slots[slot] = count + 1;
    shares.set(wanted, count * classCount);
    count++;
    if (2 * count === slots.length) grow();
    return count - 1;
  }

  function grow(): void {
    const more = new Float64Array(shares.length * 2);
    more.set(shares);
    shares = more;
    slots = new Int32Array(slots.length * 2);
    for (let number = 0; number < count; number++) {
      let slot = hash(shares, number * classCount) & (slots.length - 1);
      while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1);
      slots[slot] = number + 1;
    }
  }

  return { numberOf, shares: () => shares.subarray(0, count * classCount) };
}
