import { describe, expect, it } from 'vitest';
import { copyProfile, newProfile } from './profile.ts';
import { callOf, callsOf, deployed, metricsOf, verdictOf } from './test-support/events.ts';
import { pass } from './test-support/windows.ts';

const MINUTE = 60_000;

describe('a copy of what the detector remembers', () => {
  it('can be moved on without a trace in the original', () => {
    const profile = newProfile();
    const window = (at: number) => [
      metricsOf(at, { cpu_usage_percent: 5 }),
      callsOf([callOf(at, 'read', { turn: at, argHmac: 'aaaaaaaa' }), callOf(at + 1, 'read', { turn: at, argHmac: 'aaaaaaaa' })]),
      callsOf([callOf(at + 2, 'send', { taskId: 'b' })]),
      verdictOf(at + 3, { callId: 'not yet here', score: 0.9 }),
    ];
    pass(profile, window(0));
    pass(profile, [callsOf([callOf(MINUTE, 'read', { taskId: 'done' })]), deployed(MINUTE, '1')]);
    const before = structuredClone(profile);
    const copy = copyProfile(profile);
    expect(copy).toEqual(before);
    pass(copy, window(2 * MINUTE));
    pass(copy, [deployed(3 * MINUTE, '2', 'other'), ...window(3 * MINUTE)], true);
    pass(copy, [...window(60 * MINUTE)]);
    expect(copy).not.toEqual(before);
    expect(profile).toEqual(before);
  });
});
