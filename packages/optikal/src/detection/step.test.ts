import { type Event, ThreatAlertSchema } from '@optikal/contracts';
import canonicalize from 'canonicalize';
import { Compile } from 'typebox/compile';
import { describe, expect, it } from 'vitest';
import { restoreWindow } from './archive.ts';
import { newDraft, newPartitionState } from './partition.ts';
import { newProfile } from './profile.ts';
import { type Models, step } from './step.ts';
import type { Step } from './steps.ts';
import { epochOf, fittedBundle, modelsOf, recordsOf, sensitiveBundle } from './test-support/bundles.ts';
import { callOf, callsOf, decisionOf, deployed, ended, metricsOf, registered, T0, verdictOf } from './test-support/events.ts';
import { everythingBundle } from './test-support/everything.ts';
import { BUNDLE, bodyOf, logOf, MODELS, type Outcome, run, runCrashing } from './test-support/run.ts';
import { pass } from './test-support/windows.ts';

const MINUTE = 60_000;
const Schema = Compile(ThreatAlertSchema);

const flagged = (at: number) => verdictOf(at, { callId: 'r', score: 0.95 });
const read = (at: number) => callsOf([callOf(at, 'read', { callId: 'r', turn: 0 })]);
const send = (at: number) => callsOf([callOf(at, 'send', { callId: 's', turn: 1 })]);
const tick = (at: number) => ({ kind: 'tick', timeMs: T0 + at }) as const;
const event = (one: Event) => ({ kind: 'event', event: one }) as const;
const epoch = { kind: 'control', control: epochOf(BUNDLE) } as const;

describe('an early alert', () => {
  it('is out at the hot record, and confirmed when the window closes', () => {
    const { alerts, scores, counters } = run(
      recordsOf([epoch, tick(0), event(read(1000)), event(flagged(1001)), event(send(2000)), tick(70_000)]),
    );
    expect(alerts.map(({ revision, body }) => [revision, (JSON.parse(body) as { decision: string }).decision])).toEqual([
      [1, 'alert'],
      [2, 'alert'],
    ]);
    expect(alerts[0]!.id).toBe(alerts[1]!.id);
    expect(scores.map(({ open, windowStartMs }) => [open, windowStartMs - T0])).toEqual([
      [true, 0],
      [undefined, 0],
    ]);
    expect(counters).toMatchObject({ early: 1, alerts: 1, withdrawn: 0, scored: 1, windows: 1 });
  });

  it('is withdrawn where the whole window does not confirm it', () => {
    // In the models of these tests many tasks calm a window.
    const busy = ['x', 'y', 'z'].map((taskId, i) => event(callsOf([callOf(3000 + i, 'read', { taskId })])));
    const { alerts } = run(recordsOf([epoch, tick(0), event(read(1000)), event(flagged(1001)), event(send(2000)), ...busy, tick(70_000)]));
    expect(alerts.map((alert) => [alert.revision, bodyOf(alert).decision])).toEqual([
      [1, 'alert'],
      [2, 'withdrawn'],
    ]);
    expect(bodyOf(alerts[1]!).margin).toBeLessThan(BUNDLE.operatingPoint.threshold);
    expect([...Schema.Errors(bodyOf(alerts[1]!))]).toEqual([]);
  });

  it('is sent once, and an open window is looked at eight times at most', () => {
    let looks = 0;
    const counting: Models = {
      ...MODELS,
      of: (model) => ({
        ...MODELS.of(model),
        threshold: 1e9,
        bundle: {
          ...BUNDLE,
          get bases() {
            looks++;
            return BUNDLE.bases;
          },
        },
      }),
    };
    const hot = Array.from({ length: 40 }, (_, i) => event(decisionOf(i, { decision: 'forbid' })));
    run(recordsOf([epoch, tick(0), ...hot]), counting);
    expect(looks).toBe(8);
    expect(run(recordsOf([epoch, tick(0), ...hot])).alerts).toHaveLength(1);
  });

  it('leaves no trace in what the agent remembers', () => {
    const entries = [epoch, tick(0), event(read(1000)), event(flagged(1001)), event(send(2000))];
    const state = newPartitionState('live');
    const draft = newDraft(state);
    for (const record of recordsOf(entries)) step(draft, record, MODELS);
    expect(draft.alerts).toHaveLength(1);
    expect(state.agents.get('t|agent-1')!.profile.tasks).toEqual([]);
  });

  it('counts what earlier open windows of the agent hold', () => {
    const { alerts } = run(recordsOf([epoch, tick(0), event(read(1000)), event(flagged(1001)), event(send(61_000))]));
    expect(alerts.map(({ revision, windowStartMs }) => [revision, windowStartMs - T0])).toEqual([[1, MINUTE]]);
  });
});

describe('windows close', () => {
  /** Agent, window and the tick at which it closed. */
  const closings = (entries: Parameters<typeof recordsOf>[0]): [string, number, number][] => {
    const closed: [string, number, number][] = [];
    const state = newPartitionState('live');
    let tickMs = 0;
    const models: Models = { ...MODELS, onClosed: (agent, window) => closed.push([agent.agent, window.startMs - T0, tickMs - T0]) };
    for (const record of recordsOf(entries)) {
      if (record.kind === 'tick') tickMs = record.timeMs;
      step(newDraft(state), record, models);
    }
    return closed;
  };
  const of = (agent: string, one: Event) => event({ ...one, agent });
  const seconds = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => tick((from + i) * 1000));

  it('within 10 s and two ticks of the end, with an agent that is silent for ever and a plane that is', () => {
    const closed = closings([epoch, tick(0), of('silent', read(1000)), of('no-content', send(2000)), ...seconds(1, 200)]);
    expect(closed).toEqual([
      ['no-content', 0, 70_000],
      ['silent', 0, 70_000],
    ]);
  });

  it('in order of due time, window end, tenant and agent, also after a restore', () => {
    const log = recordsOf([
      epoch,
      tick(0),
      of('b', read(1)),
      of('a', read(61_000)),
      of('c', read(2)),
      of('a', read(2)),
      ...seconds(1, 65),
      of('b', send(3)),
      tick(500_000),
    ]);
    const wanted = [
      ['a', 0],
      ['c', 0],
      ['b', 0],
      ['a', MINUTE],
    ];
    const state = newPartitionState('live');
    const seen: [string, number][] = [];
    const models: Models = { ...MODELS, onClosed: (agent, window) => seen.push([agent.agent, window.startMs - T0]) };
    for (const record of log) step(newDraft(state), record, models);
    expect(seen).toEqual(wanted);
    expect(runCrashing(log, () => true).scores.map(({ key, windowStartMs }) => [key.slice(2), windowStartMs - T0])).toEqual(wanted);
  });

  it('of one agent in order: a later one waits for an earlier one that still gets records', () => {
    const trickle = Array.from({ length: 61 }, (_, i) => [tick(70_000 + i * 1000), of('a', { ...send(i), id: `late${i}` })]).flat();
    const closed = closings([epoch, tick(0), tick(65_000), of('a', read(1)), of('a', read(61_000)), ...trickle, ...seconds(131, 200)]);
    expect(closed).toEqual([
      ['a', 0, 135_000],
      ['a', MINUTE, 135_000],
    ]);
  });

  it('and take no more records: those are late', () => {
    const { counters, dead } = run(
      recordsOf([epoch, tick(0), event(read(1)), tick(70_000), event(send(2)), event(read(1)), event(send(61_000))]),
    );
    expect(counters).toMatchObject({ events: 4, accepted: 2, late: 2, duplicate: 0, dead: 0, windows: 1 });
    expect(dead).toEqual([]);
  });

  it('unscored where no model is in force at their start, or nothing was done in them', () => {
    const later = { kind: 'control', control: epochOf(BUNDLE, T0 + MINUTE) } as const;
    const { counters, scores } = run(
      recordsOf([later, tick(0), event(read(1)), event(read(61_000)), event(registered(121_000, 'clerk')), tick(400_000)]),
    );
    expect(counters).toMatchObject({ windows: 3, scored: 1 });
    expect(scores.map(({ windowStartMs }) => windowStartMs - T0)).toEqual([MINUTE]);
  });

  it('only of agents that are loaded: a missing one stops the partition', () => {
    const state = newPartitionState('live');
    for (const record of recordsOf([epoch, tick(0), event(read(1))])) step(newDraft(state), record, MODELS);
    state.agents.clear();
    expect(() => step(newDraft(state), { kind: 'tick', timeMs: T0 + 70_000, offset: 3 }, MODELS)).toThrow(
      'agent `t|agent-1` is due and not loaded',
    );
  });
});

describe('a refused event', () => {
  it('says what is wrong with it', () => {
    const first = read(1000);
    const { dead, counters } = run(recordsOf([epoch, tick(0), event(first), event({ ...first, session: 'other' }), event(send(400_000))]));
    expect(dead.map(({ code, field, offset }) => [code, field, offset])).toEqual([
      ['duplicate_id_conflict', '/id', 3],
      ['clock_ahead', '/time', 4],
    ]);
    expect(counters).toMatchObject({ dead: 2, accepted: 1 });
  });

  it('leaves no agent behind', () => {
    const state = newPartitionState('live');
    const draft = newDraft(state);
    for (const record of recordsOf([epoch, tick(0), event(send(400_000))])) step(draft, record, MODELS);
    expect([state.agents.size, draft.touched.size, state.due.size]).toEqual([0, 0, 0]);
  });

  it('is no duplicate because of the order of its fields, nor because of a text that is broken', () => {
    const first = { ...callsOf([callOf(1, '\ud800', { callId: '\udc00' })]), id: 'x' };
    const swapped = Object.fromEntries(Object.entries(structuredClone(first)).reverse()) as unknown as Event;
    expect(run(recordsOf([epoch, tick(0), event(first), event(swapped)])).counters).toMatchObject({ accepted: 1, duplicate: 1, dead: 0 });
  });
});

describe('an alert', () => {
  const log = [epoch, tick(0), event(registered(0, 'clerk')), event(read(1000)), event(flagged(1001)), event(send(2000)), tick(70_000)];

  it('has the same id by any model and threshold, and another in a replay', () => {
    const ids = (outcome: Outcome) => [...new Set(outcome.alerts.map(({ id }) => id))];
    const other = modelsOf(sensitiveBundle('e'.repeat(64)), -50);
    const [one, two] = [run(recordsOf(log)), run(recordsOf(log), other)];
    expect(ids(two)).toEqual(ids(one));
    expect(two.alerts[0]!.body).not.toBe(one.alerts[0]!.body);
    expect(ids(run(recordsOf(log), MODELS, 'replay-1'))).not.toEqual(ids(one));
  });

  it('is as its schema says and its bytes are canonical JSON, with models that are really fitted', () => {
    const bundle = fittedBundle();
    const { alerts, scores } = run(recordsOf(log), modelsOf(bundle, -1e6));
    expect(alerts).toHaveLength(2);
    expect(scores).toHaveLength(2);
    for (const alert of alerts) {
      const body = bodyOf(alert);
      expect([...Schema.Errors(body)]).toEqual([]);
      expect(canonicalize(body)).toBe(alert.body);
      expect(Math.abs(body.attributions.reduce((sum, { contribution }) => sum + contribution, body.baseValue) - body.margin)).toBeLessThan(
        1e-6,
      );
    }
    expect(run(recordsOf(log), modelsOf(fittedBundle(), -1e6)).alerts).toEqual(alerts);
  });

  it('of an agent that sends broken text is written all the same', () => {
    const broken = callsOf([callOf(1000, 'pay\ud800', { callId: '\udfff', taskId: '\ud800' })], {
      session: '\ud800',
      correlation: '\ud800',
    });
    const { alerts } = run(recordsOf([epoch, tick(0), event(broken), event(decisionOf(2000, { decision: 'forbid' })), tick(70_000)]));
    expect(alerts.map(({ revision }) => revision)).toEqual([1, 2]);
    expect(bodyOf(alerts[1]!).evidence[0]!.tool).toBe('pay\ufffd');
  });
});

describe('an agent learns', () => {
  const profileAfter = (entries: Parameters<typeof recordsOf>[0]) => {
    const state = newPartitionState('live');
    for (const record of recordsOf(entries)) step(newDraft(state), record, MODELS);
    return state.agents.get('t|agent-1')!.profile;
  };

  it('its habit and its finished tasks', () => {
    const profile = profileAfter([epoch, tick(0), event(read(1000)), event(ended(2000)), tick(70_000)]);
    expect([profile.own.total, profile.habit.n[0]]).toEqual([1, 1]);
  });

  it('nothing from a window that alerted, nor from one in quarantine', () => {
    const alerted = profileAfter([
      epoch,
      tick(0),
      event(read(1000)),
      event(flagged(1001)),
      event(send(2000)),
      event(ended(3000)),
      tick(70_000),
    ]);
    expect([alerted.own.total, alerted.habit.n[0], alerted.tasks]).toEqual([0, 0, []]);
    const quarantine = {
      kind: 'control',
      control: { kind: 'quarantine', tenant: 't', agent: 'agent-1', fromMs: T0, untilMs: T0 + 1, reason: 'test' },
    } as const;
    const quarantined = profileAfter([epoch, quarantine, tick(0), event(read(1000)), event(ended(3000)), tick(70_000)]);
    expect([quarantined.own.total, quarantined.habit.n[0]]).toEqual([0, 0]);
  });
});

describe('the sequence of an agent', () => {
  const EVERYTHING = modelsOf(everythingBundle(), -1e6);
  /** Minutes of work with breaks, a registration alone in a minute, and a task that goes on. */
  const life = [0, 1, 2, 5, 6, 7, 30, 31, 32, 33, 34, 35, 61, 62, 63].flatMap((minute, i) => {
    const at = minute * MINUTE;
    if (minute === 31) return [registered(at, 'clerk', 'v1')];
    if (minute === 33) return [deployed(at, 'v2'), callsOf([callOf(at + 5, 'send')])];
    return [
      metricsOf(at, { cpu_usage_percent: (i * 37) % 100, error_count: i % 3, api_calls_count: i }),
      callsOf([callOf(at + 1, i % 2 ? 'send' : 'read', { taskId: `t${i >> 2}`, outBytes: 10 * i })]),
    ];
  });
  const watching = (seen: Step[][]): Models => ({ ...EVERYTHING, onClosed: (_agent, _window, { sequence }) => seen.push([...sequence]) });

  it('is in the stream what a batch extraction has, also where all memory is lost after each record', () => {
    const batch: (readonly Step[])[] = [];
    const profile = newProfile();
    const { lens } = EVERYTHING.of(epochOf(BUNDLE));
    const fleetOf = lens(undefined!).fleetOf; // the lens of these tests is the same for all agents
    for (const minute of new Set(life.map(({ timeMs }) => Math.floor((timeMs - T0) / MINUTE)))) {
      const events = life.filter(({ timeMs }) => Math.floor((timeMs - T0) / MINUTE) === minute);
      batch.push(pass(profile, events, true, fleetOf).sequence);
    }
    const [held, lost]: Step[][][] = [[], []];
    const log = logOf(life);
    const [one, other] = [run(log, watching(held)), runCrashing(log, () => true, watching(lost))];
    expect(held).toEqual(batch);
    expect(lost).toEqual(batch);
    expect(held.map(({ length }) => length)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 8, 9, 10, 10, 10, 10, 10]);
    expect(other).toEqual(one);
    expect(one.alerts).toHaveLength(14);
    expect(one.scores.map(({ body }) => restoreWindow(body).rows.sequence)).toEqual(held.filter((_, i) => i !== 7));
  });

  it('at an early look holds the earlier windows that are open, judged by nobody yet, and the look leaves no trace', () => {
    const first = [event(read(1000)), event(metricsOf(2000, { cpu_usage_percent: 90 })), event(send(MINUTE + 1000))];
    const hot = [event(read(2 * MINUTE + 1000)), event(decisionOf(2 * MINUTE + 2000, { decision: 'forbid' }))];
    const entries = [epoch, tick(0), ...first, ...hot];
    const state = newPartitionState('live');
    const draft = newDraft(state);
    for (const record of recordsOf(entries)) step(draft, record, EVERYTHING);
    const { windows, profile } = state.agents.get('t|agent-1')!;
    expect(windows.open).toHaveLength(3);
    expect(profile.memory.lastMs).toBeNull();
    expect(profile.memory.before.steps).toEqual([]);
    const [early] = draft.scores;
    const seen = restoreWindow(early!.body).rows.sequence;
    expect([early!.open, seen.length]).toEqual([true, 3]);
    expect(bodyOf(draft.alerts[0]!).attention).toHaveLength(3);
    // The final sequences are the same: nothing more came.
    const { scores } = run(recordsOf([...entries, tick(10 * MINUTE)]), EVERYTHING);
    const finals = scores.filter(({ open }) => open !== true).map(({ body }) => restoreWindow(body).rows.sequence);
    expect(finals).toEqual([seen.slice(0, 1), seen.slice(0, 2), seen]);
  });

  it('remembers windows that alerted, those in quarantine, and those of an earlier version', () => {
    const quarantine = {
      kind: 'control',
      control: { kind: 'quarantine', tenant: 't', agent: 'agent-1', fromMs: T0 + MINUTE, untilMs: T0 + 2 * MINUTE, reason: 'test' },
    } as const;
    const minutes = [0, 1, 2, 3].map((minute) => event(callsOf([callOf(minute * MINUTE + 1000, 'send')])));
    const fork = event(deployed(2 * MINUTE, 'v2'));
    const state = newPartitionState('live');
    for (const record of recordsOf([epoch, quarantine, tick(0), ...minutes, fork, tick(10 * MINUTE)]))
      step(newDraft(state), record, EVERYTHING);
    const { memory, habit, version } = state.agents.get('t|agent-1')!.profile;
    expect([memory.before.steps.length, memory.lastMs, version]).toEqual([4, T0 + 3 * MINUTE, 'v2']);
    // All four alerted: nothing of them is usual.
    expect([...habit.n].every((n) => n === 0)).toBe(true);
  });
});

describe('a busy agent', () => {
  it('costs one entry of the queue', () => {
    const state = newPartitionState('live');
    const draft = newDraft(state);
    const busy = Array.from({ length: 2000 }, (_, i) => [tick(60 * i), event({ ...read(60 * i), id: `r${i}` })]).flat();
    for (const record of recordsOf([epoch, ...busy])) step(draft, record, MODELS);
    expect(state.due.heapSize).toBeLessThanOrEqual(3);
  });
});
