/** The state of one partition while it is processed, and what a batch changed: the draft that a commit makes durable. */
import type { EventErrorCode } from '@optikal/contracts';
import type { AlertRow, CommitOutput, DeadLetter, ScoreRow, StateChange } from '../bus/contract.ts';
import { newPartitionClock, type PartitionClock } from '../stream/clock.ts';
import { DueQueue } from '../stream/due.ts';
import { type LoggedEvent, nextDueMs } from '../stream/window.ts';
import { type AgentState, decodeAgentState, encodeAgentState, restoreRecords, restProfile } from './agent-state.ts';

export interface Counters {
  events: number;
  accepted: number;
  duplicate: number;
  late: number;
  dead: number;
  windows: number;
  scored: number;
  alerts: number;
  early: number;
  withdrawn: number;
}

export interface PartitionState {
  readonly run: string;
  readonly clock: PartitionClock;
  readonly counters: Counters;
  readonly agents: Map<string, AgentState>;
  readonly due: DueQueue;
}

/** Everything that processing a batch changed, beside the partition itself. */
export interface Draft {
  readonly state: PartitionState;
  readonly touched: Set<string>;
  readonly alerts: AlertRow[];
  readonly scores: ScoreRow[];
  readonly deadLetters: (DeadLetter & { readonly offset: number })[];
}

export type DeadReason = { readonly code: EventErrorCode; readonly field: string };

interface StoredPartition {
  readonly run: string;
  readonly clockMs: number | null;
  readonly epochs: PartitionClock['epochs'];
  readonly quarantines: PartitionClock['quarantines'];
  readonly counters: Counters;
}

export function newPartitionState(run: string): PartitionState {
  const counters = { events: 0, accepted: 0, duplicate: 0, late: 0, dead: 0, windows: 0, scored: 0, alerts: 0, early: 0, withdrawn: 0 };
  return { run, clock: newPartitionClock(), counters, agents: new Map(), due: new DueQueue() };
}

/** A partition as it was committed. Agents are loaded when a batch needs them; `due` names those with an open window. */
export function restorePartition(
  run: string,
  stored: string | null,
  due: readonly { readonly key: string; readonly dueMs: number }[],
): PartitionState {
  const fresh = newPartitionState(run);
  if (stored === null) return fresh;
  const { clockMs, epochs, quarantines, counters } = JSON.parse(stored) as StoredPartition; // written by encodePartition
  // The end of the window is in the agent's state, not here: 0 brings the entry up no later than its place, and the step puts it back there.
  for (const { key, dueMs } of due) fresh.due.push({ dueMs, endMs: 0, key });
  return {
    ...fresh,
    clock: { clockMs: clockMs ?? Number.NEGATIVE_INFINITY, epochs: [...epochs], quarantines: [...quarantines] },
    counters: { ...counters },
  };
}

/** `clockMs`: the clock to go on from, where a tick has begun and is not over. */
export function encodePartition({ run, clock, counters }: PartitionState, clockMs = clock.clockMs): string {
  const stored: StoredPartition = {
    run,
    clockMs: Number.isFinite(clockMs) ? clockMs : null,
    epochs: clock.epochs,
    quarantines: clock.quarantines,
    counters,
  };
  return JSON.stringify(stored);
}

export function newDraft(state: PartitionState): Draft {
  return { state, touched: new Set(), alerts: [], scores: [], deadLetters: [] };
}

/** Agents as they were stored, and where in the log the records of their open windows are. */
export interface StoredAgents {
  readonly agents: ReadonlyMap<string, AgentState>;
  readonly offsets: readonly number[];
}

export function readAgents(bodies: ReadonlyMap<string, string>): StoredAgents {
  const agents = new Map([...bodies].map(([key, body]) => [key, decodeAgentState(key, body)]));
  return { agents, offsets: [...agents.values()].flatMap(({ windows }) => windows.open.flatMap(({ offsets }) => offsets)) };
}

/** `eventAt` knows the event at each of their offsets. */
export function loadAgents(state: PartitionState, { agents }: StoredAgents, eventAt: (offset: number) => LoggedEvent): void {
  for (const [key, agent] of agents) {
    restoreRecords(agent, eventAt);
    state.agents.set(key, agent);
  }
}

/** Only agents that the batch touched. */
export function stateChanges(draft: Draft): StateChange[] {
  return [...draft.touched].map((key) => {
    const agent = draft.state.agents.get(key)!; // touched agents are held until the commit
    return { key, body: encodeAgentState(agent), dueMs: nextDueMs(agent.windows) };
  });
}

/** What a commit stored need not be held decoded. */
export function restAgents({ state, touched }: Draft): void {
  for (const key of touched) restProfile(state.agents.get(key)!); // touched agents are held until the commit
}

export function outputOf({ alerts, scores, deadLetters }: Draft): CommitOutput {
  return { alerts, scores, deadLetters };
}

/** Forgets agents without an open window when more than `limit` are held; they are loaded again when they act. */
export function evictAgents(state: PartitionState, limit: number): void {
  if (state.agents.size <= limit) return;
  for (const [key, agent] of state.agents) {
    if (agent.windows.open.length === 0) state.agents.delete(key);
    if (state.agents.size <= limit / 2) return;
  }
}
