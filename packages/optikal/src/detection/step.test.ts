import { type Event, type ThreatAlert, ThreatAlertSchema } from '@optikal/contracts';
import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { Compile } from 'typebox/compile';
import { describe, expect, it } from 'vitest';
import type { AlertRow, LogRecord, ScoreRow } from '../bus/contract.ts';
import { withTicks } from '../stream/event-clock.ts';
import {
  type Counters,
  encodePartition,
  evictAgents,
  loadAgents,
  newDraft,
  newPartitionState,
  outputOf,
  restorePartition,
  stateChanges,
} from './partition.ts';
import { type Models, step } from './step.ts';
import { epochOf, fittedBundle, modelsOf, recordsOf, sensitiveBundle } from './test-support/bundles.ts';
import {
  callOf,
  callsOf,
  decisionOf,
  ended,
  metricsOf,
  provenanceOf,
  registered,
  started,
  T0,
  verdictOf,
  violationOf,
} from './test-support/events.ts';

const MINUTE = 60_000;
const BUNDLE = sensitiveBundle();
const MODELS = modelsOf(BUNDLE);
const Schema = Compile(ThreatAlertSchema);

interface Outcome {
  readonly alerts: AlertRow[];
  readonly scores: ScoreRow[];
  readonly dead: { code: string; field: string; offset: number }[];
  readonly counters: Counters;
}

const bodyOf = (alert: AlertRow) => JSON.parse(alert.body) as ThreatAlert;
/** What is left of a log once every window has closed. */
const finals = ({ alerts, scores }: Outcome) => ({
  alerts: alerts.filter((alert) => alert.revision === 2 && bodyOf(alert).decision === 'alert'),
  scores: scores.filter(({ open }) => open !== true),
});
/** Which windows had an early alert depends on the order of the log; what the withdrawal says does not. */
const withdrawals = ({ alerts }: Outcome) =>
  new Map(alerts.filter((alert) => alert.revision === 2 && bodyOf(alert).decision === 'withdrawn').map(({ id, body }) => [id, body]));
const earlies = ({ alerts }: Outcome) => new Set(alerts.filter(({ revision }) => revision === 1).map(({ id }) => id));

function run(records: readonly LogRecord[], models: Models = MODELS, name = 'live'): Outcome {
  const state = newPartitionState(name);
  const draft = newDraft(state);
  for (const record of records) step(draft, record, models);
  return { alerts: draft.alerts, scores: draft.scores, dead: draft.deadLetters, counters: state.counters };
}

/** The same, but what is in memory is lost after each record for which `crash` says so, and only what was committed is left. */
function runCrashing(records: readonly LogRecord[], crash: (i: number) => boolean, models: Models = MODELS): Outcome {
  const store = new Map<string, { body: string; dueMs: number | null }>();
  const out: Outcome = { alerts: [], scores: [], dead: [], counters: newPartitionState('live').counters };
  let state = newPartitionState('live');
  for (const [i, record] of records.entries()) {
    if (record.kind === 'event') load([`${record.event.tenant}|${record.event.agent}`]);
    else if (record.kind === 'tick') load([...state.due.keysDue(record.timeMs)]);
    const draft = newDraft(state);
    step(draft, record, models);
    for (const { key, body, dueMs } of stateChanges(draft)) store.set(key, { body, dueMs });
    const { alerts, scores, deadLetters } = outputOf(draft);
    out.alerts.push(...alerts);
    out.scores.push(...scores);
    out.dead.push(...deadLetters);
    evictAgents(state, 1);
    if (!crash(i)) continue;
    const due = [...store].flatMap(([key, { dueMs }]) => (dueMs === null ? [] : [{ key, dueMs }]));
    state = restorePartition('live', encodePartition(state), due.reverse());
  }
  return { ...out, counters: state.counters };

  function load(keys: readonly string[]): void {
    const cold = keys.filter((key) => !state.agents.has(key) && store.has(key));
    loadAgents(state, new Map(cold.map((key) => [key, store.get(key)!.body])));
  }
}

/** A log with the model in force, ticks and all. */
const logOf = (events: Iterable<Event>): LogRecord[] =>
  recordsOf([{ kind: 'control', control: epochOf(BUNDLE) }, ...withTicks([...events])]);

// Events of a few agents over some minutes: calls, verdicts, decisions, tasks, in order of time.
const tool = fc.constantFrom('read', 'fetch', 'send', 'pay', 'mystery', '__proto__');
const agentName = fc.constantFrom('a', '__proto__');
const taskName = fc.constantFrom('x', 'y', 'z');
const at = fc.integer({ min: 0, max: 2.5 * MINUTE });
const one = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('call'),
      tool,
      turn: fc.option(fc.nat(5), { nil: null }),
      hash: fc.constantFrom(null, 'aaaaaaaa', 'bbbbbbbb'),
      values: fc.option(fc.nat(2), { nil: null }),
      skew: fc.integer({ min: -2000, max: 0 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('verdict'), score: fc.constantFrom(0.01, 0.2, 0.9, null), call: fc.nat(9) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('forbid', 'secret', 'injection', 'start', 'end', 'metrics', 'register', 'provenance') }),
  },
);
type Planned = {
  at: number;
  agent: string;
  task: string;
  one: {
    kind: string;
    tool?: string;
    turn?: number | null;
    hash?: string | null;
    values?: number | null;
    skew?: number;
    score?: number | null;
    call?: number;
  };
};
const planned: fc.Arbitrary<Planned> = fc.record({ at, agent: agentName, task: taskName, one });

function eventOf({ at, agent, task, one }: Planned, i: number): Event {
  const named = <E extends Event>(event: E): E => ({ ...event, id: `e${i}`, agent, session: `s-${agent}` });
  switch (one.kind) {
    case 'call': {
      const values = one.values ?? null;
      return named(
        callsOf([
          callOf(at + one.skew!, one.tool!, {
            callId: `c${i % 10}`,
            taskId: task,
            turn: one.turn!,
            argHmac: one.hash!,
            outBytes: i,
            provenance: values === null ? null : { valuesOut: values, requested: 0 },
          }),
        ]),
      );
    }
    case 'verdict':
      return named(
        verdictOf(at, { callId: `c${one.call}`, taskId: task, score: one.score!, verdict: one.score === null ? 'block' : 'allow' }),
      );
    case 'forbid':
      return named(decisionOf(at, { decision: 'forbid', callId: `c${i % 10}`, riskScore: 0.5 }));
    case 'secret':
      return named(violationOf(at, { kind: 'secret_leak', taskId: task }));
    case 'injection':
      return named(violationOf(at, { taskId: task }));
    case 'start':
      return named(started(at, task));
    case 'end':
      return named(ended(at, task));
    case 'metrics':
      return named(metricsOf(at, { cpu_usage_percent: i % 100, api_calls_count: 2, hour_of_day: 3 }));
    case 'register':
      return named(registered(at, 'clerk', `${i % 2}`));
    default:
      return named(provenanceOf(at, `c${i % 10}`, { valuesOut: 1, requested: 0 }, task));
  }
}
const story = fc.array(planned, { minLength: 1, maxLength: 60, size: 'max' }).map((plan) =>
  plan
    .toSorted((a, b) => a.at - b.at)
    .map(eventOf)
    .toSorted((a, b) => a.timeMs - b.timeMs),
);

/** Every event of the story while the clock stands still at its first second, then ticks to the end: all windows stay open meanwhile. */
function heldOpen(events: readonly Event[]): LogRecord[] {
  const firstMs = Math.min(...events.map(({ timeMs }) => timeMs));
  return recordsOf([
    { kind: 'control', control: epochOf(BUNDLE) },
    { kind: 'tick', timeMs: firstMs },
    ...events.map((event) => ({ kind: 'event' as const, event })),
    { kind: 'tick', timeMs: T0 + 10 * MINUTE },
  ]);
}

describe('the final alerts and scores', () => {
  it('do not depend on the order in which records arrive, nor on how often, while their window is open', () => {
    const shuffled = story.chain((events) =>
      fc.record({ events: fc.constant(events), order: fc.array(fc.nat(), { minLength: 3 * events.length, maxLength: 3 * events.length }) }),
    );
    const seen = { alert: 0, withdrawn: 0, early: 0 };
    fc.assert(
      fc.property(shuffled, ({ events, order }) => {
        const thrice = [...events, ...events, ...events]
          .map((event, i) => ({ event, rank: order[i]! }))
          .toSorted((a, b) => a.rank - b.rank);
        const once = run(heldOpen(events));
        const again = run(heldOpen(thrice.map(({ event }) => structuredClone(event))));
        expect(finals(again)).toEqual(finals(once));
        for (const [id, body] of withdrawals(again)) expect(withdrawals(once).get(id) ?? body).toBe(body);
        for (const outcome of [once, again]) {
          const settled = new Set([...finals(outcome).alerts.map(({ id }) => id), ...withdrawals(outcome).keys()]);
          for (const id of earlies(outcome)) expect(settled).toContain(id);
          for (const id of withdrawals(outcome).keys()) expect(earlies(outcome)).toContain(id);
        }
        expect(again.counters).toMatchObject({
          events: 3 * events.length,
          accepted: events.length,
          duplicate: 2 * events.length,
          windows: once.counters.windows,
        });
        seen.alert += once.counters.alerts;
        seen.withdrawn += once.counters.withdrawn;
        seen.early += once.counters.early;
      }),
      { numRuns: 100 },
    );
    // The property is worth nothing if the stories alert nobody.
    for (const [what, count] of Object.entries(seen)) expect(count, what).toBeGreaterThan(10);
  });

  it('are those of the undisturbed run after the loss of all memory at any moments, early ones included', () => {
    fc.assert(
      fc.property(story, fc.infiniteStream(fc.boolean()), fc.boolean(), (events, coins, always) => {
        const log = logOf(events);
        const flips = log.map(() => always || coins.next().value);
        const crashed = runCrashing(log, (i) => flips[i]!);
        expect(crashed).toEqual(run(log));
      }),
      { numRuns: 100 },
    );
  });

  it('are the same with a tick for every second and with one for every jump', () => {
    fc.assert(
      fc.property(story, (events) => {
        const collapsed = logOf(events);
        let clock: number | null = null;
        const every = collapsed.flatMap((record): LogRecord[] => {
          if (record.kind !== 'tick') return [record];
          const ticks: LogRecord[] = [];
          for (let ms = clock === null ? record.timeMs : clock + 1000; ms <= record.timeMs; ms += 1000)
            ticks.push({ ...record, timeMs: ms });
          clock = record.timeMs;
          return ticks;
        });
        const renumbered = every.map((record, offset) => ({ ...record, offset }));
        const [one, other] = [run(collapsed), run(renumbered)];
        expect({ ...other, dead: other.dead.length }).toEqual({ ...one, dead: one.dead.length });
      }),
      { numRuns: 40 },
    );
  });

  it('account for every event: accepted, duplicate, late or dead', () => {
    const mixed = fc.array(fc.record({ planned, twist: fc.constantFrom('none', 'again', 'conflict', 'old', 'ahead') }), { maxLength: 60 });
    fc.assert(
      fc.property(mixed, (plan) => {
        const events = plan.flatMap(({ planned: one, twist }, i) => {
          const event = eventOf(one, i);
          if (twist === 'again') return [event, structuredClone(event)];
          if (twist === 'conflict') return [event, { ...event, session: 'other' }];
          if (twist === 'old') return [event, { ...event, id: `old${i}`, timeMs: event.timeMs - 3_600_000 }];
          return twist === 'ahead'
            ? [event, { ...event, id: `ahead${i}`, timeMs: event.timeMs + 86_400_000 }, { ...event, id: `and${i}` }]
            : [event];
        });
        const { counters, dead, scores, alerts } = run(logOf(events));
        expect(counters.accepted + counters.duplicate + counters.late + counters.dead).toBe(counters.events);
        expect(counters.events).toBe(events.length);
        expect(dead.length).toBe(counters.dead);
        expect(scores.filter(({ open }) => open !== true).length).toBe(counters.scored);
        expect(alerts.length).toBe(counters.alerts + counters.withdrawn + counters.early);
      }),
      { numRuns: 100 },
    );
  });
});

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
    expect(alerts.map(({ revision, body }) => [revision, (JSON.parse(body) as ThreatAlert).decision])).toEqual([
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

describe('a busy agent', () => {
  it('costs one entry of the queue', () => {
    const state = newPartitionState('live');
    const draft = newDraft(state);
    const busy = Array.from({ length: 2000 }, (_, i) => [tick(60 * i), event({ ...read(60 * i), id: `r${i}` })]).flat();
    for (const record of recordsOf([epoch, ...busy])) step(draft, record, MODELS);
    expect(state.due.heapSize).toBeLessThanOrEqual(3);
  });
});
