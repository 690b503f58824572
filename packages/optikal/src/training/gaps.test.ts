import { createRandom } from '@optikal/ml';
import { expect, it } from 'vitest';
import { planesOf } from '../detection/ensemble/planes.ts';
import { CALL_COLUMNS } from '../detection/features/calls.ts';
import { callWithout, windowWithout, withGaps } from './gaps.ts';
import type { Labelled } from './rows.ts';
import { callRowOf, sampleOf } from './test-support/samples.ts';

const whole = { calls: 2, api_calls_per_min: 4, side_effect_share: 0.5, values_from_output: 1, injection_max: 3, checked: 1, decisions: 1 };
const rowOf = (columns: Readonly<Record<string, number>>) => sampleOf({}, columns).row;

it('copies of a window lack at least one plane, each of them in turn, and keep at least one', () => {
  const random = createRandom('w');
  const found = Array.from({ length: 600 }, () => windowWithout(rowOf(whole), random)).flatMap((row) =>
    row === null ? [] : [planesOf(row)],
  );
  const seen = new Set(found.map((planes) => JSON.stringify(planes)));
  expect(seen.size).toBe(8); // seven of provenance, content and authority, and one without behaviour
  expect(found.length).toBeLessThan(600); // some windows are not copied
  for (const planes of found) expect(Object.values(planes).filter(Boolean).length % 4).toBeGreaterThan(0);
});

it('what has one plane only is not copied', () => {
  const random = createRandom('w');
  expect(windowWithout(rowOf({ calls: 1, api_calls_per_min: 2 }), random)).toBeNull();
  expect(windowWithout(rowOf({ checked: 1, injection_max: 1 }), random)).toBeNull();
  expect(callWithout(callRowOf({ call_side_effect: 1 }), random)).toBeNull();
});

it('a copy of a call lacks what was known of its arguments, of texts, or of the policy', () => {
  const call = callRowOf({ call_side_effect: 1, call_values_from_output: 2, call_injection: 3, call_denied: 0 });
  const random = createRandom('c');
  const copies = Array.from({ length: 200 }, () => callWithout(call, random)).filter((copy) => copy !== null);
  const at = ['call_values_from_output', 'call_injection', 'call_denied'].map((name) => CALL_COLUMNS.at(name));
  expect(new Set(copies.map((copy) => at.map((i) => Number.isNaN(copy[i]!)).join())).size).toBe(7);
  for (const copy of copies) expect(copy[CALL_COLUMNS.at('call_side_effect')]).toBe(1);
});

it('attacks are copied, and quiet rows up to a limit, which count for the rest', () => {
  const rows = Array.from({ length: 9010 }, (_, i): Labelled => ({ row: rowOf(whole), label: i < 10 ? 1 : 0 }));
  const found = withGaps(rows, (row) => row, 's');
  expect(found.slice(0, rows.length)).toEqual(rows);
  const copies = found.slice(rows.length);
  expect(copies.filter(({ label }) => label === 1)).toHaveLength(10);
  const quiet = copies.filter(({ label }) => label === 0);
  expect(quiet).toHaveLength(3000);
  expect(quiet.reduce((sum, { weight }) => sum + weight!, 0)).toBe(9000);
  expect(withGaps(rows, windowWithout, 's')).toEqual(withGaps(rows, windowWithout, 's'));
});
