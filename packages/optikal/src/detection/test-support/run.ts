/** Logs run through the step: undisturbed, or with the loss of all memory after any record. */
import type { Event, ThreatAlert } from '@optikal/contracts';
import type { AlertRow, LogRecord, ScoreRow } from '../../bus/contract.ts';
import { withTicks } from '../../stream/event-clock.ts';
import type { LoggedEvent } from '../../stream/window.ts';
import { encodeAgentState } from '../agent-state.ts';
import {
  type Counters,
  encodePartition,
  evictAgents,
  loadAgents,
  newDraft,
  newPartitionState,
  outputOf,
  readAgents,
  restAgents,
  restorePartition,
  stateChanges,
} from '../partition.ts';
import { type Models, step } from '../step.ts';
import { epochOf, modelsOf, recordsOf, sensitiveBundle } from './bundles.ts';

export const BUNDLE = sensitiveBundle();
export const MODELS = modelsOf(BUNDLE);

export interface Outcome {
  readonly alerts: AlertRow[];
  readonly scores: ScoreRow[];
  readonly dead: { code: string; field: string; offset: number }[];
  readonly counters: Counters;
}

export function run(records: readonly LogRecord[], models: Models = MODELS, name = 'live'): Outcome {
  const state = newPartitionState(name);
  const draft = newDraft(state);
  for (const record of records) step(draft, record, models);
  return { alerts: draft.alerts, scores: draft.scores, dead: draft.deadLetters, counters: state.counters };
}

/** The same, but what is in memory is lost after each record for which `crash` says so, and only what was committed is left. */
export function runCrashing(records: readonly LogRecord[], crash: (i: number) => boolean, models: Models = MODELS): Outcome {
  const store = new Map<string, { body: string; dueMs: number | null }>();
  const out: Outcome = { alerts: [], scores: [], dead: [], counters: newPartitionState('live').counters };
  let state = newPartitionState('live');
  for (const [i, record] of records.entries()) {
    if (record.kind === 'event') load([`${record.event.tenant}|${record.event.agent}`]);
    else if (record.kind === 'tick') load([...state.due.keysDue(record.timeMs)]);
    const draft = newDraft(state);
    step(draft, record, models);
    for (const { key, body, dueMs } of stateChanges(draft)) {
      // The slow way: a copy has no text that was kept.
      const { tenant, agent, windows, profile } = state.agents.get(key)!;
      const plain = encodeAgentState({ tenant, agent, windows, profile });
      if (body !== plain) throw new Error(`the stored state of ${key} is not its state`);
      store.set(key, { body, dueMs });
    }
    const { alerts, scores, deadLetters } = outputOf(draft);
    out.alerts.push(...alerts);
    out.scores.push(...scores);
    out.dead.push(...deadLetters);
    restAgents(draft);
    evictAgents(state, 1);
    if (!crash(i)) continue;
    const due = [...store].flatMap(([key, { dueMs }]) => (dueMs === null ? [] : [{ key, dueMs }]));
    state = restorePartition('live', encodePartition(state), due.reverse());
  }
  return { ...out, counters: state.counters };

  function eventAt(offset: number): LoggedEvent {
    const record = records.find((one) => one.offset === offset)!;
    const { event } = record as Extract<LogRecord, { kind: 'event' }>; // windows hold events only
    return { event, text: JSON.stringify(event) };
  }

  function load(keys: readonly string[]): void {
    const cold = keys.filter((key) => !state.agents.has(key) && store.has(key));
    loadAgents(state, readAgents(new Map(cold.map((key) => [key, store.get(key)!.body]))), eventAt);
  }
}

/** A log with the model in force, ticks and all. */
export const logOf = (events: Iterable<Event>): LogRecord[] =>
  recordsOf([{ kind: 'control', control: epochOf(BUNDLE) }, ...withTicks([...events])]);

export const bodyOf = (alert: AlertRow) => JSON.parse(alert.body) as ThreatAlert;
