/** What the simulated policy engine decides on a side effect: it sees the tool, the destination and the request, never the label. */
import type { PolicyDecision } from '@optikal/contracts';
import { logistic, type Random } from '@optikal/ml';
import { chance, logNormal, pick } from './draw.ts';
import type { Tool } from './tools.ts';

const BASE_RISK: Readonly<Record<Tool['effect'], number>> = { read: 0.05, unknown: 0.3, write: 0.16, account: 0.36, money: 0.4 };

export interface Action {
  readonly principal: string;
  readonly tool: Tool;
  readonly callId: string;
  readonly taskId: string;
  readonly newDestination: boolean;
  readonly requested: number;
  readonly argBytes: number;
  /** The record it changes decides over rights. */
  readonly rights: boolean;
  /** Its role is meant to use the tool. */
  readonly inScope: boolean;
}

export function decide(action: Action, random: Random): PolicyDecision {
  const { tool } = action;
  const risk =
    BASE_RISK[tool.effect] +
    (tool.rare ? 0.1 : 0) +
    (action.newDestination ? 0.13 : 0) +
    0.08 * (1 - action.requested) +
    (action.argBytes > 20_000 ? 0.1 : 0) +
    (action.rights ? 0.15 : 0) +
    (action.inScope ? 0 : 0.25) +
    0.09 * random.nextGaussian();
  const riskScore = Math.round(Math.max(0.01, Math.min(0.99, risk)) * 1000) / 1000;
  const forbidden = chance(random, 0.006 + 0.3 * logistic((risk - 0.85) * 14));
  const stepUp = !forbidden && chance(random, 0.004 + 0.3 * logistic((risk - 0.75) * 14));
  const decision = forbidden ? 'forbid' : stepUp ? 'step_up' : 'permit';
  const human = stepUp && chance(random, 0.25);
  return {
    principal: action.principal,
    action: tool.name,
    resource: tool.destination === null ? null : `${tool.kind}:${tool.name}`,
    callId: action.callId,
    taskId: action.taskId,
    decision,
    riskScore,
    constraints: stepUp ? ['approval_required'] : tool.effect === 'money' && chance(random, 0.2) ? ['amount_limit'] : [],
    policies: [forbidden ? pick(random, ['deny-outside-scope', 'deny-out-of-hours', 'deny-unlisted-target']) : `permit-${tool.effect}`],
    cause: human ? 'human' : 'policy',
    latencyMs: Math.round(logNormal(random, 3, 0.5) * 10) / 10,
  };
}
