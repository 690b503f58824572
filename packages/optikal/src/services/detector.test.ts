import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Bus, Commit } from '../bus/contract.ts';
import { openMemoryBus } from '../bus/memory.ts';
import { restoreWindow } from '../detection/archive.ts';
import { type Counters, newDraft, newPartitionState } from '../detection/partition.ts';
import { step } from '../detection/step.ts';
import { epochOf, modelsOf, sensitiveBundle } from '../detection/test-support/bundles.ts';
import { callOf, callsOf, started, T0, verdictOf } from '../detection/test-support/events.ts';
import { everythingBundle } from '../detection/test-support/everything.ts';
import { createDetector, type DetectorLimits } from './detector.ts';
import { hashAlerts, storedAlerts } from './verify.ts';

const MINUTE = 60_000;
const BUNDLE = sensitiveBundle();
const MODELS = { ...modelsOf(BUNDLE), prepare: async () => {} };
const AGENTS = 23;
const MINUTES = 4;

/** Every agent works in every minute, so that all windows of a minute fall due with one tick; every third reads a flagged text and acts on it. */
function entries(): Parameters<Bus['append']>[0] {
  const log: Parameters<Bus['append']>[0][number][] = [{ kind: 'control', control: epochOf(BUNDLE) }];
  for (let minute = 0; minute < MINUTES; minute++) {
    const at = minute * MINUTE;
    log.push({ kind: 'tick', timeMs: T0 + at });
    for (let a = 0; a < AGENTS; a++) {
      const agent = { agent: `agent-${a}` };
      const call = (n: number, tool: string) =>
        callsOf([callOf(at + n, tool, { taskId: `t${minute >> 1}`, callId: `c${minute}-${n}`, turn: minute * 100 + n })], agent);
      log.push({ kind: 'event', event: { ...started(at, `t${minute >> 1}`), ...agent } }, { kind: 'event', event: call(10, 'read') });
      if ((a + minute) % 3 === 0) log.push({ kind: 'event', event: verdictOf(at + 11, { taskId: `t${minute >> 1}`, score: 0.9 }, agent) });
      log.push({ kind: 'event', event: call(20, 'send') });
    }
  }
  log.push({ kind: 'tick', timeMs: T0 + MINUTES * MINUTE + 75_000 });
  return log;
}

/** A commit by whose number the process dies, and whether it is durable by then. */
interface Death {
  readonly commit: number;
  readonly durable: boolean;
}

/** Runs to the end of the log; every death loses all memory. Returns the alerts and the counters that were committed last. */
async function run(limits: DetectorLimits, deaths: readonly Death[], models = MODELS) {
  const bus = openMemoryBus({ partitions: 1, keepLog: true });
  await bus.append(entries());
  const left = [...deaths];
  let commits = 0;
  const mortal: Bus = Object.assign(Object.create(bus), {
    partitions: 1,
    commit: async (...args: Parameters<Bus['commit']>) => {
      const death = left[0]?.commit === commits++ ? left.shift()! : null;
      if (death?.durable !== false) await bus.commit(...args);
      if (death !== null) throw new Error('killed');
    },
  });
  let stored = '';
  for (;;) {
    const detector = await createDetector({ bus: mortal, partition: 0, models, limits });
    try {
      while ((await detector.runOnce(0)) > 0);
      stored = bus.reader().partitionStates()[0].partitionState!;
      break;
    } catch (error) {
      expect(error).toMatchObject({ message: 'killed' });
    }
  }
  const { counters } = JSON.parse(stored) as { counters: Counters };
  return { alerts: hashAlerts(storedAlerts(bus.reader())), counters, commits };
}

function reference(models = MODELS) {
  const state = newPartitionState('live');
  const draft = newDraft(state);
  for (const [offset, entry] of entries().entries()) if (entry.kind !== 'refused') step(draft, { offset, ...entry }, models);
  const margins = draft.scores.map(({ body }) => restoreWindow(body).judgement.margin);
  return { alerts: hashAlerts(draft.alerts), counters: state.counters, margins };
}

describe('the detector of a partition', () => {
  const { margins: _, ...expected } = reference();

  it('commits a tick in parts when many windows fall due with it, and nothing changes', async () => {
    expect(expected.counters.alerts).toBeGreaterThan(10);
    const whole = await run({}, []);
    const parts = await run({ draftAgents: 4, draftAlerts: 2 }, []);
    expect(parts.commits).toBeGreaterThan(whole.commits + 10);
    for (const { alerts, counters } of [whole, parts]) expect({ alerts, counters }).toEqual(expected);
  });

  it('goes on after the loss of all memory at any commits, those within a tick included, as if nothing had been', async () => {
    const death = fc.record({ commit: fc.nat(60), durable: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(death, { selector: ({ commit }) => commit, maxLength: 8 }),
        fc.integer({ min: 1, max: 9 }),
        async (deaths, draftAgents) => {
          deaths.sort((a, b) => a.commit - b.commit);
          const { alerts, counters } = await run({ draftAgents }, deaths);
          expect({ alerts, counters }).toEqual(expected);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('goes on so with all bases of a bundle: the sequences of its agents are those of the undisturbed run', async () => {
    const bundle = everythingBundle();
    const at = (threshold: number) => reference({ ...modelsOf(bundle, threshold), prepare: async () => {} });
    const margins = at(Number.POSITIVE_INFINITY).margins.sort((a, b) => a - b);
    const threshold = margins[margins.length >> 1];
    const models = { ...modelsOf(bundle, threshold), prepare: async () => {} };
    const { margins: _, ...whole } = at(threshold);
    expect(whole.counters.alerts).toBeGreaterThan(10);
    const deaths = [3, 4, 9, 17, 30].map((commit, i) => ({ commit, durable: i % 2 === 0 }));
    const { alerts, counters } = await run({ draftAgents: 4 }, deaths, models);
    expect({ alerts, counters }).toEqual(whole);
  });

  it('stops in the middle of a crowded tick, and goes on with what is left of it', async () => {
    const bus = openMemoryBus({ partitions: 1, keepLog: true });
    await bus.append(entries());
    const detector = await createDetector({ bus, partition: 0, models: MODELS, limits: { draftAgents: 4 } });
    let stops = 0;
    while ((await detector.runOnce(0, () => ++stops % 2 === 1)) > 0 || (await bus.positions()).some(({ next, end }) => next < end));
    expect(stops).toBeGreaterThan(10);
    expect({ alerts: hashAlerts(storedAlerts(bus.reader())), counters: detector.state.counters }).toEqual(expected);
  });

  it('lets the event loop have its turn while many windows close', async () => {
    const bus = openMemoryBus({ partitions: 1 });
    await bus.append(entries());
    const slow = { ...MODELS, onClosed: () => spin(2) };
    const detector = await createDetector({ bus, partition: 0, models: slow });
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await detector.runOnce(0);
    clearInterval(timer);
    expect(turns).toBeGreaterThan((AGENTS * 2) / 10);
  });
});

function spin(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

describe('a commit within a tick', () => {
  it('keeps the clock and the offset of before the tick', async () => {
    const bus = openMemoryBus({ partitions: 1, keepLog: true });
    const log = entries();
    await bus.append(log);
    const commits: Commit[] = [];
    const watched: Bus = Object.assign(Object.create(bus), {
      partitions: 1,
      commit: (...[lease, commit]: Parameters<Bus['commit']>) => {
        commits.push(commit);
        return bus.commit(lease, commit);
      },
    });
    const detector = await createDetector({ bus: watched, partition: 0, models: MODELS, limits: { draftAgents: 5 } });
    while ((await detector.runOnce(0)) > 0);
    const last = log.length - 1;
    const within = commits.filter(({ next }) => next === last);
    expect(within.length).toBeGreaterThan(2);
    for (const { partitionState } of within) expect(JSON.parse(partitionState)).toMatchObject({ clockMs: T0 + (MINUTES - 1) * MINUTE });
    expect(JSON.parse(commits.at(-1)!.partitionState)).toMatchObject({ clockMs: T0 + MINUTES * MINUTE + 75_000 });
  });
});
