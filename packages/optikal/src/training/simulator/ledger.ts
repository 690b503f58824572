/** The record of what was an attack: truth lines and campaign calls. Detectors never see it. */
import type { Call, Truth } from '@optikal/contracts';
import type { Campaign, CampaignCall } from './campaign.ts';
import type { PlannedCall } from './task-plan.ts';

export interface Ledger {
  readonly truth: Truth[];
  readonly campaigns: Campaign[];
}

export function newLedger(): Ledger {
  return { truth: [], campaigns: [] };
}

/** Files a call that an attack made or that let a hostile text in; all others leave no trace. */
export function record(ledger: Ledger, agent: string, tenant: string, planned: PlannedCall, call: Call, destination: number | null): void {
  const { campaign, hostile } = planned;
  const read = hostile !== null && call.ok ? hostile.campaign : null;
  const source = campaign ?? read;
  if (source === null) return;
  ledger.truth.push({
    tenant,
    agent,
    taskId: call.taskId,
    callId: call.callId,
    startMs: call.time - Math.round(call.latencyMs ?? 0),
    endMs: call.time,
    threat: source.threat,
    intensity: source.intensity,
    campaign: source.name,
    exposure: read === null ? 0 : 1,
    acted: campaign === null ? 0 : 1,
    exclude: 0,
  });
  if (campaign === null) return;
  const entry: CampaignCall = {
    callId: call.callId,
    taskId: call.taskId!, // the simulator's calls always belong to a task
    timeMs: call.time,
    tool: call.tool,
    effect: planned.tool.effect,
    ok: call.ok,
    argBytes: call.argBytes ?? 0,
    destination,
    gain: planned.gain,
  };
  // INVARIANT: the ledger's campaigns are the only writers of `calls`; to everyone else the list is read-only.
  (campaign.calls as CampaignCall[]).push(entry);
}
