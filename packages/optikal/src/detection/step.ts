/**
 * One record of the log, one step: the whole life of an event, pure. control → new epoch · tick → the log's clock moves, due windows close in
 * (due, end, tenant, agent) order · event → duplicate? late? → its window → hot? look now. Nothing here reads a clock, a file or chance.
 */
import type { Control, Event, ModelEpoch } from '@optikal/contracts';
import canonicalize from 'canonicalize';
import type { LogRecord } from '../bus/contract.ts';
import { control, epochAt, isQuarantined, tick } from '../stream/clock.ts';
import { admit, nextDueMs, type OpenWindow, sortedRecords } from '../stream/window.ts';
import { type AgentState, agentKey, newAgentState } from './agent-state.ts';
import { alertId } from './alert-id.ts';
import { type Analysis, analyse, type Lens, learnFrom } from './analyse.ts';
import { archiveWindow } from './archive.ts';
import { alertBody } from './ensemble/alert.ts';
import type { Bundle } from './ensemble/bundle.ts';
import { type Judgement, judge } from './ensemble/judge.ts';
import { isHot, MAX_LOOKS } from './hot.ts';
import type { DeadReason, Draft } from './partition.ts';
import { decodeProfile, encodeProfile } from './profile.ts';

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
  else onEvent(draft, record.event, record.offset, models);
}

function onControl(draft: Draft, record: Control): void {
  control(draft.state.clock, record);
}

function onTick(draft: Draft, timeMs: number, models: Models): void {
  const { state } = draft;
  if (!tick(state.clock, timeMs)) return;
  for (let entry = state.due.popDue(timeMs); entry !== null; entry = state.due.popDue(timeMs)) {
    const agent = state.agents.get(entry.key);
    const due = agent === undefined ? null : nextDueMs(agent.windows);
    if (agent === undefined || due === null) continue;
    // The entry may be stale: records came after it was queued, or a later window waited for this one.
    if (due > entry.dueMs) {
      queue(draft, agent, due);
      continue;
    }
    closeWindow(draft, agent, models);
    const next = nextDueMs(agent.windows);
    if (next !== null) queue(draft, agent, Math.max(next, entry.dueMs));
  }
}

function onEvent(draft: Draft, event: Event, offset: number, models: Models): void {
  const { state } = draft;
  state.counters.events++;
  const key = agentKey(event.tenant, event.agent);
  const agent = state.agents.get(key) ?? newAgentState(event.tenant, event.agent);
  const admission = admit(agent.windows, event, state.clock.clockMs, sameBody);
  if (admission.outcome === 'dead') return bury(draft, event, offset, { code: admission.code, field: '/time' }, models);
  state.counters[admission.outcome]++;
  if (admission.outcome !== 'accepted') return;
  state.agents.set(key, agent);
  draft.touched.add(key);
  queue(draft, agent, nextDueMs(agent.windows)!);
  const { window } = admission;
  const model = models.of(epochAt(state.clock, window.startMs));
  if (isHot(event, window, agent, model.lens(agent).tools) && !window.early && window.looks < MAX_LOOKS) lookEarly(draft, agent, window, model, models);
}

function queue(draft: Draft, agent: AgentState, dueMs: number): void {
  draft.state.due.push({ dueMs, endMs: agent.windows.open[0]!.endMs, key: agentKey(agent.tenant, agent.agent) });
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
  const judgement = model.bundle !== null && analysis.content.active ? judge(model.bundle.bases, analysis) : null;
  const alerted = judgement !== null && judgement.margin >= model.threshold;
  models.onClosed?.(agent, window, analysis, judgement);
  if (judgement !== null && model.bundle !== null) {
    state.counters.scored++;
    draft.scores.push({
      key: agentKey(agent.tenant, agent.agent),
      windowStartMs: window.startMs,
      windowEndMs: window.endMs,
      fingerprint: model.bundle.fingerprint,
      body: archiveWindow(analysis, judgement, model.threshold, alerted, agent.profile.role),
    });
    if (alerted || window.early) publish(draft, agent, window, 2, alerted ? 'alert' : 'withdrawn', { analysis, judgement, model, bundle: model.bundle }, models);
  }
  learnFrom(analysis, agent.profile, alerted || isQuarantined(state.clock, agent.tenant, agent.agent, window.startMs));
}

/** A hot record: the open window is scored as it stands, on a copy of the agent's memory, behind what earlier open windows hold. */
function lookEarly(draft: Draft, agent: AgentState, window: OpenWindow, model: Model, models: Models): void {
  if (model.bundle === null) return;
  window.looks++;
  const copy: AgentState = { ...agent, profile: decodeProfile(structuredClone(encodeProfile(agent.profile))) };
  let analysis: Analysis | null = null;
  for (const earlier of agent.windows.open) {
    if (earlier.startMs > window.startMs) break;
    analysis = analyse(sortedRecords(earlier), copy.profile, model.lens(copy), earlier.startMs);
  }
  if (analysis === null || !analysis.content.active) return;
  const judgement = judge(model.bundle.bases, analysis);
  if (judgement.margin < model.threshold) return;
  window.early = true;
  publish(draft, copy, window, 1, 'alert', { analysis, judgement, model, bundle: model.bundle }, models);
}

interface Finding {
  readonly analysis: Analysis;
  readonly judgement: Judgement;
  readonly model: Model;
  readonly bundle: Bundle;
}

function publish(draft: Draft, agent: AgentState, window: OpenWindow, revision: 1 | 2, decision: 'alert' | 'withdrawn', finding: Finding, models: Models): void {
  const { tenant, agent: name } = agent;
  const { run, counters } = draft.state;
  const subject = { run, tenant, agent: name, startMs: window.startMs, endMs: window.endMs, detector: 'ensemble' };
  const id = models.nameAlert?.(subject, finding.bundle) ?? alertId(subject);
  const body = alertBody({
    ...subject,
    id,
    revision,
    decision,
    threshold: finding.model.threshold,
    analysis: finding.analysis,
    judgement: finding.judgement,
    profile: agent.profile,
    bundle: finding.bundle,
  });
  if (revision === 1) counters.early++;
  else if (decision === 'alert') counters.alerts++;
  else counters.withdrawn++;
  draft.alerts.push({ id, revision, key: agentKey(tenant, name), windowStartMs: window.startMs, body: canonicalize(body)! }); // a ThreatAlert is JSON
}

function bury(draft: Draft, event: Event, offset: number, { code, field }: DeadReason, models: Models): void {
  draft.state.counters.dead++;
  draft.deadLetters.push({ offset, code, field, ...models.fingerprint(event) });
}

function sameBody(a: Event, b: Event): boolean {
  return canonicalize(a) === canonicalize(b);
}

