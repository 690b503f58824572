import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DRIFT_FEATURES, decodeTally, encodeTally, newTally, tallyCall, tallyEnd, taskValues } from './tally.ts';

const call = (turn: number | null, over: { ok?: boolean; argBytes?: number | null; textCharsThisTurn?: number | null } = {}) => ({
  turn,
  ok: true,
  argBytes: 10,
  textCharsThisTurn: 0,
  ...over,
});
const named = (values: Float64Array) => Object.fromEntries(DRIFT_FEATURES.map(({ name }, i) => [name, values[i]]));

describe('the numbers of a task', () => {
  it('count calls, turns and text: worked by hand', () => {
    // Turn 0: two calls beside 9 characters of text; turn 1: one call, failed, the same as before, no text; turn 2 is the answer.
    const tally = newTally();
    tallyCall(tally, call(0, { textCharsThisTurn: 9 }), false);
    tallyCall(tally, call(0, { textCharsThisTurn: 9 }), false);
    tallyCall(tally, call(1, { ok: false, argBytes: 0 }), true);
    tallyEnd(tally, { turns: 3, answerChars: 99 });
    const values = named(taskValues(tally));
    expect(values).toMatchObject({ text_share: 1 / 2, errors: 1 / 3, repeats: 1 / 3 });
    expect(values.text_beside_calls).toBeCloseTo(Math.log(10) / 2, 12);
    expect(values.answer).toBeCloseTo(Math.log(100), 12);
    expect(values.turns).toBeCloseTo(Math.log(4), 12);
    expect(values.calls).toBeCloseTo(Math.log(4), 12);
    expect(values.calls_per_turn).toBeCloseTo(Math.log(1.5), 12);
    expect(values.widest_turn).toBeCloseTo(Math.log(2), 12);
    // Ten characters less one beside the first calls; 9 + 99 in all; one turn of text of 9; 3 turns, 2 of them with calls.
    expect(values.first_text).toBeCloseTo(Math.log(10), 12);
    expect(values.all_text).toBeCloseTo(Math.log(109), 12);
    expect(values.text_length).toBeCloseTo(Math.log(10), 12);
    expect(values.silent_turns).toBeCloseTo(Math.log(2), 12);
    expect(values.arguments).toBeCloseTo((2 * Math.log(11)) / 3, 12);
  });

  it('are NaN where nothing was observed, never zero', () => {
    const values = named(taskValues(newTally()));
    expect(values.calls).toBe(0);
    for (const { name } of DRIFT_FEATURES) if (name !== 'calls') expect(values[name], name).toBeNaN();
    const silent = newTally();
    tallyCall(silent, call(0, { argBytes: null, textCharsThisTurn: null }), false);
    expect(named(taskValues(silent))).toMatchObject({ text_beside_calls: Number.NaN, text_share: Number.NaN, arguments: Number.NaN });
  });

  it('take a call without a turn for a turn of its own', () => {
    const tally = newTally();
    for (let i = 0; i < 3; i++) tallyCall(tally, call(null), false);
    expect(named(taskValues(tally))).toMatchObject({ calls_per_turn: 0, widest_turn: 0 });
  });

  it('are the same after a stored tally goes on', () => {
    const calls = fc.array(fc.record({ turn: fc.nat(3), ok: fc.boolean(), argBytes: fc.nat(99), textCharsThisTurn: fc.nat(99) }));
    fc.assert(
      fc.property(calls, fc.nat(20), (all, at) => {
        const [whole, first] = [newTally(), newTally()];
        for (const one of all) tallyCall(whole, one, false);
        for (const one of all.slice(0, at)) tallyCall(first, one, false);
        const second = decodeTally(JSON.parse(JSON.stringify(encodeTally(first))) as (number | null)[]);
        for (const one of all.slice(at)) tallyCall(second, one, false);
        expect(second).toEqual(whole);
      }),
    );
  });
});
