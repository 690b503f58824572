/** A text cut where it has joints, and put together to overlapping segments of about 240 characters: one hostile line is found in a long page. */

export interface Chunk {
  readonly text: string;
  /** UTF-16 positions in the text as given. */
  readonly start: number;
  readonly end: number;
  /** From a comment, or decoded: nobody would see it. */
  readonly hidden: boolean;
}

/** What a segment holds at least, where the text has as much. */
const CHARS = 240;
/** A piece without a joint is cut here. */
const MOST = 320;
/** Ends of sentences, empty lines, lines that begin a field or an item. */
const JOINT = /[.!?;](?=\s|$)|\n[ \t]*(?=\n|[-*•] |[\w ]{1,24}: )|[}\]](?=,)/g;

export function chunksOf(text: string): Chunk[] {
  // `\n` in two characters is a line's end inside a quoted text; the same length keeps the positions.
  const plain = text.includes('\\') ? text.replace(/\\[nrt]/g, ' \n') : text;
  const joints = jointsOf(plain);
  const chunks: Chunk[] = [];
  let from = 0;
  while (from < joints.length - 1) {
    let to = from + 1;
    while (to < joints.length - 1 && joints[to]! - joints[from]! < CHARS && joints[to + 1]! - joints[from]! <= MOST) to++;
    const segment = plain.slice(joints[from]!, joints[to]!);
    if (/\p{L}/u.test(segment)) chunks.push({ text: segment, start: joints[from]!, end: joints[to]!, hidden: false });
    if (to === joints.length - 1) break;
    const half = (joints[from]! + joints[to]!) / 2;
    let next = from + 1;
    while (next < to && joints[next]! < half) next++;
    from = next;
  }
  return chunks;
}

function jointsOf(text: string): number[] {
  const joints = [0];
  const take = (end: number) => {
    let last = joints.at(-1) ?? 0;
    while (end - last > MOST) {
      const space = text.lastIndexOf(' ', last + MOST);
      last = space > last + MOST / 2 ? space : last + MOST;
      joints.push(last);
    }
    if (end > last) joints.push(end);
  };
  for (const match of text.matchAll(JOINT)) take(match.index + match[0].length);
  take(text.length);
  return joints;
}
