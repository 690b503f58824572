/**
 * Events → training rows, by the same step that serves: two passes over the same log. The first learns what each agent contributes to its
 * role (label-blind); the second computes features with the agent itself, and whoever shares its data, left out of role and fleet.
 */
import type { Event } from '@optikal/contracts';
import type { LogRecord } from '../bus/contract.ts';
import { countStep, tokenOf } from '../detection/counts.ts';
import {
  type FleetSnapshot,
  type FleetView,
  fleetViews,
  type Group,
  learnWindow,
  newGroup,
  snapshotOf,
  viewWithout,
} from '../detection/fleet.ts';
import { type Draft, newDraft, newPartitionState } from '../detection/partition.ts';
import { type Model, type Models, step } from '../detection/step.ts';
import type { ToolLookup } from '../detection/tool-lookup.ts';
import { withTicks } from '../stream/event-clock.ts';
import type { Dataset, WindowSample } from './dataset.ts';
import type { TruthIndex } from './labels.ts';

export interface Contribution {
  readonly role: string | null;
  readonly group: Group;
}

export interface ExtractOptions {
  /** Called twice: the source must give the same events again. */
  readonly events: () => Iterable<Event>;
  readonly truth: TruthIndex | null;
  readonly tools: ToolLookup;
  /** Agents that share data with this one (same recorded runs) and leave its role too; without it only the agent itself does. */
  readonly relatives?: (key: string) => readonly string[];
  /** Roles known from elsewhere (a bundle) are taken from there; the fleet's own agents stand in for unknown roles. */
  readonly known?: FleetSnapshot;
  readonly onProgress?: (events: number) => void;
}

export interface Extraction {
  readonly dataset: Dataset;
  readonly snapshot: FleetSnapshot;
  readonly contributions: ReadonlyMap<string, Contribution>;
}

const DRAFT_RECORDS = 4096;

/** Runs a log through the step with no model in force. `onClosed` sees every window that closes. */
export function runLog(events: Iterable<Event>, models: Models, onProgress?: (events: number) => void): Draft['state'] {
  const state = newPartitionState('train');
  let draft = newDraft(state);
  let offset = 0;
  for (const entry of withTicks(events)) {
    const record: LogRecord = { ...entry, offset };
    step(draft, record, models);
    if (++offset % DRAFT_RECORDS !== 0) continue;
    draft = newDraft(state);
    onProgress?.(state.counters.events);
  }
  onProgress?.(state.counters.events);
  return state;
}

const EMPTY: FleetView = fleetViews(snapshotOf([]))(null);
const NO_HASH = () => ({ sizeBytes: 0, hmac: '' });

/** First pass: tool steps of each task, and habits, per agent. */
export function contributionsOf(options: ExtractOptions): Map<string, Contribution & { role: string | null }> {
  const found = new Map<string, { role: string | null; group: Group; previous: Map<string, string> }>();
  const model: Model = { bundle: null, threshold: Number.POSITIVE_INFINITY, lens: () => ({ tools: options.tools, fleetOf: () => EMPTY }) };
  runLog(
    options.events(),
    {
      of: () => model,
      fingerprint: NO_HASH,
      onClosed: (state, _window, analysis) => {
        const key = `${state.tenant}|${state.agent}`;
        let own = found.get(key);
        if (own === undefined) {
          own = { role: null, group: newGroup(), previous: new Map() };
          found.set(key, own);
        }
        own.role = state.profile.role;
        for (const { call } of analysis.facts.calls) {
          const token = tokenOf(call.call.tool);
          countStep(own.group.counts, own.previous.get(call.taskId) ?? null, token);
          own.previous.set(call.taskId, token);
        }
        if (analysis.content.active) learnWindow(own.group, analysis.habitValues);
      },
    },
    options.onProgress,
  );
  return new Map([...found].map(([key, { role, group }]) => [key, { role, group }]));
}

export function extract(options: ExtractOptions): Extraction {
  const contributions = contributionsOf(options);
  const snapshot = snapshotOf(contributions.values());
  const viewOf = fleetViewOf(snapshot, contributions, options);
  const samples: WindowSample[] = [];
  let firstMs = Number.POSITIVE_INFINITY;
  let lastMs = Number.NEGATIVE_INFINITY;
  const models: Models = {
    fingerprint: NO_HASH,
    of: () => ({
      bundle: null,
      threshold: Number.POSITIVE_INFINITY,
      lens: ({ tenant, agent }) => ({ tools: options.tools, fleetOf: (role) => viewOf(`${tenant}|${agent}`, role) }),
    }),
    onClosed: ({ tenant, agent, profile }, window, analysis) => {
      firstMs = Math.min(firstMs, window.startMs);
      lastMs = Math.max(lastMs, window.endMs);
      if (!analysis.content.active) return;
      const callIds = analysis.facts.calls.map(({ call }) => call.call.callId);
      const label = options.truth?.windowLabel(tenant, agent, window.startMs, window.endMs, callIds);
      samples.push({
        key: `${tenant}|${agent}`,
        role: profile.role,
        startMs: window.startMs,
        row: analysis.row,
        callRows: analysis.callRows,
        callIds,
        callLabels: callIds.map((id) => options.truth?.callLabel(tenant, agent, id) ?? 0),
        label: label?.label ?? 0,
        threat: label?.threat ?? null,
        intensity: label?.intensity ?? null,
        campaign: label?.campaign ?? null,
        exclude: label?.exclude ?? false,
      });
    },
  };
  runLog(options.events(), models, options.onProgress);
  const days = Math.max(lastMs - firstMs, 60_000) / 86_400_000;
  return { dataset: { samples, days, agents: contributions.size, labelled: options.truth !== null }, snapshot, contributions };
}

/** The fleet as an agent may see it, made once per agent and role. */
function fleetViewOf(
  snapshot: FleetSnapshot,
  contributions: ReadonlyMap<string, Contribution>,
  { relatives, known }: ExtractOptions,
): (key: string, role: string | null) => FleetView {
  const views = new Map<string, FleetView>();
  const knownViews = known === undefined ? null : fleetViews(known);
  return (key, role) => {
    if (knownViews !== null && role !== null && known?.roles.has(role) === true) return knownViews(role);
    const name = `${key}|${role}`;
    let view = views.get(name);
    if (view === undefined) {
      const without = new Set([key, ...(relatives?.(key) ?? [])]);
      view = viewWithout(
        snapshot,
        role,
        [...without].flatMap((other) => contributions.get(other) ?? []),
      );
      views.set(name, view);
    }
    return view;
  };
}
