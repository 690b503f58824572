/**
 * One record of the log, one step: the whole life of an event, pure. control → new epoch · tick → the log's clock moves, due windows close in
 * (due, end, tenant, agent) order · event → duplicate? late? → its window → hot? look now. Nothing here reads a clock, a file or chance.
 */
import { agentKey, type Control, type Event, type ModelEpoch, type ThreatAlert } from '@optikal/contracts';
import canonicalize from 'canonicalize';
import type { LogRecord } from '../bus/contract.ts';
import { control, epochAt, isQuarantined, tick } from '../stream/clock.ts';
import { admit, type OpenWindow, sortedRecords, windowDueMs } from '../stream/window.ts';
import { driftAlertBody } from './agent-drift/alert.ts';
import { forgetTasks, taskRows } from './agent-drift/memory.ts';
import { judgeDrift } from './agent-drift/model.ts';
import { type AgentState, newAgentState, profileChanged } from './agent-state.ts';
import { alertId } from './alert-id.ts';
import { type Analysis, analyse, type Lens, learnFrom } from './analyse.ts';
import { archiveWindow } from './archive.ts';
import { alertBody } from './ensemble/alert.ts';
import type { Bundle } from './ensemble/bundle.ts';
import { type Judgement, judge, sequenceBaseOf } from './ensemble/judge.ts';
import { thresholdFor } from './ensemble/planes.ts';
import { isHot, MAX_LOOKS } from './hot.ts';
import type { DeadReason, Draft } from './partition.ts';
import { copyProfile } from './profile.ts';

/** An epoch, ready to judge. `bundle` null = windows are analysed but not judged (training). */
export interface Model {
  readonly bundle: Bundle | null;
  readonly threshold: number;
  readonly lens: (state: AgentState) => Lens;
}

export interface Models {
  /** null epoch = no model is in force yet. */
  of(epoch: ModelEpoch | null): Model;
  /** What else wants to see a window that closed (training rows, a demo's truth). */
  readonly onClosed?: (state: AgentState, window: OpenWindow, analysis: Analysis, judgement: Judgement | null) => void;
  /** Dead letters need a keyed hash of the message; the key is the caller's. */
  readonly fingerprint: (event: Event) => { readonly sizeBytes: number; readonly hmac: string };
  /** Names an alert; a test exchanges it to prove that names never depend on a model. */
  readonly nameAlert?: (subject: Parameters<typeof alertId>[0], bundle: Bundle) => string;
}

export function step(draft: Draft, record: LogRecord, models: Models): void {
  if (record.kind === 'control') onControl(draft, record.control);
  else if (record.kind === 'tick') onTick(draft, record.timeMs, models);
  else onEvent(draft, record, models);
}

function onControl(draft: Draft, record: Control): void {
  control(draft.state.clock, record);
}

function onTick(draft: Draft, timeMs: number, models: Models): void {
  while (closeNext(draft, timeMs, models));
}

/**
 * Moves the clock to a tick and closes the first window that it makes due; false = none is left. A tick is over when this says so: whoever
 * commits in between keeps the clock of before (encodePartition), so that after a crash the tick comes again and closes the rest.
 */
export function closeNext(draft: Draft, timeMs: number, models: Models): boolean {
  const { state } = draft;
  if (timeMs < state.clock.clockMs) return false;
  tick(state.clock, timeMs);
  for (let entry = state.due.popDue(timeMs); entry !== null; entry = state.due.popDue(timeMs)) {
    const agent = state.agents.get(entry.key);
    // INVARIANT: whoever is queued has an open window, and is loaded before the tick is read (DueQueue.keysDue).
    if (agent === undefined) throw new Error(`agent \`${entry.key}\` is due and not loaded`);
    const head = agent.windows.open[0];
    if (head === undefined) continue;
    // A later window that waited for this agent's earlier one is due when that closed.
    const dueMs = Math.max(windowDueMs(head), entry.dueMs);
    if (dueMs > entry.dueMs || head.endMs !== entry.endMs) {
      // The entry is older than the latest records; it goes back to its present place.
      state.due.push({ dueMs, endMs: head.endMs, key: entry.key });
      continue;
    }
    closeWindow(draft, agent, models);
    queueHead(draft, agent, dueMs);
    return true;
  }
  return false;
}

function onEvent(draft: Draft, record: Extract<LogRecord, { kind: 'event' }>, models: Models): void {
  const { event, offset } = record;
  const { state } = draft;
  state.counters.events++;
  const key = agentKey(event.tenant, event.agent);
  const agent = state.agents.get(key) ?? newAgentState(event.tenant, event.agent);
  const admission = admit(agent.windows, record, state.clock.clockMs, sameBody);
  if (admission.outcome === 'dead') {
    bury(draft, event, offset, { code: admission.code, field: FIELD_OF[admission.code] }, models);
    return;
  }
  state.counters[admission.outcome]++;
  if (admission.outcome !== 'accepted') return;
  state.agents.set(key, agent);
  draft.touched.add(key);
  queueHead(draft, agent);
  const { window } = admission;
  const model = models.of(epochAt(state.clock, window.startMs));
  if (isHot(event, window, agent, model.lens(agent).tools) && !window.early && window.looks < MAX_LOOKS)
    lookEarly(draft, agent, window, model, models);
}

/** What is wrong with a refused event: its id, its time, or nothing of its own. */
const FIELD_OF = {
  clock_ahead: '/time',
  open_windows_exceeded: '/time',
  duplicate_id_conflict: '/id',
  window_records_exceeded: '',
} as const;

/** Queues the agent's oldest window, where one is open; not before `notBeforeMs`. */
function queueHead(draft: Draft, agent: AgentState, notBeforeMs = Number.NEGATIVE_INFINITY): void {
  const head = agent.windows.open[0];
  if (head === undefined) return;
  draft.state.due.push({
    dueMs: Math.max(windowDueMs(head), notBeforeMs),
    endMs: head.endMs,
    key: agentKey(agent.tenant, agent.agent),
  });
}

/** The final look: score, archive, alert or withdraw, and only then learn. */
function closeWindow(draft: Draft, agent: AgentState, models: Models): void {
  const { state } = draft;
  const window = agent.windows.open.shift()!; // the caller saw that one is open
  agent.windows.lastClosedEndMs = window.endMs;
  draft.touched.add(agentKey(agent.tenant, agent.agent));
  state.counters.windows++;
  const model = models.of(epochAt(state.clock, window.startMs));
  const analysis = analyse(sortedRecords(window), agent.profile, model.lens(agent), window.startMs);
  const judgement = model.bundle !== null && analysis.content.active ? judge(model.bundle, analysis) : null;
  const threshold = thresholdOf(model, analysis);
  const alerted = judgement !== null && judgement.margin >= threshold;
  models.onClosed?.(agent, window, analysis, judgement);
  if (judgement !== null && model.bundle !== null) {
    state.counters.scored++;
    const finding = { analysis, judgement, threshold, bundle: model.bundle };
    archive(draft, agent, window, finding, alerted);
    if (alerted || window.early) publish(draft, agent, window, 2, alerted ? 'alert' : 'withdrawn', finding, models);
  }
  const { drift } = agent.profile;
  learnFrom(analysis, agent.profile, alerted || isQuarantined(state.clock, agent.tenant, agent.agent, window.startMs));
  if (model.bundle !== null && agent.profile.drift !== drift) judgeAgentDrift(draft, agent, window, analysis, model.bundle, models);
  profileChanged(agent);
}

/** Tasks have ended: is it still the agent that it was? After an alert the tasks since the change are its beginning, or each would alert. */
function judgeAgentDrift(draft: Draft, agent: AgentState, window: OpenWindow, analysis: Analysis, bundle: Bundle, models: Models): void {
  const { agentDrift: model } = bundle;
  if (model === undefined) return;
  const { profile, tenant } = agent;
  const tasks = taskRows(profile.drift);
  const judgement = judgeDrift(model, tasks);
  if (judgement === null || judgement.margin < model.threshold) return;
  const subject = { run: draft.state.run, tenant, agent: agent.agent, startMs: window.startMs, endMs: window.endMs, detector: 'drift' };
  const id = models.nameAlert?.(subject, bundle) ?? alertId(subject);
  const body = driftAlertBody({ ...subject, id, role: profile.role, analysis, judgement, model, tasks, bundle });
  draft.state.counters.alerts++;
  emit(draft, agent, window, body);
  profile.drift = forgetTasks(profile.drift, judgement.change.at);
}

/** A hot record: the open window is scored as it stands, on a copy of the agent's memory, behind what earlier open windows hold. */
function lookEarly(draft: Draft, agent: AgentState, window: OpenWindow, model: Model, models: Models): void {
  if (model.bundle === null) return;
  window.looks++;
  const copy: AgentState = { ...agent, profile: copyProfile(agent.profile) };
  for (const earlier of agent.windows.open) {
    if (earlier.startMs >= window.startMs) break;
    // Nobody has judged it yet: its tasks end, and nothing is learnt.
    learnFrom(analyse(sortedRecords(earlier), copy.profile, model.lens(copy), earlier.startMs), copy.profile, true);
  }
  const analysis = analyse(sortedRecords(window), copy.profile, model.lens(copy), window.startMs);
  if (!analysis.content.active) return;
  const judgement = judge(model.bundle, analysis);
  const threshold = thresholdOf(model, analysis);
  if (judgement.margin < threshold) return;
  window.early = true;
  const finding = { analysis, judgement, threshold, bundle: model.bundle };
  archive(draft, copy, window, finding, true, true);
  publish(draft, copy, window, 1, 'alert', finding, models);
}

/** What the margin of this window has to reach: with the planes that it had. */
function thresholdOf({ bundle, threshold }: Model, { row }: Analysis): number {
  return bundle === null ? threshold : thresholdFor(bundle, threshold, row);
}

interface Finding {
  readonly analysis: Analysis;
  readonly judgement: Judgement;
  readonly threshold: number;
  readonly bundle: Bundle;
}

/** An early score is kept too, so that an early alert can be explained; the final one of the same window replaces it. */
function archive(
  draft: Draft,
  { tenant, agent, profile }: AgentState,
  window: OpenWindow,
  finding: Finding,
  alerted: boolean,
  open = false,
): void {
  draft.scores.push({
    key: agentKey(tenant, agent),
    windowStartMs: window.startMs,
    windowEndMs: window.endMs,
    fingerprint: finding.bundle.fingerprint,
    body: archiveWindow({
      analysis: finding.analysis,
      judgement: finding.judgement,
      threshold: finding.threshold,
      alerted,
      role: profile.role,
      withSequence: sequenceBaseOf(finding.bundle.bases) !== null,
    }),
    ...(open ? { open } : {}),
  });
}

function publish(
  draft: Draft,
  agent: AgentState,
  window: OpenWindow,
  revision: 1 | 2,
  decision: 'alert' | 'withdrawn',
  finding: Finding,
  models: Models,
): void {
  const { tenant, agent: name } = agent;
  const { run, counters } = draft.state;
  const subject = { run, tenant, agent: name, startMs: window.startMs, endMs: window.endMs, detector: 'ensemble' };
  const id = models.nameAlert?.(subject, finding.bundle) ?? alertId(subject);
  const body = alertBody({
    ...subject,
    id,
    revision,
    decision,
    threshold: finding.threshold,
    analysis: finding.analysis,
    judgement: finding.judgement,
    profile: agent.profile,
    bundle: finding.bundle,
  });
  if (revision === 1) counters.early++;
  else if (decision === 'alert') counters.alerts++;
  else counters.withdrawn++;
  emit(draft, agent, window, body);
}

function emit(draft: Draft, { tenant, agent }: AgentState, window: OpenWindow, alert: ThreatAlert): void {
  const { id, revision } = alert;
  // Names that agents send may hold broken text (lone surrogates), which RFC 8785 has no form for.
  const body = canonicalize(wellFormed(alert))!;
  draft.alerts.push({ id, revision, key: agentKey(tenant, agent), windowStartMs: window.startMs, body });
}

function bury(draft: Draft, event: Event, offset: number, { code, field }: DeadReason, models: Models): void {
  draft.state.counters.dead++;
  draft.deadLetters.push({ offset, code, field, ...models.fingerprint(event) });
}

/** Equal as JSON values: the order of fields does not count. */
function sameBody(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const names = Object.keys(a);
  if (names.length !== Object.keys(b).length) return false;
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>]; // both are objects, checked above
  return names.every((name) => Object.hasOwn(right, name) && sameBody(left[name], right[name]));
}

function wellFormed<T>(value: T): T;
function wellFormed(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed();
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => wellFormed(item));
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, wellFormed(item)]));
}
