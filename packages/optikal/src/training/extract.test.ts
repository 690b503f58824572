import type { Event, Truth } from '@optikal/contracts';
import { describe, expect, it } from 'vitest';
import { tokenOf, toolSurprise } from '../detection/counts.ts';
import { CALL_COLUMNS } from '../detection/features/calls.ts';
import { viewWithout } from '../detection/fleet.ts';
import { callOf, callsOf, registered, TOOLS } from '../detection/test-support/events.ts';
import { resolveTools, toolLookup } from '../detection/tools/index.ts';
import { type ExtractOptions, extract } from './extract.ts';
import { indexTruth } from './labels.ts';
import { simulateFleet } from './simulator/index.ts';

const MINUTE_MS = 60_000;

/** Agents of one role; each works through `tools`, one call a minute. */
function fleet(agents: Readonly<Record<string, readonly string[]>>, role = 'clerk'): Event[] {
  const events = Object.entries(agents).flatMap(([agent, tools]) => [
    { ...registered(0, role), agent, id: `${agent}:r`, source: agent },
    ...tools.map((tool, i) => ({
      ...callsOf([callOf(i * MINUTE_MS + 1000, tool, { callId: `${agent}.${i}`, taskId: `${agent}:${i}` })]),
      agent,
      id: `${agent}:${i}`,
      source: agent,
    })),
  ]);
  return events.sort((a, b) => a.timeMs - b.timeMs);
}

const run = (events: readonly Event[], more: Partial<ExtractOptions> = {}) =>
  extract({ events: () => events, truth: null, tools: TOOLS, ...more });
const surprise = CALL_COLUMNS.at('call_role_surprise');
const ofAgent = (found: ReturnType<typeof extract>, agent: string) => found.dataset.samples.filter(({ key }) => key === `t|${agent}`);

describe('what an agent is compared with', () => {
  const agents = { a: ['pay', 'pay'], b: ['read', 'read', 'read'], c: ['read', 'send'] };

  it('leaves the agent itself out of its role: worked by hand', () => {
    const found = run(fleet(agents));
    // Others of a: read 4, send 1; N = 5, K = 2. pay was never seen: −ln(½ / (5 + ½(2 + 20))).
    expect(ofAgent(found, 'a')[0]!.callRows[0]![surprise]).toBeCloseTo(-Math.log(0.5 / 16), 12);
    // Others of b: pay 2, read 1, send 1.
    expect(ofAgent(found, 'b')[0]!.callRows[0]![surprise]).toBeCloseTo(-Math.log(1.5 / (4 + 11.5)), 12);
    expect(found.snapshot.roles.get('clerk')!.counts.total).toBe(7);
  });

  it('leaves out relatives too, and nobody else', () => {
    const found = run(fleet(agents), { relatives: (key) => (key === 't|a' ? ['t|b', 't|absent'] : []) });
    expect(ofAgent(found, 'a')[0]!.callRows[0]![surprise]).toBeCloseTo(-Math.log(0.5 / (2 + 11)), 12);
    expect(ofAgent(found, 'b')[0]!.callRows[0]![surprise]).toBeCloseTo(-Math.log(1.5 / 15.5), 12);
  });

  it('cannot be moved by what the agent does: more of its own calls, the same surprise', () => {
    const more = run(fleet({ ...agents, a: ['pay', ...Array.from({ length: 50 }, () => 'pay')] }));
    expect(ofAgent(more, 'a')[0]!.callRows[0]![surprise]).toBe(ofAgent(run(fleet(agents)), 'a')[0]!.callRows[0]![surprise]);
  });

  it('is the known snapshot for roles that it knows', () => {
    const known = run(fleet({ x: ['pay', 'pay', 'pay'] })).snapshot;
    const found = run(fleet(agents), { known });
    const { role } = viewWithout(known, 'clerk', []);
    expect(ofAgent(found, 'a')[0]!.callRows[0]![surprise]).toBe(toolSurprise(role!.counts, tokenOf('pay')));
    const unknown = run(fleet(agents, 'other'), { known });
    expect(ofAgent(unknown, 'a')[0]!.callRows[0]![surprise]).toBeCloseTo(-Math.log(0.5 / 16), 12);
  });

  it('is the whole fleet for an agent without others of its role', () => {
    const events = [...fleet({ a: ['pay'] }), ...fleet({ b: ['read', 'read'] }, 'other')].sort((x, y) => x.timeMs - y.timeMs);
    expect(ofAgent(run(events), 'a')[0]!.callRows[0]![surprise]).toBeCloseTo(-Math.log(0.5 / (2 + 10.5)), 12);
  });
});

describe('a simulated fleet', () => {
  const simulated = simulateFleet({ agents: 12, days: 0.2, seed: 'extract', attackedShare: 0.5 });
  const options: ExtractOptions = {
    events: () => simulated.events(),
    truth: indexTruth(simulated.truth),
    tools: toolLookup(resolveTools({})),
  };
  const found = extract(options);

  it('gives the same rows twice', () => {
    expect(extract(options)).toEqual(found);
  });

  it('gives the same rows whether its windows are held or its events are read twice', () => {
    let reads = 0;
    const counted = {
      ...options,
      events: () => {
        reads++;
        return simulated.events();
      },
    };
    expect(extract({ ...counted, heldEvents: 0 })).toEqual(found);
    expect(reads).toBe(2);
    // The limit may be passed in the middle of the log.
    expect(extract({ ...options, heldEvents: 200 })).toEqual(found);
    reads = 0;
    expect(extract(counted)).toEqual(found);
    expect(reads).toBe(1);
  });

  it('labels windows and calls alike: a marked call only in an acted window', () => {
    const acted = found.dataset.samples.filter(({ label }) => label === 2);
    expect(acted.length).toBeGreaterThan(3);
    for (const sample of found.dataset.samples) {
      expect(sample.callLabels).toHaveLength(sample.callRows.length);
      if (sample.callLabels.includes(1)) expect(sample.label).toBe(2);
    }
    expect(found.dataset).toMatchObject({ agents: 12, labelled: true });
    expect(found.dataset.days).toBeGreaterThan(0.15);
    expect(found.dataset.days).toBeLessThan(0.3);
  });

  it('does not look at labels: without them the rows are the same', () => {
    const blind = extract({ ...options, truth: null });
    expect(blind.snapshot).toEqual(found.snapshot);
    expect(blind.dataset.samples.map(({ row }) => row)).toEqual(found.dataset.samples.map(({ row }) => row));
    expect(blind.dataset.labelled).toBe(false);
    expect(blind.dataset.samples.every(({ label }) => label === 0)).toBe(true);
  });

  it('tells how far it is, never backwards within a pass, and ends at the whole', () => {
    const steps: [number, number][] = [];
    extract({ ...options, onProgress: (done, total) => steps.push([done, total]) });
    expect(steps.at(-1)![0]).toBe(steps.at(-1)![1]);
    for (let i = 1; i < steps.length; i++) expect(steps[i]![0]).toBeGreaterThanOrEqual(steps[i - 1]![0]);
  });
});

it('has rows of windows with activity only', () => {
  const truth: Truth[] = [];
  const quiet: Event = { ...registered(0, 'clerk'), agent: 'q' };
  const found = run([quiet], { truth: indexTruth(truth) });
  expect(found.dataset.samples).toEqual([]);
  expect(found.dataset.agents).toBe(1);
});
