/** A campaign: one attack on one agent, from the first hostile text or stray call to its goal. */
import type { Effect } from '@optikal/contracts';

export const SIMULATED_THREATS = ['prompt_injection', 'data_exfiltration', 'resource_abuse'] as const;
export type SimulatedThreat = (typeof SIMULATED_THREATS)[number];
export const INTENSITIES = ['blatant', 'moderate'] as const;
export type Intensity = (typeof INTENSITIES)[number];

export type Goal =
  /** So many calls that the attacker dictated, carried out. */
  | { readonly kind: 'actions'; readonly count: number }
  /** So many bytes of payload, sent to the attacker's destination. */
  | { readonly kind: 'bytes_out'; readonly bytes: number }
  /** So many calls burnt, successful or not. */
  | { readonly kind: 'consumption'; readonly calls: number };

/** Decided before the fleet runs. */
export interface CampaignPlan {
  /** Unique in the fleet; the template and what it is laid over. */
  readonly name: string;
  readonly template: string;
  readonly agent: string;
  readonly threat: SimulatedThreat;
  readonly intensity: Intensity;
  /** Scheduled start of the first task it is laid over. */
  readonly startMs: number;
  /** Numbers of the agent's tasks it is laid over, ascending. */
  readonly hostTasks: readonly number[];
  /** The agent is turned by a text that it reads; otherwise it goes astray by itself. */
  readonly exposed: boolean;
  /** What the gateway thinks of that text, as a logit. */
  readonly textLogit: number;
  /** Whom the attacker's calls name. */
  readonly destination: number;
  readonly goal: Goal;
}

export interface CampaignCall {
  readonly callId: string;
  readonly taskId: string;
  readonly timeMs: number;
  readonly tool: string;
  readonly effect: Effect;
  readonly ok: boolean;
  readonly argBytes: number;
  readonly destination: number | null;
}

/** What the campaign did; filled while the agent runs. */
export interface Campaign extends CampaignPlan {
  /** In order of time; every one is in the agent's metrics events and has a truth line with acted = 1. */
  readonly calls: readonly CampaignCall[];
}

export function goalReached(campaign: Campaign): boolean {
  return goalProgress(campaign) >= 1;
}

/** Share of the goal that is reached; 1 and above is done. */
export function goalProgress({ goal, destination, calls }: Campaign): number {
  switch (goal.kind) {
    case 'actions':
      return calls.filter((call) => call.ok).length / goal.count;
    case 'bytes_out':
      return calls.reduce((sum, call) => sum + (call.ok && call.destination === destination ? call.argBytes : 0), 0) / goal.bytes;
    case 'consumption':
      return calls.length / goal.calls;
  }
}
