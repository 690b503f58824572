/** The published message types: name → schema of the data. One schema gives the type, the compiled parser and the JSON Schema. */
import { ThreatAlertSchema } from './alert.ts';
import { PolicyDecisionSchema } from './authority.ts';
import { ControlSchema } from './control.ts';
import { IoValidationSchema, SecurityViolationSchema } from './gateway.ts';
import { AgentLifecycleSchema } from './lifecycle.ts';
import { AgentMetricsSchema, CallProvenanceSchema } from './metrics.ts';
import { TruthSchema } from './truth.ts';

/** What agents and services send; the detector reads these. */
export const EVENT_SCHEMAS = {
  'argus.agent.metrics.v1': AgentMetricsSchema,
  'argus.call.provenance.v1': CallProvenanceSchema,
  'argus.io.validation.v1': IoValidationSchema,
  'argus.security.violations.v1': SecurityViolationSchema,
  'argus.policy.decisions.v1': PolicyDecisionSchema,
  'argus.agent.lifecycle.v1': AgentLifecycleSchema,
} as const;
export type EventType = keyof typeof EVENT_SCHEMAS;

/** Everything with a published JSON Schema in `schemas/`. */
export const PUBLISHED_SCHEMAS = {
  ...EVENT_SCHEMAS,
  'argus.threat.alerts.v1': ThreatAlertSchema,
  'optikal.control.v1': ControlSchema,
  'optikal.truth.v1': TruthSchema,
} as const;
