import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Mark, TASK_PAUSE_MS, taskStarts } from './boundaries.ts';

const mark = (at: number, text: string | null, messages = 1): Mark => ({
  startMs: at,
  endMs: at + 1,
  asked: text === null ? null : { text, messages },
});

describe('where a task begins', () => {
  it('is with another message of the user, not with another model call of the same', () => {
    expect(taskStarts([mark(0, 'a'), mark(2, null), mark(4, 'a'), mark(6, 'b', 2), mark(8, null)])).toEqual([0, 3]);
    expect(taskStarts([mark(0, 'go on', 1), mark(2, 'go on', 2)])).toEqual([0, 1]);
    // A window over the messages lets earlier ones fall out: fewer of them are no new request.
    expect(taskStarts([mark(0, 'a', 3), mark(2, 'a', 2)])).toEqual([0]);
  });

  it('is after a pause, where nothing tells what was asked', () => {
    expect(taskStarts([mark(0, null), mark(TASK_PAUSE_MS, null), mark(2 * TASK_PAUSE_MS + 1, null)])).toEqual([0, 2]);
    expect(taskStarts([])).toEqual([]);
  });

  it('is at the first mark, in ascending order, however they lie', () => {
    const any = fc.array(fc.tuple(fc.nat(9), fc.constantFrom(null, 'a', 'b')), { minLength: 1 });
    fc.assert(
      fc.property(any, (steps) => {
        const times = steps.map((_, i) => steps.slice(0, i + 1).reduce((at, [gap]) => at + gap * 300_000, 0));
        const starts = taskStarts(steps.map(([, text], i) => mark(times[i]!, text)));
        expect(starts[0]).toBe(0);
        expect(starts).toEqual([...new Set(starts)].sort((a, b) => a - b));
      }),
    );
  });
});
