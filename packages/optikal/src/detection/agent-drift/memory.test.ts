import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeTask, encodeTask, FIRST_TASKS, forgetTasks, LATEST_TASKS, NO_TASKS, rememberTask, taskRows } from './memory.ts';
import { DRIFT_FEATURES } from './tally.ts';

const ALL = DRIFT_FEATURES.length;

describe('the tasks that an agent is remembered by', () => {
  it('are one character a value: worked by hand', () => {
    // A share of ½ is level 31 of 62, `f`; 12.4 and more are the last level; missing is `/`.
    const text = encodeTask(DRIFT_FEATURES.map(({ name }) => (name === 'text_share' ? 0.5 : name === 'answer' ? 99 : Number.NaN)));
    expect(text).toBe(`/f+${'/'.repeat(ALL - 3)}`);
    expect(decodeTask(text).slice(0, 3)).toEqual(Float64Array.of(Number.NaN, 0.5, 12.4));
  });

  it('come back within half a level, and the same after each further turn', () => {
    const values = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: ALL, maxLength: ALL });
    fc.assert(
      fc.property(values, (shares) => {
        const task = shares.map((x, i) => x * DRIFT_FEATURES[i]!.most);
        const back = decodeTask(encodeTask(task));
        back.forEach((x, i) => {
          expect(Math.abs(x - task[i]!)).toBeLessThanOrEqual(DRIFT_FEATURES[i]!.most / 124 + 1e-12);
        });
        expect(encodeTask(back)).toBe(encodeTask(task));
      }),
    );
  });

  it('are the first ones and the latest ones, however many there were', () => {
    let memory = NO_TASKS;
    const at = (i: number) => new Float64Array(ALL).fill((i % 63) / 62);
    for (let i = 0; i < 60; i++) memory = rememberTask(memory, at(i));
    const kept = [...Array(FIRST_TASKS).keys(), ...Array.from({ length: LATEST_TASKS }, (_, i) => 60 - LATEST_TASKS + i)];
    expect(memory).toBe(kept.map((i) => encodeTask(at(i))).join(''));
    expect(taskRows(memory)).toHaveLength(FIRST_TASKS + LATEST_TASKS);
    expect(memory.length).toBeLessThan(400);
    expect(forgetTasks(memory, 20)).toBe(memory.slice(-8 * ALL));
  });
});
