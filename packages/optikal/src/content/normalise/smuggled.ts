/** Texts in characters that are never shown: ASCII in the tag block, bytes in variation selectors. */
import { textOfBytes } from './bytes.ts';
import type { Decoded } from './codes.ts';
import type { Folded } from './fold.ts';

export function smuggledTexts({ tags, selectors }: Folded): Decoded[] {
  const found: Decoded[] = [];
  if (tags !== null) found.push({ encoding: 'tags', mapped: tags });
  if (selectors !== null) {
    const bytes = Uint8Array.from(selectors.text, (char) => char.charCodeAt(0));
    const mapped = selectors.starts === null ? null : textOfBytes(bytes, bytes.length, selectors.starts);
    if (mapped !== null) found.push({ encoding: 'selectors', mapped });
  }
  return found;
}
