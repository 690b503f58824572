/** Windows of small events, looked at as the step does, and their features by name. */
import type { Event } from '@optikal/contracts';
import { windowStart } from '../../stream/window.ts';
import { type Analysis, analyse, learnFrom } from '../analyse.ts';
import { countStep, tokenOf } from '../counts.ts';
import { CALL_COLUMNS } from '../features/calls.ts';
import { FUSED_COLUMNS } from '../features/fused.ts';
import { type FleetSnapshot, type FleetView, fleetViews, type Group, learnWindow, newGroup, snapshotOf } from '../fleet.ts';
import { HABIT_METRICS } from '../habit.ts';
import { type AgentProfile, newProfile } from '../profile.ts';
import { TOOLS } from './events.ts';

/** Nobody else is known. */
export const NOBODY: FleetView = fleetViews(snapshotOf([]))(null);

export interface Look {
  readonly profile?: AgentProfile;
  readonly fleetOf?: (role: string | null) => FleetView;
}

/** The events must lie in one window; they are sorted first, as a window sorts its records. */
export function look(events: readonly Event[], { profile = newProfile(), fleetOf = () => NOBODY }: Look = {}): Analysis {
  const sorted = events.toSorted((a, b) => a.timeMs - b.timeMs || (a.id < b.id ? -1 : 1));
  return analyse(sorted, profile, { tools: TOOLS, fleetOf }, windowStart(sorted[0]!.timeMs));
}

/** Looks, then learns, as the closing of a window does. */
export function pass(profile: AgentProfile, events: readonly Event[], suspicious = false, fleetOf?: Look['fleetOf']): Analysis {
  const analysis = look(events, { profile, ...(fleetOf === undefined ? {} : { fleetOf }) });
  learnFrom(analysis, profile, suspicious);
  return analysis;
}

export const feature = (analysis: Analysis, name: string): number => analysis.row[FUSED_COLUMNS.at(name)]!;
export const callFeature = (analysis: Analysis, call: number, name: string): number => analysis.callRows[call]![CALL_COLUMNS.at(name)]!;

/** What one agent gave to its role: tasks as lists of tools, windows as habit values (all metrics alike). */
export function contribution(
  role: string | null,
  tasks: readonly (readonly string[])[],
  windows: readonly number[] = [],
): { role: string | null; group: Group } {
  const group = newGroup();
  for (const tools of tasks)
    for (const [i, tool] of tools.entries()) countStep(group.counts, i === 0 ? null : tokenOf(tools[i - 1]!), tokenOf(tool));
  for (const value of windows) learnWindow(group, new Float64Array(HABIT_METRICS.length).fill(value));
  return { role, group };
}

export function fleetOf(...contributions: { role: string | null; group: Group }[]): FleetSnapshot {
  return snapshotOf(contributions);
}
