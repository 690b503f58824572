import { describe, expect, it } from 'vitest';
import {
  encodePartition,
  evictAgents,
  loadAgents,
  newDraft,
  newPartitionState,
  outputOf,
  readAgents,
  restorePartition,
  stateChanges,
} from './partition.ts';
import { step } from './step.ts';
import { epochOf, modelsOf, recordsOf, sensitiveBundle } from './test-support/bundles.ts';
import { callOf, callsOf, T0 } from './test-support/events.ts';

const BUNDLE = sensitiveBundle();
const MODELS = modelsOf(BUNDLE);
const at = (agent: string, ms: number) => ({ kind: 'event', event: { ...callsOf([callOf(ms, 'read')]), agent } }) as const;

function played() {
  const state = newPartitionState('live');
  const draft = newDraft(state);
  const quarantine = {
    kind: 'control',
    control: { kind: 'quarantine', tenant: 't', agent: 'a', fromMs: 1, untilMs: 2, reason: 'test' },
  } as const;
  const log = [
    { kind: 'control', control: epochOf(BUNDLE) } as const,
    quarantine,
    { kind: 'tick', timeMs: T0 } as const,
    at('a', 1),
    at('b', 61_000),
    { kind: 'tick', timeMs: T0 + 70_000 } as const,
  ];
  for (const record of recordsOf(log)) step(draft, record, MODELS);
  return { state, draft };
}

describe('a partition', () => {
  it('is the same after it was stored and read back', () => {
    const { state } = played();
    const text = encodePartition(state);
    const again = restorePartition('live', text, []);
    expect(encodePartition(again)).toBe(text);
    expect(again.clock).toEqual(state.clock);
    expect(again.counters).toEqual(state.counters);
  });

  it('starts anew where nothing is stored, and before any tick has no clock', () => {
    expect(restorePartition('live', null, [])).toEqual(newPartitionState('live'));
    expect(restorePartition('live', encodePartition(newPartitionState('live')), []).clock.clockMs).toBe(Number.NEGATIVE_INFINITY);
  });

  it('tells of the agents that a batch touched, and when their next window is due', () => {
    const { draft } = played();
    expect(stateChanges(draft).map(({ key, dueMs }) => [key, dueMs === null ? null : dueMs - T0])).toEqual([
      ['t|a', null],
      ['t|b', 130_000],
    ]);
    expect(outputOf(draft).scores).toHaveLength(1);
    expect(stateChanges(newDraft(draft.state))).toEqual([]);
  });

  it('goes on from what was stored', () => {
    const { state, draft } = played();
    const changes = stateChanges(draft);
    const again = restorePartition(
      'live',
      encodePartition(state),
      changes.flatMap(({ key, dueMs }) => (dueMs === null ? [] : [{ key, dueMs }])),
    );
    expect([...again.due.keysDue(T0 + 130_000)]).toEqual(['t|b']);
    const stored = readAgents(new Map(changes.map(({ key, body }) => [key, body])));
    expect(stored.offsets).toEqual([4]);
    const { event } = at('b', 61_000);
    loadAgents(again, stored, () => ({ event, text: JSON.stringify(event) }));
    const next = newDraft(again);
    step(next, { kind: 'tick', timeMs: T0 + 130_000, offset: 9 }, MODELS);
    expect(next.scores.map(({ key }) => key)).toEqual(['t|b']);
  });

  it('forgets agents only where none of their windows is open', () => {
    const { state } = played();
    evictAgents(state, 2);
    expect([...state.agents.keys()]).toEqual(['t|a', 't|b']);
    evictAgents(state, 1);
    expect([...state.agents.keys()]).toEqual(['t|b']);
    evictAgents(state, 0);
    expect([...state.agents.keys()]).toEqual(['t|b']);
  });
});
