/**
 * The tasks that an agent is compared with itself by: its first ones and its latest ones. Each value is one of 63 levels, one character, so
 * that they are 392 characters of the 4 KB of its state. What is learnt from has passed through the same levels.
 */
import { DRIFT_FEATURES } from './tally.ts';

/** Tasks of the beginning, and latest tasks, that are kept. */
export const FIRST_TASKS = 10;
export const LATEST_TASKS = 18;

const LEVELS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+';
const MISSING = '/';
const TOP = LEVELS.length - 1;
/** By character code; −1 = missing. */
const LEVEL_OF = Int8Array.from({ length: 128 }, (_, code) => LEVELS.indexOf(String.fromCharCode(code)));

/** The kept tasks, oldest first, a character a feature. It is stored as it is. */
export type DriftMemory = string;

export const NO_TASKS: DriftMemory = '';

const TASK_CHARS = DRIFT_FEATURES.length;
const FIRST_CHARS = FIRST_TASKS * TASK_CHARS;
const MOST_CHARS = FIRST_CHARS + LATEST_TASKS * TASK_CHARS;

/** A task more. Where all places are taken, the oldest of the latest ones leaves. */
export function rememberTask(memory: DriftMemory, values: ArrayLike<number>): DriftMemory {
  const kept = memory.length < MOST_CHARS ? memory : memory.slice(0, FIRST_CHARS) + memory.slice(FIRST_CHARS + TASK_CHARS);
  return kept + encodeTask(values);
}

/** The memory without its first `count` tasks: after a change the other model's tasks are the beginning. */
export function forgetTasks(memory: DriftMemory, count: number): DriftMemory {
  return memory.slice(count * TASK_CHARS);
}

/** The values of the kept tasks, oldest first. */
export function taskRows(memory: DriftMemory): Float64Array[] {
  return Array.from({ length: memory.length / TASK_CHARS }, (_, i) => decodeTask(memory.slice(i * TASK_CHARS, (i + 1) * TASK_CHARS)));
}

export function encodeTask(values: ArrayLike<number>): string {
  return DRIFT_FEATURES.map(({ most }, i) => {
    const value = values[i] ?? Number.NaN;
    return Number.isNaN(value) ? MISSING : LEVELS[Math.round((Math.min(Math.max(value, 0), most) / most) * TOP)];
  }).join('');
}

export function decodeTask(text: string): Float64Array {
  const values = new Float64Array(TASK_CHARS);
  for (let i = 0; i < values.length; i++) {
    const level = LEVEL_OF[text.charCodeAt(i)] ?? -1;
    values[i] = level < 0 ? Number.NaN : (level / TOP) * DRIFT_FEATURES[i]!.most;
  }
  return values;
}
