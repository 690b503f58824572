/** One call: policy decision, outcome, size and latency, provenance, and the gateway's verdict on what came back. */
import type { Call, Provenance } from '@optikal/contracts';
import type { Random } from '@optikal/ml';
import type { AgentState } from './agent-state.ts';
import { chance, heavyTailed, hex32, mix, pick } from './draw.ts';
import type { Outbox, Thread } from './emit.ts';
import { judgeOutput } from './gateway.ts';
import { type Ledger, record } from './ledger.ts';
import { decide } from './policy.ts';
import { countProvenance, drawMention, type Mention, type Reading, usualSource } from './provenance.ts';
import type { TaskKind } from './roles.ts';
import type { PlannedCall } from './task-plan.ts';
import type { Tool } from './tools.ts';
import { type Outage, outageAt } from './weather.ts';

const BASE_ERRORS = 0.025;
const BAD_SPELL_ERRORS = 0.22;
const MAX_LATENCY_MS = 45_000;
/** Share of records, by what the tool does, of which the policy engine knows that they decide over rights. */
const RIGHTS_SHARE = { account: 0.3, other: 0.04 } as const;
const ERROR_KINDS = ['not_found', 'invalid_argument', 'timeout', 'rate_limited', 'conflict', 'server_error'] as const;

/** A failing call that an attack depends on is tried again at most this often; the last try succeeds. */
export const HOSTILE_TRIES = 4;

export interface TaskRun {
  readonly state: AgentState;
  readonly kind: TaskKind;
  readonly random: Random;
  readonly outages: readonly Outage[];
  readonly ledger: Ledger;
  readonly outbox: Outbox;
  readonly tenant: string;
  /** Tools that the agent's role is meant to use. */
  readonly scope: readonly Tool[];
  readonly thread: Thread & { readonly task: string };
  callCount: number;
  outputs: number;
  flagged: number;
  latestFlagged: boolean;
  contextBytes: number;
  /** Destinations named so far: the agent knows them once the task has ended. */
  readonly named: number[];
  readonly mentions: Map<Tool, Mention>;
}

export interface DoneCall {
  readonly planned: PlannedCall;
  readonly call: Call;
  /** The gateway flagged its output. */
  readonly flagged: boolean;
}

export function performCall(
  run: TaskRun,
  planned: PlannedCall,
  before: Reading,
  turn: number,
  issueMs: number,
  textChars: number,
): DoneCall {
  const { state, random, outbox, thread, kind } = run;
  const { tool } = planned;
  const { sensors } = state.plan;
  const callId = `${thread.task}.c${run.callCount++}`;
  const source = planned.source ?? usualSource(planned, kind, before.outputs, random);
  const provenance = countProvenance(planned, source, mentionOf(run, tool), state.known, before, random);
  const outcome = settle(run, planned, provenance, callId, issueMs);
  const latencyMs = outcome.denied ? 4 + random.nextInt(20) : latencyOf(run, planned, issueMs);
  const timeMs = issueMs + latencyMs;
  const call: Call = {
    callId,
    taskId: thread.task,
    turn,
    time: timeMs,
    tool: tool.name,
    effect: tool.effect,
    ok: outcome.errorKind === null,
    errorKind: outcome.errorKind,
    latencyMs,
    argBytes: planned.argBytes,
    outBytes: outcome.errorKind === null ? planned.outBytes : 40 + random.nextInt(160),
    argHmac: argHmac(state.salt, planned),
    textCharsThisTurn: textChars,
    provenance: sensors.provenance ? provenance : null,
  };
  if (source.destination !== null) run.named.push(source.destination);
  record(run.ledger, state.plan.id, run.tenant, planned, call, source.destination);
  let flagged = false;
  if (call.ok && (sensors.gateway === 'all' || (sensors.gateway === 'untrusted' && tool.untrusted))) {
    // A tool without arguments returns another text each time; all others name their page by their arguments.
    const page = tool.reuse === 'fixed' || tool.reuse === 'task' ? random.nextUint32() : mix(state.salt, planned.argKey, tool.index);
    const verdict = judgeOutput(planned, page, callId, thread.task);
    flagged = verdict.flagged;
    outbox.put('argus.io.validation.v1', timeMs + 1, verdict.validation);
    for (const violation of verdict.violations) outbox.put('argus.security.violations.v1', timeMs + 2, violation);
  }
  // Tried again, the call is the same call.
  return { planned: { ...planned, source }, call, flagged };
}

function mentionOf(run: TaskRun, tool: Tool): Mention {
  const known = run.mentions.get(tool);
  if (known !== undefined) return known;
  const drawn = drawMention(tool, run.kind, run.random);
  run.mentions.set(tool, drawn);
  return drawn;
}

/** Allowed or not, and whether the tool then does its work. A campaign's last try succeeds, so that its goal is reached. */
function settle(
  run: TaskRun,
  planned: PlannedCall,
  provenance: Provenance,
  callId: string,
  issueMs: number,
): { errorKind: string | null; denied: boolean } {
  const { state, random, outbox, thread } = run;
  const { tool } = planned;
  const lastTry = isPressed(planned) && planned.tries >= HOSTILE_TRIES;
  if (tool.side && state.plan.sensors.policy) {
    const action = {
      principal: state.plan.id,
      tool,
      callId,
      taskId: thread.task,
      newDestination: (provenance.destNew ?? 0) > 0,
      requested: provenance.requested ?? 0,
      argBytes: planned.argBytes,
      rights: decidesOverRights(planned),
      inScope: run.scope.includes(tool),
    };
    let decision = decide(action, random);
    if (lastTry && decision.decision === 'forbid') decision = { ...decision, decision: 'permit', policies: [`permit-${tool.effect}`] };
    outbox.put('argus.policy.decisions.v1', Math.max(issueMs - Math.ceil(decision.latencyMs ?? 0), issueMs - 19), decision);
    if (decision.decision === 'forbid') return { errorKind: 'denied', denied: true };
    if (decision.decision === 'step_up' && !lastTry && chance(random, 0.3)) return { errorKind: 'approval_refused', denied: true };
  }
  const outage = outageAt(run.outages, issueMs, tool.kind);
  const errors = BASE_ERRORS + (state.badSpell ? BAD_SPELL_ERRORS : 0) + (outage?.errorShare ?? 0) + (planned.tries > 0 ? 0.3 : 0);
  // Whoever does nothing but burn calls runs into limits as a heavy batch does.
  const strain = Math.min(0.12, run.callCount / 500);
  if (!lastTry && planned.failing > 0 && chance(random, planned.failing)) return { errorKind: 'unauthorized', denied: false };
  if (!lastTry && chance(random, Math.min(0.8, errors + strain))) return { errorKind: pick(random, ERROR_KINDS), denied: false };
  return { errorKind: null, denied: false };
}

/** An attacker who is after rights writes such records; a mimic takes one at random, as everybody's work does now and then. */
function decidesOverRights({ tool, argKey, gain, campaign }: PlannedCall): boolean {
  const share = RIGHTS_SHARE[tool.effect === 'account' ? 'account' : 'other'];
  return (gain?.kind === 'grant' && campaign?.intensity !== 'mimicry') || mix(argKey, tool.index, 23) / 4_294_967_296 < share;
}

/** The campaign needs this call: the read of its text, or a step without which there is no goal. */
export function isPressed({ pressed, hostile }: PlannedCall): boolean {
  return pressed || hostile !== null;
}

function latencyOf(run: TaskRun, planned: PlannedCall, issueMs: number): number {
  const { tool } = planned;
  const outage = outageAt(run.outages, issueMs, tool.kind);
  const median = tool.latencyMs * (1 + planned.outBytes / 60_000) * (outage?.slowdown ?? 1) * (run.state.badSpell ? 1.6 : 1);
  return Math.max(2, Math.round(heavyTailed(run.random, median, 0.6, MAX_LATENCY_MS)));
}

function argHmac(salt: number, planned: PlannedCall): string {
  return hex32(mix(salt, planned.argKey, planned.tool.index)) + hex32(mix(planned.argKey, planned.tool.index, salt));
}
