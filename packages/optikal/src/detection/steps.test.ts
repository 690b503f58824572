import { FEATURE_SETS } from '@optikal/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FUSED_COLUMNS } from './features/fused.ts';
import {
  NO_STEPS,
  passingValues,
  rememberSequence,
  SEQUENCE_STEPS,
  StepList,
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

const value = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -0, 1e300));
const stepOf = fc.array(value, { minLength: WIDTH, maxLength: WIDTH }).map((values) => Float16Array.from(values));

describe('the sequence of an agent', () => {
  it('takes its columns from the row of the window, and counts how long the agent was idle', () => {
    const first = sequenceOf(NO_STEPS, rowOf({ write_calls: 3, tasks: 9 }), 0);
    expect([first.steps[0]![column('write_calls')], first.steps[0]![column('idle_before')]]).toEqual([3, Number.NaN]);
    const { steps } = sequenceOf(rememberSequence(first, 0), rowOf({ write_calls: 1 }), 7 * 60_000);
    expect(steps.map((step) => step[column('write_calls')])).toEqual([3, 1]);
    // ln(1 + 7) in half precision: 2.0794 lies between 2.078125 and 2.080078125.
    expect(steps[1]![column('idle_before')]).toBe(2.080078125);
    expect(sequenceValues(steps)).toHaveLength(2 * WIDTH);
    expect(sequenceValues(steps)[WIDTH + column('write_calls')]).toBe(1);
  });

  it('holds the latest windows only, in their order', () => {
    let memory: StepMemory = NO_STEPS;
    for (let w = 0; w < 25; w++) memory = rememberSequence(sequenceOf(memory, rowOf({ write_calls: w }), w * 60_000), w * 60_000);
    const { steps } = sequenceOf(memory, rowOf({ write_calls: 25 }), 25 * 60_000);
    expect(steps.map((step) => step[column('write_calls')])).toEqual(Array.from({ length: SEQUENCE_STEPS }, (_, i) => 16 + i));
  });

  it('is the same after it was stored, missing and extreme values included', () => {
    fc.assert(
      fc.property(fc.array(stepOf, { maxLength: SEQUENCE_STEPS }), (steps) => {
        const { text } = StepList.of(steps);
        expect(StepList.parse(text).steps).toEqual(steps);
        expect(StepList.of(StepList.parse(text).steps).text).toBe(text);
      }),
    );
  });

  it('is written as little-endian halves, a missing value always as 7e00, whatever bits a machine has for it', () => {
    const halves = new Uint16Array(WIDTH).fill(0x3c00); // 1 in half precision
    halves.set([0xfe01, 0x7fff, 0x7e00]); // three of the many spellings of NaN
    const bytes = Buffer.from(StepList.of([new Float16Array(halves.buffer)]).text, 'base64');
    expect([...bytes.subarray(0, 8)]).toEqual([0, 0x7e, 0, 0x7e, 0, 0x7e, 0, 0x3c]);
  });

  it('is the same whether it was remembered as steps or as text, wherever it was stored in between', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ value: fc.double(), stored: fc.boolean() }), { minLength: 1, maxLength: 25 }), (windows) => {
        let held: StepMemory = NO_STEPS;
        let stored: StepMemory = NO_STEPS;
        for (const [w, window] of windows.entries()) {
          const row = rowOf({ write_calls: window.value, tasks: w });
          const [a, b] = [sequenceOf(held, row, w * 60_000), sequenceOf(stored, row, w * 60_000)];
          expect(b.text).toBe(a.text);
          expect(b.steps).toEqual(a.steps);
          held = rememberSequence(a, w * 60_000);
          stored = rememberSequence(window.stored ? StepList.parse(b.text) : b, w * 60_000);
        }
      }),
    );
  });

  it('shares its steps with the sequence of the window before: a set of samples holds each once', () => {
    const first = sequenceOf(NO_STEPS, rowOf({ write_calls: 1 }), 0);
    const second = sequenceOf(rememberSequence(first, 0), rowOf({ write_calls: 2 }), 60_000);
    expect(second.steps[0]).toBe(first.steps[0]);
  });

  it('gives a model its values in a place of its own or in a passing one, of any length', () => {
    const step = (value: number) => new Float16Array(WIDTH).fill(value);
    const long = Array.from({ length: SEQUENCE_STEPS + 3 }, (_, i) => step(i));
    for (const steps of [[], [step(1)], [step(1), step(2)], long]) expect(passingValues(steps)).toEqual(sequenceValues(steps));
    const kept = sequenceValues([step(1)]);
    passingValues([step(2)]);
    expect(kept).toEqual(new Float64Array(WIDTH).fill(1));
  });

  it('leaves the memory of before as it was', () => {
    const memory = rememberSequence(sequenceOf(NO_STEPS, rowOf({ write_calls: 1 }), 0), 0);
    const text = memory.before.text;
    rememberSequence(sequenceOf(memory, rowOf({ write_calls: 2 }), 60_000), 60_000);
    expect([memory.before.steps.length, memory.before.text]).toEqual([1, text]);
  });
});
