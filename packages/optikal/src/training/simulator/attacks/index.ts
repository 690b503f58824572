/** The attacks as changes of a task's plan, one file a threat: the turns of the task stay, or are imitated, and the attacker's are among them. */
import type { Threat } from '@optikal/contracts';
import { type Campaign, goalProgress } from '../campaign.ts';
import type { HostileText } from '../task-plan.ts';
import type { Attack, Course, Ground } from './attack.ts';
import { behavioralDrift } from './behavioral-drift.ts';
import { credentialAbuse } from './credential-abuse.ts';
import { dataExfiltration } from './data-exfiltration.ts';
import { plantText } from './ground.ts';
import { privilegeEscalation } from './privilege-escalation.ts';
import { promptInjection } from './prompt-injection.ts';
import { resourceAbuse } from './resource-abuse.ts';

export type { Course, Ground } from './attack.ts';

export const ATTACKS: Readonly<Record<Threat, Attack>> = {
  credential_abuse: credentialAbuse,
  data_exfiltration: dataExfiltration,
  prompt_injection: promptInjection,
  resource_abuse: resourceAbuse,
  behavioral_drift: behavioralDrift,
  privilege_escalation: privilegeEscalation,
};

/** Lays the next part of a campaign over a task; the last part carries what is left of the goal. */
export function layCampaign(campaign: Campaign, partsLeft: number, ground: Ground): Course {
  const left = Math.max(0, 1 - goalProgress(campaign));
  return ATTACKS[campaign.threat].lay({ campaign, partsLeft, share: partsLeft <= 1 ? left : left / partsLeft }, ground);
}

/** A hostile text in a tool output, and nothing that follows from it. */
export function layAttempt(text: HostileText, ground: Ground): Course {
  return { ...ground, turns: plantText(text, ground).turns };
}
