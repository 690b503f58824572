/** Identifiers and limits that every message shares. */
import Type from 'typebox';

/** Tenant and agent ids: no separator of the Kafka key (`tenant|agent`) can occur in them. */
export const ID_PATTERN = '^[A-Za-z0-9._:-]{1,128}$';
export const ID_REGEX = new RegExp(ID_PATTERN);

export const MAX_CALLS_PER_MESSAGE = 512;
/** Longest accepted single message; a metrics message of 512 calls is about 250 kB. */
export const MAX_EVENT_BYTES = 1_048_576;
export const MAX_JSON_DEPTH = 32;
export const DEFAULT_TENANT = 'default';

export const Id = Type.String({ pattern: ID_PATTERN, minLength: 1, maxLength: 128 });
export const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
export const Share = Type.Number({ minimum: 0, maximum: 1 });
/** Milliseconds since 1970-01-01T00:00:00Z. */
export const TimeMs = Type.Integer({ minimum: 946_684_800_000, maximum: 4_102_444_800_000 });
/**
 * Names and ids from outside: no control characters (they would drive a terminal) and no lone surrogates (RFC 8785 has no form for them, and
 * UTF-8 none that comes back), as CloudEvents asks of its strings.
 */
const SHORT_TEXT_PATTERN = '^[^\\u0000-\\u001f\\u007f-\\u009f\\ud800-\\udfff]*$';
export const SHORT_TEXT_REGEX = new RegExp(SHORT_TEXT_PATTERN, 'u');
export const ShortText = Type.String({ pattern: SHORT_TEXT_PATTERN, minLength: 1, maxLength: 256 });
export const Hash = Type.String({ pattern: '^[0-9a-f]{8,128}$' });

export function nullable<T extends Type.TSchema>(schema: T) {
  return Type.Union([schema, Type.Null()]);
}

/** Names an agent across tenants; the Kafka key. No id holds the separator. */
export function agentKey(tenant: string, agent: string): string {
  return `${tenant}|${agent}`;
}
