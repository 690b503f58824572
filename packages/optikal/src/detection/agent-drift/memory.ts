/**
 * The tasks that an agent is compared with itself by: its first ones and its latest ones. Each value is one of 63 levels, one character, so
 * that forty tasks are 560 characters of its state. What is learnt from has passed through the same levels.
 */
import { DRIFT_FEATURES } from './tally.ts';

/** Tasks of the beginning, and latest tasks, that are kept. */
export const FIRST_TASKS = 16;
export const LATEST_TASKS = 24;

const LEVELS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+';
const MISSING = '/';
const TOP = LEVELS.length - 1;
const LEVEL_OF = new Map(LEVELS.split('').map((character, level) => [character, level]));

export interface DriftMemory {
  /** One string a task, a character a feature; oldest first. */
  readonly tasks: readonly string[];
  /** Tasks since the beginning, those not kept included. */
  readonly count: number;
}

export const NO_TASKS: DriftMemory = { tasks: [], count: 0 };

/** A task more. Where all places are taken, the oldest of the latest ones leaves. */
export function rememberTask({ tasks, count }: DriftMemory, values: ArrayLike<number>): DriftMemory {
  const kept = tasks.length < FIRST_TASKS + LATEST_TASKS ? tasks : tasks.filter((_, i) => i !== FIRST_TASKS);
  return { tasks: [...kept, encodeTask(values)], count: count + 1 };
}

/** The values of the kept tasks, oldest first. */
export function taskRows({ tasks }: DriftMemory): Float64Array[] {
  return tasks.map(decodeTask);
}

export function encodeTask(values: ArrayLike<number>): string {
  return DRIFT_FEATURES.map(({ most }, i) => {
    const value = values[i] ?? Number.NaN;
    return Number.isNaN(value) ? MISSING : LEVELS[Math.round((Math.min(Math.max(value, 0), most) / most) * TOP)];
  }).join('');
}

export function decodeTask(text: string): Float64Array {
  return Float64Array.from(DRIFT_FEATURES, ({ most }, i) => {
    const level = LEVEL_OF.get(text[i] ?? MISSING);
    return level === undefined ? Number.NaN : (level / TOP) * most;
  });
}
