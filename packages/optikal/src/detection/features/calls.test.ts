import { FEATURE_SETS } from '@optikal/contracts';
import { describe, expect, it } from 'vitest';
import { fleetViews } from '../fleet.ts';
import { newProfile } from '../profile.ts';
import { callOf, callsOf, decisionOf, ended, provenanceOf, verdictOf } from '../test-support/events.ts';
import { callFeature, contribution, fleetOf, look, pass } from '../test-support/windows.ts';

const FLEET = fleetViews(fleetOf(contribution('clerk', [['read', 'send']])));
const MINUTE = 60_000;

function window() {
  const profile = newProfile();
  pass(profile, [callsOf([callOf(0, 'read', { taskId: '0' })]), ended(1, '0')], false, FLEET);
  const calls = [
    callOf(MINUTE, 'read', { turn: 0, callId: 'a', argHmac: 'aaaaaaaa', outBytes: 9 }),
    callOf(MINUTE + 1000, 'send', { turn: 1, callId: 'b', argHmac: 'bbbbbbbb', ok: false, provenance: { valuesOut: 9 } }),
    callOf(MINUTE + 2000, 'send', { turn: 2, callId: 'c', argHmac: 'bbbbbbbb' }),
    callOf(MINUTE + 3000, 'mystery', { turn: 3, callId: 'd' }),
    callOf(MINUTE + 4000, 'grant', { turn: 4, callId: 'e' }),
  ];
  const told = {
    valuesOut: 2,
    valuesOutLatest: 1,
    destCount: 3,
    destOut: 1,
    destNew: 2,
    valuesFlagged: 1,
    wordsOutShare: 0.5,
    affinity: 0.25,
    requested: 0.125,
  };
  return look(
    [
      callsOf(calls),
      verdictOf(MINUTE + 1, { callId: 'a', score: 0.75 }),
      provenanceOf(MINUTE + 1001, 'b', told),
      decisionOf(MINUTE + 999, { callId: 'b', decision: 'forbid', riskScore: 0.5 }),
    ],
    { profile, fleetOf: FLEET },
  );
}

describe('call1', () => {
  it('has the values of the formulas', () => {
    const found = window();
    // Fleet: read 1, send 1, N 2, K 2, read>send 1, from read 1. Own: read 1, N 1, K 1, nothing from read.
    const worked: Record<string, number> = {
      call_side_effect: 1,
      call_account_or_money: 0,
      call_unknown: 0,
      call_failed: 1,
      call_role_surprise: -Math.log(1.5 / 13),
      call_role_order: -Math.log((1 + 2 * (1.5 / 13)) / 3),
      call_own_surprise: -Math.log(0.5 / 11.5),
      call_own_order: -Math.log(0.5 / 11.5),
      call_read_bytes_before: Math.log(10),
      call_reads_before: 1,
      call_side_effects_before: 0,
      call_repeats: 0,
      call_dest_count: 3,
      call_dest_from_output: 1,
      call_dest_new: 2,
      call_values_from_output: 2,
      call_values_from_latest: 1,
      call_values_flagged: 1,
      call_words_from_output: 0.5,
      call_affinity: 0.25,
      call_requested: 0.125,
      call_unrequested_side: 0.875,
      call_injection: Math.log(3),
      call_since_flagged: 1,
      call_denied: 1,
      call_risk: 0.5,
    };
    expect(Object.keys(worked)).toEqual(FEATURE_SETS.call1.map(({ name }) => name));
    for (const [name, value] of Object.entries(worked)) expect(callFeature(found, 1, name), name).toBeCloseTo(value, 12);
  });

  it('follows the calls of the task', () => {
    const found = window();
    const column = (name: string) => found.callRows.map((_, i) => callFeature(found, i, name));
    expect(column('call_repeats')).toEqual([0, 0, 1, 0, 0]);
    expect(column('call_side_effects_before')).toEqual([0, 0, 1, 2, 2]);
    expect(column('call_reads_before')).toEqual([0, 1, 1, 1, 2]);
    expect(column('call_unknown')).toEqual([0, 0, 0, 1, 0]);
    expect(column('call_account_or_money')).toEqual([0, 0, 0, 0, 1]);
    expect(column('call_side_effect')).toEqual([0, 1, 1, 0, 1]);
    expect(column('call_since_flagged')).toEqual([Number.NaN, 1, 1 / 2, 1 / 3, 1 / 4]);
  });

  it('does not know what nobody computed', () => {
    const found = look([callsOf([callOf(0, 'send')])]);
    const known = FEATURE_SETS.call1.filter((_, i) => !Number.isNaN(found.callRows[0]![i]!)).map(({ name }) => name);
    expect(known).toEqual([
      'call_side_effect',
      'call_account_or_money',
      'call_unknown',
      'call_failed',
      'call_read_bytes_before',
      'call_reads_before',
      'call_side_effects_before',
      'call_repeats',
    ]);
  });

  it('is close to nothing flagged where outputs were checked and clean', () => {
    const found = look([
      callsOf([callOf(0, 'read', { turn: 0 })]),
      verdictOf(1, { score: 0.01 }),
      callsOf([callOf(2, 'send', { turn: 1 })]),
    ]);
    expect(callFeature(found, 1, 'call_since_flagged')).toBe(0);
  });

  it('calls unrequested only a side effect with a value from an output', () => {
    const of = (tool: string, valuesOut: number | null, requested: number | null) =>
      callFeature(look([callsOf([callOf(0, tool, { provenance: { valuesOut, requested } })])]), 0, 'call_unrequested_side');
    expect([
      of('send', 1, 0.25),
      of('send', 0, 0.25),
      of('read', 1, 0.25),
      of('send', null, 0.25),
      of('send', 1, null),
      of('send', 0, null),
    ]).toEqual([0.75, 0, 0, Number.NaN, Number.NaN, 0]);
  });
});
