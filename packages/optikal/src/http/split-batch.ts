/**
 * Cuts the text of a JSON array into the texts of its elements, in one pass and without recursion, so that each is judged alone and by what was
 * really sent: its size, its depth, its HMAC. INVARIANT: an array whose elements are all JSON is cut at its own commas and nowhere else.
 */
import { HttpError } from './errors.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Throws `batch_invalid` where the text is no array, `invalid_json` where the array does not end with it, `batch_too_long`. */
export function splitBatch(text: string, maxElements: number): string[] {
  const start = skipSpace(text, 0);
  if (start === text.length) throw new HttpError('invalid_json');
  if (text.charCodeAt(start) !== OPEN_BRACKET) throw new HttpError('batch_invalid');
  const elements: string[] = [];
  let from = start + 1;
  let depth = 1;
  let at = from;
  for (; at < text.length && depth > 0; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (code === OPEN_BRACKET || code === OPEN_BRACE) depth++;
    else if (code === CLOSE_BRACKET || code === CLOSE_BRACE) depth--;
    else if (code === COMMA && depth === 1) {
      if (elements.length === maxElements) throw new HttpError('batch_too_long');
      elements.push(text.slice(from, at));
      from = at + 1;
    }
  }
  const last = text.slice(from, at - 1);
  if (depth > 0 || text.charCodeAt(at - 1) !== CLOSE_BRACKET || skipSpace(text, at) < text.length) throw new HttpError('invalid_json');
  if (elements.length === 0 && skipSpace(last, 0) === last.length) return elements;
  if (elements.length === maxElements) throw new HttpError('batch_too_long');
  elements.push(last);
  return elements;
}

/** Whether the text is an array, by its first character. */
export function isBatch(text: string): boolean {
  return text.charCodeAt(skipSpace(text, 0)) === OPEN_BRACKET;
}

/** The position of the closing quote, or the end of the text. */
function endOfString(text: string, open: number): number {
  for (let at = open + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) at++;
    else if (code === QUOTE) return at;
  }
  return text.length;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) break;
  }
  return at;
}
