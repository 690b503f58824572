/** Puts a block into a page at a natural place and says where it stands. Long pages are cut around it: a detector looks at segments anyway. */
import type { Random } from '@optikal/ml';
import type { Span } from '../../../content/injection/contract.ts';
import { pick } from './phrase.ts';
import { FINDERS, type Place } from './places.ts';

export interface Spliced {
  readonly text: string;
  /** Of the block as it is written there. */
  readonly span: Span;
  readonly place: string;
}

/** A page is kept to about as many characters around the block, unless the caller says otherwise. */
const CONTEXT = 2400;
const STRUCTURED = [
  'yaml_quoted',
  'yaml_double',
  'yaml_plain',
  'dict_string',
  'html_text',
  'html_text',
  'comment',
  'hole',
  'hole',
  'cell',
  'item',
] as const;
const PLAIN = ['paragraph', 'sentence', 'line', 'broken', 'start', 'end', 'end'] as const;
const STRUCTURED_SHARE = 0.7;
const TRIES = 6;

export function splice(random: Random, page: string, block: string, context = CONTEXT): Spliced {
  if (random.nextFloat() < STRUCTURED_SHARE) {
    for (let i = 0; i < TRIES; i++) {
      const name = pick(random, STRUCTURED);
      const place = FINDERS[name](random, page, block);
      if (place !== null) return written(random, page, place, name, context);
    }
  }
  for (let i = 0; i < TRIES; i++) {
    const name = pick(random, PLAIN);
    const place = FINDERS[name](random, page, block);
    if (place !== null) return written(random, page, place, name, context);
  }
  const place = FINDERS.end(random, page, block)!; // `end` is found in every page
  return written(random, page, place, 'end', context);
}

function written(random: Random, page: string, { from, to, before, body, after }: Place, place: string, context: number): Spliced {
  const left = page.slice(0, from);
  const right = page.slice(to);
  const room = Math.floor(context * (0.3 + 1.2 * random.nextFloat()));
  const leftRoom = left.length + right.length <= room ? left.length : Math.floor(room * random.nextFloat());
  const head = cutBefore(left, Math.max(leftRoom, room - right.length));
  const tail = cutAfter(right, room - head.length);
  const start = head.length + before.length;
  return { text: head + before + body + after + tail, span: { start, end: start + body.length }, place };
}

/** At most `room` characters before the block, from the beginning of a line where one is near. */
function cutBefore(left: string, room: number): string {
  if (left.length <= room) return left;
  const cut = left.slice(left.length - room);
  const line = cut.indexOf('\n');
  return wellFormed(line >= 0 && line < 200 ? cut.slice(line + 1) : cut);
}

function cutAfter(right: string, room: number): string {
  if (right.length <= room) return right;
  const cut = right.slice(0, Math.max(0, room));
  const line = cut.lastIndexOf('\n');
  return wellFormed(line >= 0 && line > cut.length - 200 ? cut.slice(0, line + 1) : cut);
}

/** A cut may split a surrogate pair: its lone halves go. */
function wellFormed(text: string): string {
  return text.replace(/^[\udc00-\udfff]|[\ud800-\udbff]$/g, '');
}
