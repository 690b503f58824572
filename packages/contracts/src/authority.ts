/** `argus.policy.decisions.v1`: what PDE permitted or forbade, and why. Decisions caused by Optikal's own risk are not features. */
import Type, { type Static } from 'typebox';
import { nullable, Share, ShortText } from './ids.ts';

export const PolicyDecisionSchema = Type.Object({
  principal: ShortText,
  action: ShortText,
  resource: nullable(ShortText),
  callId: nullable(ShortText),
  taskId: nullable(ShortText),
  decision: Type.Enum(['permit', 'forbid', 'step_up']),
  riskScore: nullable(Share),
  constraints: Type.Array(ShortText, { maxItems: 64 }),
  policies: Type.Array(ShortText, { maxItems: 64 }),
  cause: Type.Enum(['policy', 'optikal_risk', 'human']),
  latencyMs: nullable(Type.Number({ minimum: 0, maximum: 1e9 })),
});
export type PolicyDecision = Static<typeof PolicyDecisionSchema>;
