import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { frameDiff } from './screen.ts';

const PIECE = new RegExp(`${String.fromCharCode(27)}\\[(?:(\\d+;1)H|(K)|(\\??[\\d;]*[hlm]))|(.)`, 'g');

/** What a terminal of ASCII characters that does not wrap would show. */
function apply(screen: readonly string[], text: string, columns: number): string[] {
  const rows = screen.map((line) => line.padEnd(columns).split(''));
  let [row, column] = [0, 0];
  for (const [, move, clear, mode, character] of text.matchAll(PIECE)) {
    if (move !== undefined) [row, column] = [Number.parseInt(move, 10) - 1, 0];
    else if (clear !== undefined) rows[row]!.fill(' ', column);
    else if (mode === undefined) {
      rows[row]![Math.min(column, columns - 1)] = character!;
      column = Math.min(column + 1, columns - 1);
    }
  }
  return rows.map((line) => line.join('').trimEnd());
}

describe('from one frame to the next', () => {
  test('nothing is written where nothing changed', () => {
    expect(frameDiff(['a', 'b'], ['a', 'b'], 10)).toBe('');
  });

  test('only the lines that changed, in one synchronized update, and no clearing of the screen', () => {
    expect(frameDiff(['a', 'b', 'c'], ['a', 'x', 'c'], 10)).toBe('\x1b[?2026h\x1b[2;1Hx\x1b[0m\x1b[K\x1b[?2026l');
  });

  test('a line as wide as the screen is not cleared behind: its last character would go', () => {
    expect(frameDiff(null, ['abcd'], 4)).toBe('\x1b[?2026h\x1b[1;1Habcd\x1b[0m\x1b[?2026l');
  });

  test('the screen shows the frame after any sequence of frames', () => {
    const frame = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', ' '), maxLength: 6 }), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(fc.array(frame, { minLength: 1, maxLength: 6 }), (frames) => {
        let shown: string[] = ['rubbis', 'rubbis', 'rubbis'];
        let before: string[] | null = null;
        for (const after of frames) {
          shown = apply(shown, frameDiff(before, after, 6), 6);
          expect(shown).toEqual(after.map((line) => line.trimEnd()));
          before = after;
        }
      }),
    );
  });
});
