/** Finds near one another, as one stretch to be read in another way. */

/** Units between two finds of one stretch. */
const GAP = 60;
/** Units around the finds that are read with them, up to the ends of their line. */
const AROUND = 120;

export interface Cluster {
  readonly start: number;
  readonly end: number;
}

/** Collects finds in order of the text; the stretches do not overlap. */
export class Clusters {
  readonly #text: string;
  readonly #least: number;
  readonly #leastShare: number;
  readonly #found: Cluster[] = [];
  #start = 0;
  #end = -1;
  #count = 0;
  #units = 0;

  /** `least`: finds of a stretch; `leastShare`: of its units, those that were found. */
  constructor(text: string, least: number, leastShare = 0) {
    this.#text = text;
    this.#least = least;
    this.#leastShare = leastShare;
  }

  /** `weight`: finds that this one counts for. */
  add(start: number, end: number, weight = 1): void {
    if (this.#count > 0 && start - this.#end > GAP) this.#close();
    if (this.#count === 0) [this.#start, this.#units] = [start, 0];
    this.#count += weight;
    this.#units += end - start;
    this.#end = end;
  }

  done(): readonly Cluster[] {
    if (this.#count > 0) this.#close();
    return this.#found;
  }

  #close(): void {
    if (this.#count >= this.#least && this.#units >= this.#leastShare * (this.#end - this.#start)) {
      const least = Math.max(this.#found.at(-1)?.end ?? 0, this.#start - AROUND);
      const most = Math.min(this.#text.length, this.#end + AROUND);
      let [start, end] = [this.#start, this.#end];
      while (start > least && this.#text.charCodeAt(start - 1) !== 0x0a) start--;
      while (end < most && this.#text.charCodeAt(end) !== 0x0a) end++;
      this.#found.push({ start, end });
    }
    this.#count = 0;
  }
}
