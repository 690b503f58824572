/** How deep a text nests, told before it is parsed: a parser that recurses has a stack to lose. */

const [QUOTE, BACKSLASH, OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d];

/** Whether brackets outside strings nest deeper than `levels`, in one pass and without recursion; the text need not be JSON. */
export function nestsDeeperThan(text: string, levels: number): boolean {
  if (!hasBrackets(text, levels + 1)) return false;
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (inString) {
      if (code === BACKSLASH) i++;
      else if (code === QUOTE) inString = false;
    } else if (code === QUOTE) inString = true;
    else if (code === OPEN_OBJECT || code === OPEN_ARRAY) {
      if (++depth > levels) return true;
    } else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) depth--;
  }
  return false;
}

/** Whether the text opens so many brackets at all, in strings or not: without, it cannot nest that deep. Most messages open fewer. */
function hasBrackets(text: string, count: number): boolean {
  let left = count;
  for (const bracket of ['{', '[']) for (let at = text.indexOf(bracket); at >= 0 && left > 0; at = text.indexOf(bracket, at + 1)) left--;
  return left <= 0;
}
