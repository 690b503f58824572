/**
 * Events → training rows, by the same code that serves. First what each agent contributes to its role (label-blind), then the features, with
 * the agent itself, and whoever shares its data, left out of role and fleet. The windows are held in between; a log too long for that is
 * read twice. Both ways give the same rows.
 */
import { agentKey, type Event } from '@optikal/contracts';
import type { LogRecord } from '../bus/contract.ts';
import { type Analysis, analyse, type Lens, learnFrom } from '../detection/analyse.ts';
import { countStep, tokenOf } from '../detection/counts.ts';
import { type FleetSnapshot, type FleetView, fleetViews, type Group, learnWindow, newGroup, snapshotOf } from '../detection/fleet.ts';
import { type Draft, newDraft, newPartitionState } from '../detection/partition.ts';
import { type AgentProfile, newProfile } from '../detection/profile.ts';
import { type Model, step } from '../detection/step.ts';
import type { ToolLookup } from '../detection/tool-lookup.ts';
import { withTicks } from '../stream/event-clock.ts';
import { sortedRecords } from '../stream/window.ts';
import type { Dataset, WindowSample } from './dataset.ts';
import type { TruthIndex } from './labels.ts';
import { otherAgents } from './other-agents.ts';

export interface Contribution {
  readonly role: string | null;
  readonly group: Group;
}

export interface ExtractOptions {
  /** Called once or twice: the source must give the same events again. */
  readonly events: () => Iterable<Event>;
  readonly truth: TruthIndex | null;
  readonly tools: ToolLookup;
  /** Agents that share data with this one (same recorded runs) and leave its role too; without it only the agent itself does. */
  readonly relatives?: (key: string) => readonly string[];
  /** Roles known from elsewhere (a bundle) are taken from there; the fleet's own agents stand in for unknown roles. */
  readonly known?: FleetSnapshot;
  /** Events whose windows are held at most, a kilobyte or two each. Default 250,000; 0 = read twice. */
  readonly heldEvents?: number;
  /** `total` grows while the length of the log is unknown. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface Extraction {
  readonly dataset: Dataset;
  readonly snapshot: FleetSnapshot;
  readonly contributions: ReadonlyMap<string, Contribution>;
}

const HELD_EVENTS = 250_000;
const DRAFT_RECORDS = 4096;
const NO_HASH = () => ({ sizeBytes: 0, hmac: '' });

export function extract(options: ExtractOptions): Extraction {
  const { contributions, held, events } = readFirst(options);
  const snapshot = snapshotOf(contributions.values());
  const fleetOf = otherAgents(snapshot, contributions, options);
  const lensOf = (key: string): Lens => ({ tools: options.tools, fleetOf: (role) => fleetOf(key, role) });
  const samples: WindowSample[] = [];
  let firstMs = Number.POSITIVE_INFINITY;
  let lastMs = Number.NEGATIVE_INFINITY;
  const take: OnClosed = (closed, analysis) => {
    firstMs = Math.min(firstMs, closed.startMs);
    lastMs = Math.max(lastMs, closed.endMs);
    if (analysis.content.active) samples.push(sampleOf(closed, analysis, options.truth));
  };
  const progress = (done: number) => options.onProgress?.(events + done, 2 * events);
  if (held === null) runLog(options.events(), lensOf, take, progress);
  else runWindows(held, lensOf, take, (share) => progress(Math.round(share * events)));
  const days = Math.max(lastMs - firstMs, 60_000) / 86_400_000;
  return { dataset: { samples, days, agents: contributions.size, labelled: options.truth !== null }, snapshot, contributions };
}

/** A window as it closed. `records` in the order in which features see them. */
interface Closed {
  readonly tenant: string;
  readonly agent: string;
  readonly profile: AgentProfile;
  readonly startMs: number;
  readonly endMs: number;
  readonly records: readonly Event[];
}

/** Sees every window that closes, in the order of closing, before the agent learns from it. */
type OnClosed = (closed: Closed, analysis: Analysis) => void;

/** Tool steps of each task, and habits, per agent. `held` null = there were too many events to hold. */
function readFirst(options: ExtractOptions) {
  const limit = options.heldEvents ?? HELD_EVENTS;
  const found = new Map<string, { role: string | null; readonly group: Group; readonly previous: Map<string, string> }>();
  let held: Closed[] | null = [];
  let heldEvents = 0;
  const state = runLog(
    options.events(),
    () => ({ tools: options.tools, fleetOf: () => EMPTY }),
    (closed, analysis) => {
      heldEvents += closed.records.length;
      if (heldEvents > limit) held = null;
      held?.push(closed);
      const key = agentKey(closed.tenant, closed.agent);
      let own = found.get(key);
      if (own === undefined) {
        own = { role: null, group: newGroup(), previous: new Map() };
        found.set(key, own);
      }
      own.role = closed.profile.role;
      for (const { call } of analysis.facts.calls) {
        const token = tokenOf(call.call.tool);
        countStep(own.group.counts, own.previous.get(call.taskId) ?? null, token);
        own.previous.set(call.taskId, token);
      }
      if (analysis.content.active) learnWindow(own.group, analysis.habitValues);
    },
    (events) => options.onProgress?.(events, 2 * events),
  );
  const contributions = new Map([...found].map(([key, { role, group }]): [string, Contribution] => [key, { role, group }]));
  return { contributions, held: held as readonly Closed[] | null, events: state.counters.events }; // `held` is assigned in a callback
}

const EMPTY: FleetView = fleetViews(snapshotOf([]))(null);

/** A log through the step, with no model in force. */
function runLog(
  events: Iterable<Event>,
  lensOf: (key: string) => Lens,
  onClosed: OnClosed,
  onProgress: (events: number) => void,
): Draft['state'] {
  const model: Model = {
    bundle: null,
    threshold: Number.POSITIVE_INFINITY,
    lens: ({ tenant, agent }) => lensOf(agentKey(tenant, agent)),
  };
  const models = {
    of: () => model,
    fingerprint: NO_HASH,
    onClosed: (
      { tenant, agent, profile }: Omit<Closed, 'records' | 'startMs' | 'endMs'>,
      window: Parameters<typeof sortedRecords>[0],
      analysis: Analysis,
    ) => onClosed({ tenant, agent, profile, startMs: window.startMs, endMs: window.endMs, records: sortedRecords(window) }, analysis),
  };
  const state = newPartitionState('train');
  let draft = newDraft(state);
  let offset = 0;
  for (const entry of withTicks(events)) {
    const record: LogRecord = { ...entry, offset };
    step(draft, record, models);
    if (++offset % DRAFT_RECORDS !== 0) continue;
    draft = newDraft(state);
    onProgress(state.counters.events);
  }
  onProgress(state.counters.events);
  return state;
}

/** The same for windows that have closed before: what the step does when one closes and there is no model to alert. */
function runWindows(held: readonly Closed[], lensOf: (key: string) => Lens, onClosed: OnClosed, onProgress: (share: number) => void): void {
  const profiles = new Map<string, AgentProfile>();
  held.forEach((closed, i) => {
    const key = agentKey(closed.tenant, closed.agent);
    const profile = profiles.get(key) ?? newProfile();
    profiles.set(key, profile);
    const analysis = analyse(closed.records, profile, lensOf(key), closed.startMs);
    onClosed({ ...closed, profile }, analysis);
    learnFrom(analysis, profile, false);
    if (i % DRAFT_RECORDS === 0) onProgress(i / held.length);
  });
  onProgress(1);
}

function sampleOf({ tenant, agent, profile, startMs, endMs }: Closed, analysis: Analysis, truth: TruthIndex | null): WindowSample {
  const callIds = analysis.facts.calls.map(({ call }) => call.call.callId);
  const label = truth?.windowLabel(tenant, agent, startMs, endMs, callIds);
  return {
    key: agentKey(tenant, agent),
    role: profile.role,
    startMs,
    row: analysis.row,
    callRows: analysis.callRows,
    sequence: analysis.sequence,
    callIds,
    callLabels: callIds.map((id) => truth?.callLabel(tenant, agent, id) ?? 0),
    label: label?.label ?? 0,
    threat: label?.threat ?? null,
    intensity: label?.intensity ?? null,
    campaign: label?.campaign ?? null,
    exclude: label?.exclude ?? false,
  };
}
