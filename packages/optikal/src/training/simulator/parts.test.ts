/** The small parts: chains, order of merging, goals, daily profile, hostile texts in the gateway's eyes. */
import type { Event } from '@optikal/contracts';
import { createRandom } from '@optikal/ml';
import { describe, expect, it } from 'vitest';
import type { Campaign } from './campaign.ts';
import { goalProgress, goalReached } from './campaign.ts';
import { attackOrdinal } from './campaign-plan.ts';
import { parseFlow, walkFlow } from './flow.ts';
import { judgeOutput } from './gateway.ts';
import { mergeByTime } from './merge.ts';
import { resolveFleetOptions } from './options.ts';
import { ROLES } from './roles.ts';
import { activityLevel } from './schedule.ts';
import { planCall } from './task-plan.ts';
import { SIMULATED_TOOLS, toolNamed, toolsYaml } from './tools.ts';

const campaign = (changes: Partial<Campaign>): Campaign => ({
  name: 'c',
  template: 't',
  agent: 'a',
  threat: 'data_exfiltration',
  intensity: 'moderate',
  startMs: 0,
  hostTasks: [0],
  exposed: false,
  textLogit: 0,
  destination: 7,
  goal: { kind: 'bytes_out', bytes: 100 },
  calls: [],
  ...changes,
});
const call = (changes: Partial<Campaign['calls'][number]>): Campaign['calls'][number] => ({
  callId: 'c0',
  taskId: 't0',
  timeMs: 0,
  tool: 'send_email',
  effect: 'write',
  ok: true,
  argBytes: 60,
  destination: 7,
  gain: null,
  ...changes,
});

describe('a goal', () => {
  it('in bytes counts what reached the attacker', () => {
    expect(goalProgress(campaign({ calls: [call({}), call({ ok: false }), call({ destination: 8 }), call({ destination: null })] }))).toBe(
      0.6,
    );
    expect(goalReached(campaign({ calls: [call({}), call({ argBytes: 40 })] }))).toBe(true);
  });

  it('in actions counts what was carried out, in consumption everything', () => {
    const calls = [call({}), call({ ok: false })];
    expect(goalProgress(campaign({ goal: { kind: 'actions', count: 4 }, calls }))).toBe(0.25);
    expect(goalProgress(campaign({ goal: { kind: 'consumption', calls: 4 }, calls }))).toBe(0.5);
  });

  it('in money counts what reached the attacker', () => {
    const pay = (amount: number, destination = 7) => call({ gain: { kind: 'money', amount }, destination });
    const goal = { kind: 'money', amount: 500 } as const;
    expect(goalProgress(campaign({ goal, calls: [pay(200), pay(900, 8), call({})] }))).toBe(0.4);
    expect(goalReached(campaign({ goal, calls: [pay(200), pay(300)] }))).toBe(true);
  });

  it('in credentials counts no use of one that was not collected before', () => {
    const use = call({ gain: { kind: 'use', secret: 1 } });
    const find = call({ gain: { kind: 'secret', secret: 1 } });
    const goal = { kind: 'credential_uses', count: 2 } as const;
    expect(goalProgress(campaign({ goal, calls: [use, find, use] }))).toBe(0.5);
    expect(goalProgress(campaign({ goal, calls: [{ ...find, ok: false }, use, use] }))).toBe(0);
    expect(goalReached(campaign({ goal, calls: [find, use, use] }))).toBe(true);
  });

  it('in privilege is climbed step by step', () => {
    const grant = (level: number) => call({ gain: { kind: 'grant', level } });
    const goal = { kind: 'privilege', level: 3 } as const;
    expect(goalProgress(campaign({ goal, calls: [grant(1), grant(3), grant(3)] }))).toBeCloseTo(1 / 3);
    expect(goalProgress(campaign({ goal, calls: [grant(1), { ...grant(2), ok: false }, grant(3)] }))).toBeCloseTo(1 / 3);
    expect(goalReached(campaign({ goal, calls: [grant(1), grant(2), grant(3)] }))).toBe(true);
  });

  it('in drift is a share of the tasks from the onset on', () => {
    const goal = { kind: 'drift', share: 0.5, of: 4 } as const;
    expect(goalProgress(campaign({ goal, calls: [call({}), call({})] }))).toBe(0.5);
    expect(goalReached(campaign({ goal, calls: [call({}), call({ taskId: 't2' })] }))).toBe(true);
  });
});

describe('a flow', () => {
  const flow = parseFlow('get_ticket > search_kb:3 . | search_kb > reply_ticket');
  it('reads its rules', () => {
    expect(flow.tools.map((tool) => tool.name)).toEqual(['get_ticket', 'search_kb', 'reply_ticket']);
    expect(flow.next.get(toolNamed('get_ticket'))).toEqual([
      { weight: 3, tool: toolNamed('search_kb') },
      { weight: 1, tool: null },
    ]);
  });

  it('is walked with its weights and within its limit', () => {
    const random = createRandom(1);
    const lengths = Array.from({ length: 2000 }, () => walkFlow(flow, random, 24).length);
    expect(new Set(lengths)).toEqual(new Set([1, 3]));
    expect(lengths.filter((length) => length === 3).length / 2000).toBeCloseTo(0.75, 1);
    expect(walkFlow(parseFlow('read_file > read_file'), random, 5)).toHaveLength(5);
  });

  it('refuses a tool that nobody has', () => {
    expect(() => parseFlow('get_ticket > fly')).toThrow('expected a simulated tool, found `fly`');
  });
});

describe('a role', () => {
  it('has work, ways to be deceived and ways out', () => {
    expect(ROLES.length).toBeGreaterThanOrEqual(6);
    for (const role of ROLES) {
      expect(role.tools.length).toBeGreaterThanOrEqual(8);
      expect(role.untrusted.length).toBeGreaterThan(0);
      expect(role.reads.length).toBeGreaterThan(1);
      for (const tool of role.outward) expect(role.tools).toContain(tool);
      // Every signature of an attack has its benign look-alike.
      expect(new Set(role.kinds.map((kind) => kind.style))).toEqual(new Set(['usual', 'runbook', 'export', 'contact', 'batch']));
      for (const kind of role.kinds) for (const tool of kind.asked) expect(role.tools).toContain(tool);
    }
  });

  it('leaves no tool without a user', () => {
    const used = new Set(ROLES.flatMap((role) => role.tools));
    expect(SIMULATED_TOOLS.filter((tool) => !used.has(tool)).map((tool) => tool.name)).toEqual([]);
    expect(toolsYaml()).toContain('  - name: get_ticket\n    effect: read\n    kind: api\n    untrusted: true\n');
  });
});

describe('merging', () => {
  it('goes by time, then by stream, and keeps the order within a stream', () => {
    const stream = (...times: number[]) => times.map((timeMs, i) => ({ timeMs, id: `${times[0]}-${i}` }) as unknown as Event).values();
    const merged = [...mergeByTime([stream(3, 5, 5, 9), stream(), stream(1, 5), stream(2, 3)])];
    expect(merged.map((event) => event.id)).toEqual(['1-0', '2-0', '3-0', '2-1', '3-1', '3-2', '1-1', '3-3']);
  });
});

describe('the day', () => {
  const monday = Date.UTC(2026, 0, 5);
  it('has its hours and its weekend', () => {
    expect(activityLevel('office', monday + 10 * 3_600_000)).toBe(1);
    expect(activityLevel('office', monday + 3 * 3_600_000)).toBeCloseTo(0.01);
    expect(activityLevel('night', monday + 2 * 3_600_000)).toBe(1);
    expect(activityLevel('office', monday + (5 * 24 + 10) * 3_600_000)).toBeCloseTo(0.05);
  });
});

describe('the choice of victims', () => {
  it('counts them without gaps and takes the wanted share of each block', () => {
    const options = resolveFleetOptions({ agents: 80, days: 1, seed: 5, attackedShare: 0.25 });
    const ordinals = Array.from({ length: 80 }, (_, index) => attackOrdinal(index, options)).filter((ordinal) => ordinal >= 0);
    expect(ordinals.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });
});

describe('the gateway', () => {
  const random = createRandom(3);
  it('gives a page the same score again', () => {
    const page = planCall(toolNamed('get_ticket'), random, 0);
    expect(judgeOutput(page, 99, 'c1', 't').score).toBe(judgeOutput(page, 99, 'c2', 't').score);
  });

  it('seldom flags a harmless page, and reports what it is sure of', () => {
    const page = planCall(toolNamed('fetch_url'), random, 0);
    const flagged = Array.from({ length: 20_000 }, (_, i) => judgeOutput(page, i, 'c', 't')).filter((verdict) => verdict.flagged).length;
    expect(flagged / 20_000).toBeGreaterThan(0.002);
    expect(flagged / 20_000).toBeLessThan(0.015);
    const hostile = { ...page, hostile: { logit: 4, campaign: { name: 'c', threat: 'prompt_injection', intensity: 'blatant' } } } as const;
    expect(judgeOutput(hostile, 1, 'c', 't')).toMatchObject({
      flagged: true,
      violations: [{ kind: 'prompt_injection', severity: 'high' }],
    });
  });
});
