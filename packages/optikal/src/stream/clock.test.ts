import type { ModelEpoch } from '@optikal/contracts';
import { describe, expect, it } from 'vitest';
import { control, epochAt, isQuarantined, newPartitionClock, tick } from './clock.ts';

const epoch = (effectiveFromMs: number, threshold: number): ModelEpoch => ({
  kind: 'model_epoch',
  bundle: 'a'.repeat(64),
  threshold,
  backend: 'local',
  effectiveFromMs,
});

describe('the log clock', () => {
  it('is moved by a later tick and by nothing else', () => {
    const clock = newPartitionClock();
    expect(tick(clock, 1000)).toBe(true);
    expect(tick(clock, 1000)).toBe(false);
    expect(tick(clock, 999)).toBe(false);
    expect(tick(clock, Number.NaN)).toBe(false);
    control(clock, epoch(5000, 1));
    expect(clock.clockMs).toBe(1000);
  });
});

describe('epochs', () => {
  it('are in force from their event time, whatever the order in which they were read', () => {
    const clock = newPartitionClock();
    for (const record of [epoch(200, 2), epoch(100, 1), epoch(300, 3)]) control(clock, record);
    expect([99, 100, 199, 200, 299, 300, 9999].map((ms) => epochAt(clock, ms)?.threshold ?? null)).toEqual([null, 1, 1, 2, 2, 3, 3]);
  });

  it('of the same event time: the one read last counts', () => {
    const clock = newPartitionClock();
    for (const record of [epoch(100, 1), epoch(200, 9), epoch(100, 2)]) control(clock, record);
    expect(epochAt(clock, 150)?.threshold).toBe(2);
    expect(epochAt(clock, 200)?.threshold).toBe(9);
  });
});

describe('a quarantine', () => {
  it('covers its agent of its tenant from its first to before its last millisecond', () => {
    const clock = newPartitionClock();
    control(clock, { kind: 'quarantine', tenant: 't', agent: 'a', fromMs: 100, untilMs: 200, reason: 'test' });
    expect([99, 100, 199, 200].map((ms) => isQuarantined(clock, 't', 'a', ms))).toEqual([false, true, true, false]);
    expect(isQuarantined(clock, 't', 'b', 150)).toBe(false);
    expect(isQuarantined(clock, 'u', 'a', 150)).toBe(false);
    expect(epochAt(clock, 150)).toBeNull();
  });
});
