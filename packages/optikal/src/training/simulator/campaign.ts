/** A campaign: one attack on one agent, from the first hostile text or stray call to its goal, and the check that the goal was reached. */
import { type Effect, THREATS, type Threat } from '@optikal/contracts';

export const SIMULATED_THREATS: readonly Threat[] = THREATS;
export type SimulatedThreat = Threat;
/** From open to hidden: a low and slow attack takes small steps over hours or days, a mimic does only what the agent itself does. */
export const INTENSITIES = ['blatant', 'moderate', 'low_and_slow', 'mimicry'] as const;
export type Intensity = (typeof INTENSITIES)[number];

export type Goal =
  /** So many calls that the attacker dictated, carried out. */
  | { readonly kind: 'actions'; readonly count: number }
  /** So many bytes of payload, sent to the attacker's destination. */
  | { readonly kind: 'bytes_out'; readonly bytes: number }
  /** So much money, moved to the attacker's account. */
  | { readonly kind: 'money'; readonly amount: number }
  /** So many calls burnt, successful or not. */
  | { readonly kind: 'consumption'; readonly calls: number }
  /** So many uses of credentials that the campaign collected before. */
  | { readonly kind: 'credential_uses'; readonly count: number }
  /** A standing that is reached step by step: each grant needs the one below it. */
  | { readonly kind: 'privilege'; readonly level: number }
  /** Of the `of` tasks from the onset on, at least this share done as another model, prompt or purpose does them. */
  | { readonly kind: 'drift'; readonly share: number; readonly of: number };

/** What a call brings the attacker if it succeeds. */
export type Gain =
  | { readonly kind: 'money'; readonly amount: number }
  | { readonly kind: 'secret'; readonly secret: number }
  | { readonly kind: 'use'; readonly secret: number }
  | { readonly kind: 'grant'; readonly level: number };

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
  readonly gain: Gain | null;
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
  const done = calls.filter((call) => call.ok);
  switch (goal.kind) {
    case 'actions':
      return done.length / goal.count;
    case 'bytes_out':
      return done.reduce((sum, call) => sum + (call.destination === destination ? call.argBytes : 0), 0) / goal.bytes;
    case 'money':
      return (
        done.reduce((sum, { gain, destination: to }) => sum + (gain?.kind === 'money' && to === destination ? gain.amount : 0), 0) /
        goal.amount
      );
    case 'consumption':
      return calls.length / goal.calls;
    case 'credential_uses':
      return credentialUses(done) / goal.count;
    case 'privilege':
      return standingAfter(done) / goal.level;
    case 'drift':
      return new Set(calls.map((call) => call.taskId)).size / (goal.share * goal.of);
  }
}

/** A credential that was not collected cannot be used. */
function credentialUses(done: readonly CampaignCall[]): number {
  const held = new Set<number>();
  let uses = 0;
  for (const { gain } of done) {
    if (gain?.kind === 'secret') held.add(gain.secret);
    else if (gain?.kind === 'use' && held.has(gain.secret)) uses++;
  }
  return uses;
}

/** Who stands at a level can be lifted to the next one, and no further. */
export function standingAfter(done: readonly Pick<CampaignCall, 'gain'>[]): number {
  let level = 0;
  for (const { gain } of done) if (gain?.kind === 'grant' && gain.level === level + 1) level++;
  return level;
}
