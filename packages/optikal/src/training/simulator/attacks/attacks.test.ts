/** What makes an attack slow, or a mimic: held on campaigns of a fleet, which are all that a detector will ever see of them. */
import { THREATS } from '@optikal/contracts';
import { createRandom } from '@optikal/ml';
import { describe, expect, it } from 'vitest';
import { simulateFleet } from '../index.ts';
import { ROLES } from '../roles.ts';
import { planTask } from '../task-plan.ts';
import { toolNamed } from '../tools.ts';
import { type Manners, mannerOf } from './attack.ts';
import { ATTACKS, layAttempt } from './index.ts';

const HOUR_MS = 3_600_000;
const fleet = simulateFleet({ agents: 96, days: 1, seed: 'attacks', attackedShare: 1, campaignsPerAgent: 1 });
const roleOf = new Map(fleet.agents.map((agent) => [agent.id, ROLES.find((role) => role.name === agent.role)!]));
const at = (intensity: string) => fleet.campaigns.filter((campaign) => campaign.intensity === intensity);
const perTask = (calls: readonly { readonly taskId: string }[]): number => calls.length / new Set(calls.map(({ taskId }) => taskId)).size;
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1];

describe('a slow attack', () => {
  it('takes small steps over hours', () => {
    const slow = at('low_and_slow').filter(({ threat, hostTasks }) => threat !== 'behavioral_drift' && hostTasks.length >= 4);
    expect(slow.length).toBeGreaterThan(8);
    expect(median(slow.map(({ calls }) => calls.at(-1)!.timeMs - calls[0].timeMs))).toBeGreaterThan(3 * HOUR_MS);
    expect(median(slow.map(({ calls }) => perTask(calls)))).toBeLessThan(5);
  });
});

describe('a mimic', () => {
  it('uses no tool that is not the role’s, and names nobody but a close partner', () => {
    expect(at('mimicry').length).toBeGreaterThan(16);
    for (const { agent, calls, destination } of at('mimicry')) {
      const role = roleOf.get(agent)!;
      for (const call of calls) expect(role.tools).toContain(toolNamed(call.tool));
      expect(destination).toBeLessThan(8);
    }
  });

  it('takes tools about as often as its agent does', () => {
    const events = [...fleet.events()];
    const mimics = new Map(at('mimicry').map((campaign) => [campaign.agent, campaign]));
    const shareOfSide = (calls: readonly { readonly effect?: string | null }[]): number =>
      calls.filter(({ effect }) => effect !== 'read' && effect !== 'unknown').length / calls.length;
    const own = events.flatMap((event) =>
      event.type === 'argus.agent.metrics.v1' && mimics.has(event.agent) ? (event.data.calls ?? []) : [],
    );
    const acted = new Set([...mimics.values()].flatMap(({ calls }) => calls.map(({ callId }) => callId)));
    const usual = shareOfSide(own.filter(({ callId }) => !acted.has(callId)));
    expect(Math.abs(shareOfSide([...mimics.values()].flatMap(({ calls }) => calls)) - usual)).toBeLessThan(0.1);
  });
});

describe('a blatant attack', () => {
  it('takes many more calls than a moderate one', () => {
    const calls = (intensity: string): number => median(at(intensity).map((campaign) => campaign.calls.length));
    expect(calls('blatant')).toBeGreaterThan(1.5 * calls('moderate'));
  });
});

describe('a manner', () => {
  it('has the strength of its template at moderate only, and is bolder where it is told to be', () => {
    const of = { blatant: { a: 1, b: 1 }, moderate: { a: 2, b: 2 }, low_and_slow: { a: 3, b: 3 }, mimicry: { a: 4, b: 4 } };
    const manners: Manners<{ a: number; b: number }> = { of, traits: { loud: { a: 9 } }, bold: { b: 8 } };
    expect(mannerOf(manners, { intensity: 'moderate', template: 'loud' })).toEqual({ a: 9, b: 2 });
    expect(mannerOf(manners, { intensity: 'moderate', template: 'loud' }, true)).toEqual({ a: 9, b: 8 });
    expect(mannerOf(manners, { intensity: 'blatant', template: 'loud' }, true)).toEqual({ a: 1, b: 1 });
  });
});

describe('every threat', () => {
  it('has several templates in every role', () => {
    for (const threat of THREATS) for (const role of ROLES) expect(ATTACKS[threat].templates(role).length).toBeGreaterThanOrEqual(2);
  });
});

describe('a text that is ignored', () => {
  it('changes one output and no call', () => {
    const role = ROLES[0];
    const random = createRandom(1);
    const habits = { parallel: 0.2, textScale: 1, paceScale: 1, byteScale: 1 };
    const kind = role.kinds[0];
    const turns = planTask(kind, habits, random, 1);
    const text = { logit: 2, campaign: { name: 'c', threat: 'prompt_injection', intensity: 'blatant' } } as const;
    const laid = layAttempt(text, { role, kind, habits, turns, random, steady: random, taskSalt: 1, finished: [] });
    const calls = laid.turns.flatMap((turn) => turn.calls);
    expect(calls.filter(({ hostile }) => hostile !== null)).toHaveLength(1);
    expect(calls.every(({ campaign, pressed }) => campaign === null && !pressed)).toBe(true);
    expect(calls.map(({ tool }) => tool)).toEqual(turns.flatMap((turn) => turn.calls.map(({ tool }) => tool)));
  });
});
