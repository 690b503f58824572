/**
 * One window of one agent, looked at: records → content → facts → rows. Pure; the same call serves training, the stream, early looks and
 * replays, so a feature cannot differ between them. `learnFrom` afterwards moves the agent's memory on.
 */
import type { Event } from '@optikal/contracts';
import { readWindow, type WindowContent } from './content.ts';
import { followWindow, type WindowFacts } from './facts.ts';
import { CALL_COLUMNS, writeCall } from './features/calls.ts';
import { newRows, type Row } from './features/columns.ts';
import { FUSED_COLUMNS, writeFused, writeHabitValues } from './features/fused.ts';
import type { FleetView } from './fleet.ts';
import { HABIT_METRICS, learnHabit } from './habit.ts';
import { type AgentProfile, endTask } from './profile.ts';
import { rememberSequence, type Step, type StepList, sequenceOf } from './steps.ts';
import type { ToolLookup } from './tool-lookup.ts';

export interface Analysis {
  readonly startMs: number;
  readonly content: WindowContent;
  readonly facts: WindowFacts;
  /** fused1 of the window; call1 of each call, in order. */
  readonly row: Row;
  readonly callRows: readonly Row[];
  /** step1 of the agent's last windows with activity, oldest first, and of this one. */
  readonly sequence: readonly Step[];
  /** The same, made into steps only where a model asks for `sequence`. */
  readonly steps: StepList;
  readonly habitValues: Float64Array;
}

/** What of the world outside the agent a look depends on. `fleetOf` is asked after the window's register events were read. */
export interface Lens {
  readonly tools: ToolLookup;
  readonly fleetOf: (role: string | null) => FleetView;
}

/** Moves the open tasks of `profile` through the window; nothing is learnt yet. */
export function analyse(records: readonly Event[], profile: AgentProfile, lens: Lens, startMs: number): Analysis {
  const content = readWindow(records, lens.tools);
  const fleet = lens.fleetOf(roleAfter(content, profile.role));
  const facts = followWindow(content, profile, fleet, startMs);
  const { row, habitValues, callRows } = rowsFor(facts.calls.length);
  writeHabitValues(habitValues, content, facts);
  writeFused(row, content, facts, habitValues, profile.habit, fleet);
  for (let i = 0; i < callRows.length; i++) writeCall(callRows[i]!, facts.calls[i]!);
  const steps = sequenceOf(profile.memory, row, startMs);
  return {
    startMs,
    content,
    facts,
    habitValues,
    row,
    callRows,
    steps,
    get sequence() {
      return steps.steps;
    },
  };
}

/**
 * After the final look: the habit learns the window unless it alerted or is quarantined; tasks that ended join the agent's history unless one
 * of their windows alerted. What happened is remembered either way.
 */
export function learnFrom(analysis: Analysis, profile: AgentProfile, suspicious: boolean): void {
  if (suspicious) for (const task of analysis.facts.touched) task.alerted = true;
  else if (analysis.content.active) learnHabit(profile.habit, analysis.habitValues);
  if (analysis.content.active) profile.memory = rememberSequence(analysis.steps, analysis.startMs);
  for (const task of analysis.facts.ended) endTask(profile, task);
}

function rowsFor(callCount: number): Pick<Analysis, 'row' | 'habitValues' | 'callRows'> {
  const lengths = [FUSED_COLUMNS.length, HABIT_METRICS.length];
  for (let i = 0; i < callCount; i++) lengths.push(CALL_COLUMNS.length);
  const rows = newRows(lengths);
  return { row: rows[0]!, habitValues: rows[1]!, callRows: rows.slice(2) };
}

function roleAfter(content: WindowContent, role: string | null): string | null {
  for (const item of content.items)
    if (item.kind === 'lifecycle' && (item.data.kind === 'register' || item.data.kind === 'deploy') && item.data.role !== null)
      role = item.data.role.toWellFormed();
  return role;
}
