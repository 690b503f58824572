/**
 * Letters of other scripts that stand for Latin ones. A word that mixes scripts is folded where its foreign letters all have a look-alike, or
 * are outnumbered; a word written in look-alikes alone only where no honest word of another script is near: `сор` in a Russian sentence
 * stays. Lengths do not change. One pass.
 */
import type { Mapped } from './contract.ts';
import { textOf } from './sink.ts';
import { LOOSE_LOOKALIKES, STRICT_LOOKALIKES } from './tables.ts';

/** Units between a word and an honest one of another script that make it part of that text. */
const NEAR = 64;

export function foldHomoglyphs(source: Mapped): { mapped: Mapped; folded: number } {
  const { text } = source;
  const units = new Uint16Array(text.length);
  for (let i = 0; i < text.length; i++) units[i] = text.charCodeAt(i);
  let folded = 0;
  let lastHonest = -NEAR - 1;
  /** Words in look-alikes alone that wait for what follows: start and end, flat. */
  let waiting: number[] = [];
  const foldWord = (start: number, end: number) => {
    for (let i = start; i < end; i++) {
      const latin = units[i] < 0x80 ? undefined : (STRICT_LOOKALIKES.get(units[i]) ?? LOOSE_LOOKALIKES.get(units[i]));
      if (latin === undefined) continue;
      units[i] = latin;
      folded++;
    }
  };
  const settle = (honestAt: number) => {
    for (let w = 0; w < waiting.length; w += 2) if (honestAt - waiting[w + 1]! > NEAR) foldWord(waiting[w]!, waiting[w + 1]!);
    waiting = [];
  };
  let start = 0;
  while (start < units.length) {
    if (!isLetter(units[start])) {
      start++;
      continue;
    }
    let [end, latin, strict, loose, honest] = [start, 0, 0, 0, 0];
    for (; end < units.length && isLetter(units[end]); end++) {
      if (units[end] < 0x250) latin++;
      else if (STRICT_LOOKALIKES.has(units[end])) strict++;
      else if (LOOSE_LOOKALIKES.has(units[end])) loose++;
      else honest++;
    }
    if (latin > 0) {
      if (strict + loose > 0 && (honest === 0 || latin + strict > honest + loose)) foldWord(start, end);
    } else if (loose + honest > 0) {
      settle(start);
      lastHonest = end;
    } else if (end - start > 1 && start - lastHonest > NEAR) waiting.push(start, end); // α alone is a symbol
    start = end;
  }
  settle(Number.POSITIVE_INFINITY);
  return { mapped: { text: textOf(units, units.length), starts: source.starts }, folded };
}

/** Latin, Greek, Cyrillic, Armenian, Cherokee: the scripts of the tables. */
function isLetter(unit: number): boolean {
  if (unit < 0x80) return (unit >= 0x41 && unit <= 0x5a) || (unit >= 0x61 && unit <= 0x7a);
  return (
    (unit >= 0xc0 && unit < 0x250 && unit !== 0xd7 && unit !== 0xf7) ||
    (unit >= 0x370 && unit < 0x58a && unit !== 0x37e && unit !== 0x387) ||
    (unit >= 0x13a0 && unit < 0x1400)
  );
}
