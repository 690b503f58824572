/**
 * `argus.threat.alerts.v1`: what Optikal finds. The body is the event's data as RFC 8785 JSON: no wall clock, host, process or path
 * in it, so that the same log gives the same bytes. The id names what was judged (run, tenant, agent, window, detector), never a model.
 */
import Type, { type Static } from 'typebox';
import { SEVERITIES } from './gateway.ts';
import { Count, nullable, Share, TimeMs } from './ids.ts';
import { EFFECTS } from './metrics.ts';
import { THREATS } from './taxonomy.ts';

const Name = Type.String({ minLength: 1, maxLength: 512 });

export const AttributionSchema = Type.Object({
  feature: Name,
  label: Name,
  value: nullable(Type.Number()),
  usual: nullable(Type.Number()),
  unit: Name,
  contribution: Type.Number(),
  missing: Type.Boolean(),
});
export type AlertAttribution = Static<typeof AttributionSchema>;

export const EvidenceCallSchema = Type.Object({
  callId: Name,
  taskId: nullable(Name),
  turn: nullable(Count),
  timeMs: TimeMs,
  tool: Name,
  effect: Type.Enum([...EFFECTS]),
  ok: Type.Boolean(),
  score: nullable(Type.Number()),
  reasons: Type.Array(Name, { maxItems: 8 }),
});
export type EvidenceCall = Static<typeof EvidenceCallSchema>;

export const AlertDriftSchema = Type.Object({
  tasksBefore: Type.Integer({ minimum: 1, description: 'remembered tasks of the agent’s beginning, up to the likeliest change' }),
  tasksAfter: Type.Integer({ minimum: 1, description: 'tasks since, the last one included' }),
  logRatio: Type.Number({ description: 'ln of how much likelier two models with the change there are than one; at most 500' }),
  meanLogRatio: Type.Number({ description: 'ln of the mean of that ratio over all points at which it may have changed' }),
  scatter: Type.Number({ description: 'ln of the variance of the tasks around the means of their sides; 0 = as usual for one model' }),
  directions: Type.Array(
    Type.Object({
      features: Type.Array(Name, { maxItems: 2, description: 'those that weigh most in it' }),
      before: Type.Number({ description: 'mean of the tasks before, in standard deviations of one model’s tasks' }),
      after: Type.Number(),
      logRatio: Type.Number({ description: 'what this direction gives to logRatio' }),
    }),
    { maxItems: 32, description: 'directions in which models differ, the one that models differ in most first' },
  ),
  features: Type.Array(
    Type.Object({
      feature: Name,
      shift: Type.Number({ description: '|difference of the means| in spreads of one model’s tasks; 0 = not observed on both sides' }),
      t: Type.Number({ description: 'Welch’s |t|' }),
      ranks: Type.Number({
        minimum: 0,
        maximum: 1,
        description: 'how far the tasks after stand above or below those before: 0 = among them, 1 = apart',
      }),
    }),
    { maxItems: 64, description: 'what each number moved by; its value before and after is in the attributions' },
  ),
});
export type AlertDrift = Static<typeof AlertDriftSchema>;

const threatProbabilities = Object.fromEntries(THREATS.map((threat) => [threat, nullable(Share)])) as Record<
  (typeof THREATS)[number],
  ReturnType<typeof nullable<typeof Share>>
>;

export const ThreatAlertSchema = Type.Object({
  id: Type.String({ pattern: '^[0-9a-f]{32}$' }),
  revision: Type.Enum([1, 2]),
  run: Name,
  tenant: Name,
  agent: Name,
  role: nullable(Name),
  session: nullable(Name),
  tasks: Type.Array(Name, { maxItems: 64 }),
  windowStartMs: TimeMs,
  windowEndMs: TimeMs,
  detector: Name,
  decision: Type.Enum(['alert', 'withdrawn']),
  sentence: Type.String({ maxLength: 2048 }),
  severity: Type.Enum([...SEVERITIES]),
  probability: Share,
  acted: Type.Optional(
    nullable(
      Type.Number({
        minimum: 0,
        maximum: 1,
        description:
          'P(the agent acted on it | it read a text that the gateway flagged); null where it read none, absent where the bundle has no head for it',
      }),
    ),
  ),
  prevalence: Share,
  margin: Type.Number(),
  threshold: Type.Number(),
  threatType: Type.Enum([...THREATS]),
  threatProbabilities: Type.Object(threatProbabilities, {
    description:
      'P(threat | attack), summing to 1 over the threats that the bundle’s models know (a forest of all, or one model a threat against the others); null where they do not know it',
  }),
  baseScores: Type.Record(Type.String(), nullable(Type.Number()), {
    description: 'standardised margin of each base scorer: 0 = the training mean, 1 = one standard deviation above',
  }),
  confidence: Type.Number({
    minimum: 0,
    maximum: 1,
    description:
      'agreement times history: the share of the base scorers’ votes (weight × standardised margin) that were cast for the decision, times (1 + n/(n+k)) / 2 with n the windows in the agent’s own baseline; under a bundle without a meta-model the share of base scorers on the decision’s side of the threshold',
  }),
  lstm_uncertainty: nullable(
    Type.Number({
      minimum: 0,
      maximum: 0.5,
      description: 'standard deviation of the sequence model’s probability over 50 dropout passes; null where the bundle has none',
    }),
  ),
  attention: nullable(
    Type.Array(Share, {
      maxItems: 64,
      description:
        'weight of each of the agent’s last windows, oldest first, the judged one last; null where the bundle has no sequence model',
    }),
  ),
  baseValue: Type.Number(),
  attributions: Type.Array(AttributionSchema, { maxItems: 64 }),
  drift: Type.Optional(AlertDriftSchema),
  note: nullable(Name),
  evidence: Type.Array(EvidenceCallSchema, { maxItems: 16 }),
  tags: Type.Array(Type.Object({ framework: Name, id: Name, edition: Name })),
  correlationIds: Type.Array(Name, { maxItems: 16 }),
  planes: Type.Object({ behaviour: Type.Boolean(), content: Type.Boolean(), authority: Type.Boolean() }),
  phase: Type.Enum(['learning', 'established']),
  model: Type.Object({
    fingerprint: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    featureSet: Name,
    backend: Type.Literal('local'),
    starter: Type.Boolean(),
  }),
  replay: Type.Boolean(),
});
export type ThreatAlert = Static<typeof ThreatAlertSchema>;
