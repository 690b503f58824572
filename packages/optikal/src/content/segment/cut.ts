/**
 * One reading into stretches: pieces between borders, small ones put together again as long as they belong together, then neighbouring
 * short stretches joined, so that an instruction that is spread over several lines is also seen whole. Of two neighbours one has some length,
 * so the number of stretches is linear in the text.
 */
import type { Region } from '../normalise/contract.ts';
import { BORDER, borderAt, type Strength } from './borders.ts';

/** Offsets in the text of the reading. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
  /** null = outside all regions. */
  readonly region: Region | null;
  readonly joined: boolean;
}

/** A line of a few words to a few sentences is what an instruction takes; the model is fitted on such lengths. */
const MOST = { block: 200, joined: 360 };
/** Two pieces with such a border between them are put together where both are shorter: a line that says something stands by itself. */
const SMALL: Record<Strength, number> = {
  [BORDER.none]: 0,
  [BORDER.blank]: 0,
  [BORDER.sentence]: Number.POSITIVE_INFINITY,
  [BORDER.line]: 60,
  [BORDER.value]: 40,
};
/** Shorter regions, and shorter texts between regions, are no sections of their own. */
const MIN_SECTION = 16;

/** `scale`: all sizes times this. */
export function stretchesOf(text: string, regions: readonly Region[], scale = 1): Stretch[] {
  const stretches: Stretch[] = [];
  const cut = (start: number, end: number, region: Region | null) => {
    const blocks = blocksOf(text, start, end, scale);
    for (const [from, to] of blocks) stretches.push({ start: from, end: to, region, joined: false });
    for (const [from, to] of joinsOf(blocks, MOST.joined * scale)) stretches.push({ start: from, end: to, region, joined: true });
  };
  let done = 0;
  for (const region of regions) {
    if (region.end - region.start < MIN_SECTION * scale) continue;
    if (region.start - done >= MIN_SECTION * scale) {
      cut(done, region.start, null);
      done = region.start;
    }
    cut(done, region.end, region);
    done = region.end;
  }
  if (done < text.length) cut(done, text.length, null);
  return stretches;
}

type Range = readonly [start: number, end: number];

/** Cover the section and do not overlap. */
function blocksOf(text: string, start: number, end: number, scale: number): Range[] {
  const most = Math.round(MOST.block * scale);
  const blocks: Range[] = [];
  let grown: Range = [start, start];
  const add = (from: number, to: number, before: Strength) => {
    const length = grown[1] - grown[0];
    const small = Math.max(length, to - from) < SMALL[before] * scale;
    if (length === 0 || (small && to - grown[0] <= most)) grown = [grown[0], to];
    else {
      blocks.push(grown);
      grown = [from, to];
    }
  };
  let [piece, before, lineStart, blank] = [start, BORDER.blank as Strength, start, start];
  for (let i = start + 1; i < end; i++) {
    const border = borderAt(text, i, lineStart);
    if (text.charCodeAt(i - 1) === 0x0a) lineStart = i;
    if (border === BORDER.blank) blank = i;
    if (border >= BORDER.sentence) {
      add(piece, i, before);
      [piece, before] = [i, border];
    } else if (i - piece >= most) {
      const cut = blank > piece + most / 2 ? blank : i;
      add(piece, cut, before);
      [piece, before] = [cut, BORDER.blank];
    }
  }
  if (end > piece) add(piece, end, before);
  if (grown[1] > grown[0]) blocks.push(grown);
  return blocks;
}

/** Runs of at least two blocks with at most `most` units; each run begins with the last block of the one before. */
function joinsOf(blocks: readonly Range[], most: number): Range[] {
  const joins: Range[] = [];
  let first = 0;
  while (first < blocks.length - 1) {
    let last = first;
    while (last + 1 < blocks.length && blocks[last + 1]![1] - blocks[first]![0] <= most) last++;
    if (last > first) joins.push([blocks[first]![0], blocks[last]![1]]);
    first = Math.max(last, first + 1);
  }
  return joins;
}
