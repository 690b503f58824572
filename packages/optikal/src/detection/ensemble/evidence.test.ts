import { describe, expect, it } from 'vitest';
import { fleetViews } from '../fleet.ts';
import { newProfile } from '../profile.ts';
import { fittedBundle, linearScorer, SNAPSHOT } from '../test-support/bundles.ts';
import { callOf, callsOf, decisionOf, ended, verdictOf } from '../test-support/events.ts';
import { look, pass } from '../test-support/windows.ts';
import { callReasons, evidenceOf } from './evidence.ts';

const BUNDLE = fittedBundle();
const sideEffects = {
  ...BUNDLE,
  bases: [
    {
      name: 'c',
      on: 'call' as const,
      scorer: linearScorer('call1', (name) => (name === 'call_values_from_output' ? 1 : 0)),
      mean: 1,
      sd: 2,
    },
  ],
};

describe('the evidence of an alert', () => {
  it('is the six calls with the highest score, in order of time', () => {
    const analysis = look([
      callsOf(Array.from({ length: 9 }, (_, i) => callOf(i, 'send', { callId: `c${i}`, provenance: { valuesOut: (i * 5) % 9 } }))),
    ]);
    const found = evidenceOf(sideEffects, analysis.facts.calls, analysis);
    expect(found.map(({ callId, score }) => [callId, score])).toEqual([
      ['c1', 2],
      ['c3', 2.5],
      ['c5', 3],
      ['c6', 1],
      ['c7', 3.5],
      ['c8', 1.5],
    ]);
  });

  it('has no scores where the bundle has no call base', () => {
    const analysis = look([callsOf([callOf(0, 'send', { taskId: null })])]);
    expect(evidenceOf({ ...BUNDLE, bases: [] }, analysis.facts.calls, analysis)).toMatchObject([
      { score: null, taskId: null, tool: 'send', effect: 'write', ok: true },
    ]);
  });
});

describe('the reasons of a call', () => {
  it('are plain facts, most telling first', () => {
    const { facts } = look([
      callsOf([
        callOf(0, 'read', { turn: 0, callId: 'a' }),
        callOf(10, 'send', { turn: 1, callId: 'b', ok: false, provenance: { destOut: 1, valuesOut: 2, valuesFlagged: 1, requested: 0 } }),
      ]),
      verdictOf(1, { callId: 'a', score: 0.9 }),
      decisionOf(9, { callId: 'b', decision: 'forbid' }),
    ]);
    expect(callReasons(facts.calls[1]!)).toEqual(
      [
        'after reading a flagged output',
        'destination taken from an output',
        'forbidden by policy',
        'value from a flagged output',
        'values taken from outputs',
        'not asked for',
        'failed',
      ].map((text, i) => (i === 1 || i === 3 ? `1 ${text}` : i === 4 ? `2 ${text}` : text)),
    );
    expect(callReasons(facts.calls[0]!)).toEqual([]);
  });

  it('tell of repeats, novelty and rare steps', () => {
    const profile = newProfile();
    pass(profile, [callsOf([callOf(0, 'read', { taskId: '0' })]), ended(1, '0')]);
    const { facts } = look(
      [
        callsOf(Array.from({ length: 4 }, (_, i) => callOf(60_000 + i, 'read', { argHmac: 'aaaaaaaa' }))),
        callsOf([callOf(61_000, 'fetch', { provenance: { destNew: 2, destOut: 0 } }), callOf(61_001, 'pay', {})]),
      ],
      { profile, fleetOf: fleetViews(SNAPSHOT) },
    );
    expect(callReasons(facts.calls[3]!)).toEqual(['the same call 4 times']);
    expect(callReasons(facts.calls[4]!)).toEqual(['2 destinations new to the agent', 'a tool new to the agent']);
  });
});
