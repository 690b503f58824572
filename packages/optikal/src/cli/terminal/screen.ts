/**
 * From one frame to the next in as few bytes as lines have changed: each such line is addressed, written over and cleared behind its end, all in
 * one synchronized update, so that nothing in between is ever seen and the screen is never cleared. Pure: lines in, text out.
 */
import stringWidth from 'string-width';

const BEGIN = '\x1b[?2026h';
const END = '\x1b[?2026l';
const RESET = '\x1b[0m';
const CLEAR_BEHIND = '\x1b[K';

/** '' where nothing changed. `before` null = nothing is known of the screen: every line is written. */
export function frameDiff(before: readonly string[] | null, after: readonly string[], columns: number): string {
  let text = '';
  for (const [row, line] of after.entries()) {
    if (before !== null && before[row] === line) continue;
    // Behind a full line the cursor stands on its last character, which clearing would take away.
    text += `\x1b[${row + 1};1H${line}${RESET}${stringWidth(line) < columns ? CLEAR_BEHIND : ''}`;
  }
  return text === '' ? '' : `${BEGIN}${text}${END}`;
}
