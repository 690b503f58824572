import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { watchLoop } from './loop-watch.ts';

function watched() {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  let nowMs = 0;
  const stalls: number[] = [];
  const watch = watchLoop({ stuckMs: 5000, stallMs: 1000, onStall: (ms) => stalls.push(ms), now: () => nowMs });
  onTestFinished(() => watch.stop());
  /** The clock goes on by `ms`, and one beat comes. */
  const turn = (ms: number) => {
    nowMs += ms;
    vi.advanceTimersByTime(250);
  };
  return { watch, stalls, turn, pass: (ms: number) => (nowMs += ms) };
}

describe('watchLoop', () => {
  it('says nothing while turns are short', () => {
    const { watch, stalls, turn } = watched();
    for (let n = 0; n < 100; n++) turn(300);
    expect([watch.stuckMs(), stalls]).toEqual([null, []]);
  });

  it('tells of a stall, and of a stuck turn for ten seconds', () => {
    const { watch, stalls, turn } = watched();
    turn(250 + 1500);
    expect([watch.stuckMs(), stalls]).toEqual([null, [1500]]);
    turn(250 + 6000);
    expect([watch.stuckMs(), stalls]).toEqual([6000, [1500, 6000]]);
    for (let n = 0; n < 41; n++) turn(250);
    expect(watch.stuckMs()).toBeNull();
  });

  it('knows of a stuck turn before its beat comes', () => {
    const { watch, pass } = watched();
    pass(250 + 5000);
    expect(watch.stuckMs()).toBe(5000);
  });
});
