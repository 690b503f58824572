export {
  type AlertAttribution,
  type AlertDrift,
  AttributionSchema,
  type EvidenceCall,
  type ThreatAlert,
  ThreatAlertSchema,
} from './alert.ts';
export { type PolicyDecision, PolicyDecisionSchema } from './authority.ts';
export {
  type CloudEventResult,
  fromKafkaRecord,
  type KafkaMessage,
  type KafkaRecord,
  kafkaHeaders,
  parseKafkaRecord,
  toKafkaMessage,
} from './cloud-event-kafka.ts';
export { type Control, ControlSchema, type ModelEpoch } from './control.ts';
export { EVENT_ERRORS, type EventError, type EventErrorCode } from './errors.ts';
export { type Event, type EventData, type EventOf, toCloudEvent } from './event.ts';
export type { FeatureSpec, Plane } from './feature-spec.ts';
export { FEATURE_SETS, type FeatureSetName } from './features.ts';
export { type IoValidation, SEVERITIES, type SecurityViolation, type Severity } from './gateway.ts';
export { agentKey, DEFAULT_TENANT, ID_PATTERN, ID_REGEX, MAX_CALLS_PER_MESSAGE, MAX_EVENT_BYTES } from './ids.ts';
export { nestsDeeperThan } from './json-depth.ts';
export type { AgentLifecycle } from './lifecycle.ts';
export { EVENT_SCHEMAS, type EventType, PUBLISHED_SCHEMAS } from './messages.ts';
export {
  type AgentMetrics,
  type Call,
  type CallProvenance,
  EFFECTS,
  type Effect,
  type Provenance,
  RAW_METRIC_NAMES,
  RAW_METRICS,
  type RawMetricName,
  type RawMetrics,
} from './metrics.ts';
export { type ParseResult, parseEvent, parseEventText } from './parse.ts';
export { type TaxonomyTag, THREAT_TAGS, THREATS, type Threat } from './taxonomy.ts';
export { parseTime } from './time.ts';
export { parseTruthText, type Truth, TruthSchema } from './truth.ts';
