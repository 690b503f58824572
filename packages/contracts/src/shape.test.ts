import fc from 'fast-check';
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { describe, expect, test } from 'vitest';
import { EVENT_SCHEMAS, type EventType } from './messages.ts';
import { compileShape } from './shape.ts';
import { LIFECYCLES, TYPES, wire } from './test-support/messages.ts';

const compiled = new Map(
  TYPES.map((type) => [type, { validator: Compile(EVENT_SCHEMAS[type]), shape: compileShape(EVENT_SCHEMAS[type]) }]),
);
const sample = fc.oneof(
  fc.constantFrom(...TYPES).map((type) => [type, wire(type).data] as const),
  fc.constantFrom(...LIFECYCLES).map((data) => ['argus.agent.lifecycle.v1', structuredClone<Record<string, unknown>>(data)] as const),
);

/** Every object and array inside of a value, itself included. */
function holders(value: unknown): Record<string, unknown>[] {
  if (typeof value !== 'object' || value === null) return [];
  return [value as Record<string, unknown>, ...Object.values(value).flatMap(holders)]; // arrays have keys too
}

function moveToEnd(place: Record<string, unknown>, field: number): void {
  const keys = Object.keys(place);
  if (keys.length === 0) return;
  const key = keys[field % keys.length];
  const value = place[key];
  delete place[key];
  place[key] = value;
}

describe('a compiled shape', () => {
  test('cleans as the library does, and counts what it drops', () => {
    fc.assert(
      fc.property(
        sample,
        fc.array(fc.tuple(fc.nat(), fc.constantFrom('extra', 'more', '__x'), fc.jsonValue()), { maxLength: 4 }),
        ([type, data], additions) => {
          const places = holders(data).filter((place) => !Array.isArray(place));
          for (const [i, name, value] of additions) places[i % places.length][name] = value;
          const added = places.reduce((sum, place) => sum + ['extra', 'more', '__x'].filter((name) => name in place).length, 0);
          const { validator, shape } = compiled.get(type)!;
          const tally = { dropped: 0 };
          const before = JSON.stringify(data);
          expect(shape.clean(data, tally)).toEqual(validator.Clean(structuredClone(data)));
          expect(tally.dropped).toBe(added);
          expect(JSON.stringify(data)).toBe(before);
        },
      ),
      { numRuns: 500, seed: 7 },
    );
  });

  test('gives equal messages equal bytes, whatever the order of their fields, and copies only what it must', () => {
    let kept = 0;
    fc.assert(
      fc.property(sample, fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 6 }), fc.boolean(), ([type, given], swaps, foreign) => {
        const { shape } = compiled.get(type)!;
        const inOrder = JSON.stringify(shape.clean(structuredClone(given), { dropped: 0 }));
        const data = JSON.parse(inOrder) as Record<string, unknown>; // data of a message is an object
        const places = holders(data).filter((place) => !Array.isArray(place));
        for (const [place, field] of swaps) moveToEnd(places[place % places.length], field);
        if (foreign) places.at(-1)!.extra = 1;
        const tally = { dropped: 0 };
        const cleaned = shape.clean(data, tally);
        expect(JSON.stringify(cleaned)).toBe(inOrder);
        expect(tally.dropped).toBe(foreign ? 1 : 0);
        if (cleaned === data) kept++;
        else expect(JSON.stringify(data)).not.toBe(inOrder); // a copy was needed
      }),
      { numRuns: 500, seed: 7 },
    );
    expect(kept).toBeGreaterThan(50);
  });

  test('finds a problem exactly where the library refuses', () => {
    let refusals = 0;
    fc.assert(
      fc.property(
        sample,
        fc.nat(),
        fc.nat(),
        fc.option(fc.jsonValue({ maxDepth: 1 }), { nil: undefined }),
        ([type, data], place, field, value) => {
          const places = holders(data);
          const at = places[place % places.length];
          const keys = Object.keys(at);
          if (keys.length > 0) {
            const key = keys[field % keys.length];
            if (value === undefined && !Array.isArray(at)) delete at[key];
            else at[key] = value ?? null;
          }
          const { validator, shape } = compiled.get(type)!;
          const accepts = validator.Check(data);
          if (!accepts) refusals++;
          expect(shape.problem(data, '/data') === null).toBe(accepts);
        },
      ),
      { numRuns: 3000, seed: 11 },
    );
    expect(refusals).toBeGreaterThan(1000);
  });

  test.each([
    ['argus.agent.metrics.v1', { calls: 'none' }, '/data/calls', 'expected an array, found a string of 4 characters'],
    ['argus.agent.metrics.v1', { tokensIn: 1.5 }, '/data/tokensIn', 'expected an integer from 0 to 9007199254740991, found 1.5'],
    ['argus.agent.metrics.v1', { metrics: [] }, '/data/metrics', 'expected an object, found an array'],
    [
      'argus.io.validation.v1',
      { verdict: 'maybe' },
      '/data/verdict',
      'expected one of allow, redact, block, found a string of 5 characters',
    ],
    ['argus.io.validation.v1', { findings: [{ score: 1 }] }, '/data/findings/0/kind', 'expected the field, found nothing'],
    [
      'argus.io.validation.v1',
      { findings: Array.from({ length: 257 }, () => ({})) },
      '/data/findings',
      'expected at most 256 items, found 257',
    ],
    [
      'argus.policy.decisions.v1',
      { principal: {} },
      '/data/principal',
      'expected a string of 1 to 256 characters of the published form, found an object',
    ],
  ] as const)('of %s says what it expected and found', (type: EventType, change, field, message) => {
    const data = { ...wire(type).data, ...change };
    expect(compiled.get(type)!.shape.problem(data, '/data')).toEqual({ field, message });
  });

  test('refuses to compile what it does not know', () => {
    expect(() => compileShape(Type.Unknown())).toThrow('unknown kind');
    expect(() => compileShape(Type.Union([Type.String(), Type.Number()]))).toThrow('without a constant field');
  });
});
