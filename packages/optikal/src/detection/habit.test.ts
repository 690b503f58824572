import { describe, expect, it } from 'vitest';
import {
  addToSums,
  copyHabit,
  HABIT_METRICS,
  habitZ,
  historyWeight,
  learnHabit,
  mergeSums,
  newHabit,
  newHabitSums,
  priorOf,
} from './habit.ts';

const all = (value: number) => new Float64Array(HABIT_METRICS.length).fill(value);
const learned = (...values: number[]) => {
  const habit = newHabit();
  for (const value of values) learnHabit(habit, all(value));
  return habit;
};
const priorFrom = (...values: number[]) => {
  const sums = newHabitSums();
  for (const value of values) addToSums(sums, all(value));
  return priorOf(sums);
};
const NOBODY = priorFrom();

describe('a habit', () => {
  it('is the mean and variance of the windows that it learnt', () => {
    const habit = learned(1, 2, 6);
    expect([habit.n[0], habit.mean[0], habit.variance[0]]).toEqual([3, 3, expect.closeTo(14 / 3, 12)]);
  });

  it('forgets: after forty windows a new one weighs a fortieth', () => {
    const habit = learned(...Array<number>(100).fill(0), 1);
    expect(habit.mean[0]).toBeCloseTo(1 / 40, 12);
    expect(habit.variance[0]).toBeCloseTo((39 / 40) * (1 / 40), 12);
    expect(habit.n[0]).toBe(101);
  });

  it('learns nothing of what was not observed', () => {
    const habit = learned(1);
    learnHabit(habit, all(Number.NaN));
    expect(habit).toEqual(learned(1));
  });

  it('can be copied and moved on without a trace', () => {
    const habit = learned(1);
    learnHabit(copyHabit(habit), all(9));
    expect(habit).toEqual(learned(1));
  });

  it('weighs n/(n+5)', () => {
    expect([historyWeight(newHabit()), historyWeight(learned(0)), historyWeight(learned(0, 0, 0, 0, 0))]).toEqual([0, 1 / 6, 0.5]);
  });
});

describe('z', () => {
  it('leans on the peers with weight 5', () => {
    const prior = priorFrom(0, 2);
    expect(habitZ(newHabit(), prior, 0, 3)).toBe(2);
    // Own mean 5, variance 0, n 5; peers mean 1, variance 1.
    expect(habitZ(learned(5, 5, 5, 5, 5), prior, 0, 3)).toBeCloseTo(0, 12);
    expect(habitZ(learned(5, 5, 5, 5, 5), prior, 0, 4)).toBeCloseTo(1 / Math.sqrt(0.5), 12);
  });

  it('is held to a spread of at least 0.2', () => {
    expect(habitZ(learned(1, 1), NOBODY, 0, 1.1)).toBeCloseTo(0.5, 12);
  });

  it('is unknown where the value is, or where nobody has a habit', () => {
    expect(habitZ(learned(1), NOBODY, 0, Number.NaN)).toBe(Number.NaN);
    expect(habitZ(newHabit(), NOBODY, 0, 1)).toBe(Number.NaN);
    expect(habitZ(newHabit(), priorFrom(1), 0, 1)).toBe(0);
  });
});

describe('a prior', () => {
  it('is that of the others once one agent was taken out', () => {
    const sums = newHabitSums();
    const one = newHabitSums();
    for (const value of [1, 2, 3]) addToSums(sums, all(value));
    for (const value of [10, 20]) {
      addToSums(sums, all(value));
      addToSums(one, all(value));
    }
    mergeSums(sums, one, -1);
    expect(priorOf(sums)).toEqual(priorFrom(1, 2, 3));
  });

  it('has no variance below zero', () => {
    expect(priorFrom(0.1, 0.1, 0.1).variance.every((variance) => variance >= 0)).toBe(true);
  });
});
