import { FEATURE_SETS } from '@optikal/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FUSED_COLUMNS } from './features/fused.ts';
import {
  decodeSteps,
  encodeSteps,
  NO_STEPS,
  rememberSequence,
  SEQUENCE_STEPS,
  type StepMemory,
  sequenceOf,
  sequenceValues,
} from './steps.ts';

const WIDTH = FEATURE_SETS.step1.length;
const column = (name: string) => FEATURE_SETS.step1.findIndex((feature) => feature.name === name);
const rowOf = (columns: Readonly<Record<string, number>>) => {
  const row = new Float64Array(FUSED_COLUMNS.length).fill(Number.NaN);
  for (const name in columns) row[FUSED_COLUMNS.at(name)] = columns[name]!;
  return row;
};

describe('the sequence of an agent', () => {
  it('takes its columns from the row of the window, and counts how long the agent was idle', () => {
    const first = sequenceOf(NO_STEPS, rowOf({ write_calls: 3, tasks: 9 }), 0);
    expect([first[0]![column('write_calls')], first[0]![column('idle_before')]]).toEqual([3, Number.NaN]);
    const second = sequenceOf(rememberSequence(first, 0), rowOf({ write_calls: 1 }), 7 * 60_000);
    expect(second.map((step) => step[column('write_calls')])).toEqual([3, 1]);
    expect(second[1]![column('idle_before')]).toBeCloseTo(Math.log(8), 2);
    expect(sequenceValues(second)).toHaveLength(2 * WIDTH);
    expect(sequenceValues(second)[WIDTH + column('write_calls')]).toBe(1);
  });

  it('holds the latest windows only, in their order', () => {
    let memory: StepMemory = NO_STEPS;
    for (let w = 0; w < 25; w++) memory = rememberSequence(sequenceOf(memory, rowOf({ write_calls: w }), w * 60_000), w * 60_000);
    const sequence = sequenceOf(memory, rowOf({ write_calls: 25 }), 25 * 60_000);
    expect(sequence.map((step) => step[column('write_calls')])).toEqual(Array.from({ length: SEQUENCE_STEPS }, (_, i) => 16 + i));
  });

  it('is the same after it was stored, missing and extreme values included', () => {
    const value = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -0, 1e300));
    const step = fc.array(value, { minLength: WIDTH, maxLength: WIDTH }).map((values) => Float16Array.from(values));
    fc.assert(
      fc.property(fc.array(step, { maxLength: SEQUENCE_STEPS }), (steps) => {
        const text = encodeSteps(steps);
        expect(decodeSteps(text)).toEqual(steps);
        expect(encodeSteps(decodeSteps(text))).toBe(text);
      }),
    );
  });

  it('leaves the memory of before as it was', () => {
    const memory = rememberSequence(sequenceOf(NO_STEPS, rowOf({ write_calls: 1 }), 0), 0);
    rememberSequence(sequenceOf(memory, rowOf({ write_calls: 2 }), 60_000), 60_000);
    expect(memory.steps).toHaveLength(1);
  });
});
