import { describe, expect, it } from 'vitest';
import { generateMixedThreat, goalReached, INTENSITIES, type MixedThreatOptions, SIMULATED_THREATS } from './index.ts';

const EXAMPLE = { seed: 'mixed', threat: 'data_exfiltration', intensity: 'moderate' } as const;

describe('a mixed threat', () => {
  it('is one session of one agent, normal up to the onset and attacked after it', () => {
    const { events, truth, onsetMs, agent } = generateMixedThreat(EXAMPLE);
    expect(new Set(events.map((event) => event.agent))).toEqual(new Set([agent.id]));
    expect(new Set(events.flatMap((event) => event.session ?? []))).toEqual(new Set([`${agent.id}.s0`]));
    expect(truth.length).toBeGreaterThan(0);
    expect(Math.min(...truth.map((line) => line.startMs))).toBe(onsetMs);
    const started = events.flatMap((event) =>
      event.type === 'argus.agent.lifecycle.v1' && event.data.kind === 'task_started' ? [event.timeMs] : [],
    );
    expect(started.filter((timeMs) => timeMs < onsetMs).length).toBeGreaterThanOrEqual(12);
    expect(started.length).toBe(24);
  });

  it('reaches its goal, whatever the threat and however hidden', () => {
    for (const threat of SIMULATED_THREATS)
      for (const intensity of INTENSITIES) {
        const { campaign, truth } = generateMixedThreat({ seed: 3, threat, intensity });
        expect({ threat, intensity, reached: goalReached(campaign) }).toEqual({ threat, intensity, reached: true });
        expect(truth.every((line) => line.threat === threat && line.intensity === intensity)).toBe(true);
      }
  });

  it('is fixed by its seed', () => {
    const first = generateMixedThreat(EXAMPLE);
    expect(generateMixedThreat(EXAMPLE)).toEqual(first);
    expect(generateMixedThreat({ ...EXAMPLE, seed: 'other' }).events).not.toEqual(first.events);
  });

  it('begins where it is told to', () => {
    const tasksBefore = (onset: number): number => generateMixedThreat({ ...EXAMPLE, tasks: 40, onset }).campaign.hostTasks[0];
    expect([0.1, 0.25, 0.9].map(tasksBefore)).toEqual([4, 10, 36]);
    expect(generateMixedThreat({ ...EXAMPLE, role: 'operations' }).agent.role).toBe('operations');
  });

  it('refuses what it does not know', () => {
    const refused = (more: object): string => {
      try {
        generateMixedThreat({ ...EXAMPLE, ...more } satisfies MixedThreatOptions);
        return 'accepted';
      } catch (error) {
        return error instanceof RangeError ? error.message : String(error);
      }
    };
    expect(refused({ tasks: 2 })).toBe('expected a whole `tasks` from 4 to 500, found 2');
    expect(refused({ onset: 1 })).toBe('expected `onset` from 0.1 to 0.9, found 1');
    expect(refused({ threat: 'boredom' })).toMatch(/^expected `threat` among .* found `boredom`$/);
    expect(refused({ intensity: 'loud' })).toMatch(/^expected `intensity` among .* found `loud`$/);
    expect(refused({ role: 'king' })).toMatch(/^expected `role` among .* found `king`$/);
    expect(refused({ day: 1 })).toBe('expected an option of a mixed threat, found `day`');
  });
});
