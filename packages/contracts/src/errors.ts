/**
 * The closed list of codes with which a message is refused. A code is part of the interface: tests, docs/errors.md,
 * dead letters and HTTP answers all speak these words. Adding one means adding its line here and nowhere else.
 */

export const EVENT_ERRORS = {
  invalid_json: 'the line or body is not JSON',
  too_large: 'the line or body is longer than its limit',
  too_deep: 'the JSON nests deeper than 32 levels',
  not_an_object: 'the message is not a JSON object',
  envelope_invalid: 'a CloudEvents 1.0 attribute is missing or has the wrong form',
  agent_id_invalid: 'the subject is not an agent id: [A-Za-z0-9._:-]{1,128}',
  tenant_id_invalid: 'the tenant is not an id: [A-Za-z0-9._:-]{1,128}',
  tenant_forbidden: 'the tenant of the message is not the tenant of the credential',
  time_invalid: 'the time is not an RFC 3339 date-time between the years 2000 and 2100',
  unknown_type: 'the type is none of the published message types',
  unknown_version: 'the type is known, its major version is not',
  metric_out_of_range: 'a raw metric is outside its range',
  too_many_calls: 'a metrics message holds more than 512 calls',
  data_invalid: 'the data does not match the schema of its type',
  duplicate_id_conflict: 'the same source and id came before with another body',
  key_mismatch: 'the key of a Kafka record is not `tenant|agent` of its message',
  clock_ahead: 'the event time is more than 5 minutes ahead of the log clock',
  open_windows_exceeded: 'the agent has 64 open windows already',
  window_records_exceeded: 'the window of this agent holds 4096 records or 16384 calls already',
} as const;

export type EventErrorCode = keyof typeof EVENT_ERRORS;

/** Why a message was refused: the code, the field as a JSON pointer, and what was expected and found. */
export interface EventError {
  readonly code: EventErrorCode;
  readonly field: string;
  readonly message: string;
}
