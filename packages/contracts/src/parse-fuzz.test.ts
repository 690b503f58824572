/** Whatever comes, parsing answers: an event that survives its own round trip, or a code of the closed list. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EVENT_ERRORS } from './errors.ts';
import { toCloudEvent } from './event.ts';
import { parseEventText } from './parse.ts';
import { LIFECYCLES, TYPES, wire } from './test-support/messages.ts';

const RUNS = 10_000;
const PAST_ENVELOPE = new Set(['ok', 'metric_out_of_range', 'too_many_calls', 'data_invalid']);

const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom(null, '', 0, -1, 1e308, 1.5, '\u0000', '\ud800', [], {}, '2026-02-30T00:00:00Z', 'acme|x', 'x'.repeat(300)),
);
const message = fc.oneof(
  fc.constantFrom(...TYPES).map((type) => wire(type)),
  fc.constantFrom(...LIFECYCLES).map((data) => wire('argus.agent.lifecycle.v1', { data })),
);

/** A message with one place replaced, removed or joined by a foreign field; `inData` keeps the envelope whole. */
const mutant = (inData: boolean): fc.Arbitrary<string> =>
  fc
    .tuple(message, fc.array(fc.nat(30), { minLength: 1, maxLength: 5 }), anything, fc.constantFrom('replace', 'remove', 'join'))
    .map(([whole, path, value, how]) => {
      let at: Record<string, unknown> = inData ? whole.data : whole;
      let key = '';
      for (const step of path) {
        const keys = Object.keys(at);
        if (keys.length === 0) break;
        key = keys[step % keys.length];
        const next = at[key];
        if (typeof next !== 'object' || next === null) break;
        if (step !== path.at(-1)) at = next as Record<string, unknown>; // an object or an array, both have keys
      }
      if (how === 'remove') delete at[key];
      else at[how === 'join' ? '__proto__x' : key] = value;
      return JSON.stringify(whole);
    });

const line = fc.oneof(
  { weight: 5, arbitrary: mutant(true) },
  { weight: 3, arbitrary: mutant(false) },
  { weight: 2, arbitrary: anything.map((value) => JSON.stringify(value)) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
  { weight: 1, arbitrary: fc.tuple(mutant(false), fc.nat(2000)).map(([text, at]) => text.slice(0, at)) },
  {
    weight: 1,
    arbitrary: fc.tuple(mutant(false), fc.nat(2000), fc.string()).map(([text, at, noise]) => text.slice(0, at) + noise + text.slice(at)),
  },
);

test(`parsing ${RUNS} fuzzed messages never throws, and what it takes survives a round trip`, () => {
  const seen = { valid: 0, past: 0, ok: 0 };
  fc.assert(
    fc.property(line, (text) => {
      const result = parseEventText(text);
      if (isJson(text)) seen.valid++;
      if (PAST_ENVELOPE.has(result.ok ? 'ok' : result.error.code)) seen.past++;
      if (!result.ok) {
        expect(EVENT_ERRORS).toHaveProperty(result.error.code);
        return;
      }
      seen.ok++;
      const again = parseEventText(JSON.stringify(toCloudEvent(result.event)));
      expect(again).toEqual({ ok: true, event: result.event, unknownFields: 0 });
    }),
    { numRuns: RUNS, seed: 20_261_124 },
  );
  const share = (count: number): string => `${((100 * count) / RUNS).toFixed(0)} %`;
  console.info(`fuzzed messages: ${share(seen.valid)} valid JSON, ${share(seen.past)} past the envelope, ${share(seen.ok)} taken`);
  expect(seen.valid / RUNS).toBeGreaterThanOrEqual(0.5);
  expect(seen.past / RUNS).toBeGreaterThanOrEqual(0.2);
  expect(seen.ok / RUNS).toBeGreaterThanOrEqual(0.05);
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
