/** Hot records: those after which waiting for the end of the minute is too late (DESIGN 8): a side effect after taint, a secret, a forbid. */
import type { Event } from '@optikal/contracts';
import type { OpenWindow } from '../stream/window.ts';
import { type AgentState, hasReadFlagged } from './agent-state.ts';
import { believedEffect } from './content.ts';
import { SECRET_KIND } from './facts.ts';
import { isSideEffect, type ToolLookup } from './tool-lookup.ts';

/** A window is looked at early this often at most: a burst of hot records must not make the cost quadratic. */
export const MAX_LOOKS = 8;
const FLAGGED_SCORE = 0.5;

/** Also notes in the window that a flagged text was reported, for the records that follow. */
export function isHot(event: Event, window: OpenWindow, agent: AgentState, tools: ToolLookup): boolean {
  switch (event.type) {
    case 'argus.policy.decisions.v1':
      return event.data.decision === 'forbid' && event.data.cause === 'policy';
    case 'argus.security.violations.v1':
      if (event.data.kind === 'prompt_injection' || event.data.kind === 'tool_poisoning') window.flagged = true;
      return event.data.kind === 'secret_leak';
    case 'argus.io.validation.v1': {
      const { score, verdict, direction, findings } = event.data;
      if (direction !== 'output' && (score === null ? verdict !== 'allow' : score >= FLAGGED_SCORE)) window.flagged = true;
      return findings.some((finding) => SECRET_KIND.test(finding.kind));
    }
    case 'argus.agent.metrics.v1':
      return (
        isTainted(agent) && event.data.calls?.some((call) => isSideEffect(believedEffect(tools(call.tool), call.effect ?? null))) === true
      );
    default:
      return false;
  }
}

function isTainted(agent: AgentState): boolean {
  return agent.windows.open.some((window) => window.flagged) || hasReadFlagged(agent);
}
