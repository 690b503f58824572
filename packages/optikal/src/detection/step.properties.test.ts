/** What must hold of any log: order, repetition, crashes and the spelling of time change nothing. */
import type { Event } from '@optikal/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LogRecord } from '../bus/contract.ts';
import { restoreWindow } from './archive.ts';
import { epochOf, modelsOf, recordsOf } from './test-support/bundles.ts';
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
import { everythingBundle } from './test-support/everything.ts';
import { BUNDLE, bodyOf, logOf, type Outcome, run, runCrashing } from './test-support/run.ts';

const MINUTE = 60_000;

/** What is left of a log once every window has closed. */
const finals = ({ alerts, scores }: Outcome) => ({
  alerts: alerts.filter((alert) => alert.revision === 2 && bodyOf(alert).decision === 'alert'),
  scores: scores.filter(({ open }) => open !== true),
});
const marginOf = ({ body }: Outcome['scores'][number]) => restoreWindow(body).judgement.margin;
/** Which windows had an early alert depends on the order of the log; what the withdrawal says does not. */
const withdrawals = ({ alerts }: Outcome) =>
  new Map(alerts.filter((alert) => alert.revision === 2 && bodyOf(alert).decision === 'withdrawn').map(({ id, body }) => [id, body]));
const earlies = ({ alerts }: Outcome) => new Set(alerts.filter(({ revision }) => revision === 1).map(({ id }) => id));

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

  it('are those of the undisturbed run with all bases too, sequences and their spread included', () => {
    const bundle = everythingBundle();
    const nobody = modelsOf(bundle, Number.POSITIVE_INFINITY);
    const margins = fc.sample(story, { numRuns: 20, seed: 1 }).flatMap((events) => run(logOf(events), nobody).scores.map(marginOf));
    const models = modelsOf(bundle, margins.sort((a, b) => a - b)[margins.length >> 1]!);
    const seen = { alerts: 0, quiet: 0, sequences: 0 };
    fc.assert(
      fc.property(story, fc.infiniteStream(fc.boolean()), (events, coins) => {
        const log = logOf(events);
        const flips = log.map(() => coins.next().value);
        const whole = run(log, models);
        expect(runCrashing(log, (i) => flips[i]!, models)).toEqual(whole);
        seen.alerts += whole.counters.alerts;
        seen.quiet += whole.counters.scored - whole.counters.alerts;
        seen.sequences += whole.alerts.filter((alert) => bodyOf(alert).attention!.length > 1).length;
      }),
      { numRuns: 40 },
    );
    for (const [what, count] of Object.entries(seen)) expect(count, what).toBeGreaterThan(10);
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
