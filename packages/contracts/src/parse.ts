/**
 * The border: text or an unknown value in, a typed event or an error with a code out. Nothing here throws on bad input. Unknown fields
 * are dropped and counted; sizes are checked before parsing, depth while scanning.
 */
import { Compile } from 'typebox/compile';
import type { EventError, EventErrorCode } from './errors.ts';
import type { Event } from './event.ts';
import { DEFAULT_TENANT, ID_REGEX, MAX_CALLS_PER_MESSAGE, MAX_EVENT_BYTES, MAX_JSON_DEPTH } from './ids.ts';
import { EVENT_SCHEMAS, type EventType } from './messages.ts';
import { RAW_METRICS } from './metrics.ts';

export type ParseResult =
  | { readonly ok: true; readonly event: Event; readonly unknownFields: number }
  | { readonly ok: false; readonly error: EventError };

const VALIDATORS = new Map(Object.entries(EVENT_SCHEMAS).map(([type, schema]) => [type, Compile(schema)]));
const ENVELOPE_FIELDS = new Set(
  'specversion id source type subject time tenant sessionid taskid correlationid traceparent tracestate sequence datacontenttype dataschema partitionkey data'.split(
    ' ',
  ),
);
const VERSIONED = /^(.+)\.v\d+$/;
const RFC3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$/;
const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/;
const EARLIEST_MS = 946_684_800_000;
const LATEST_MS = 4_102_444_800_000;

const refuse = (code: EventErrorCode, field: string, message: string): ParseResult => ({ ok: false, error: { code, field, message } });

/** One line of `events.jsonl` or one request body. Size is checked before JSON.parse, so a 10 MB line costs nothing. */
export function parseEventText(text: string, tenant?: string): ParseResult {
  if (text.length > MAX_EVENT_BYTES) return refuse('too_large', '', `expected at most ${MAX_EVENT_BYTES} characters, found ${text.length}`);
  let value: unknown;
  if (jsonDepth(text) > MAX_JSON_DEPTH) return refuse('too_deep', '', `expected at most ${MAX_JSON_DEPTH} levels of nesting`);
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own message quotes the input, which may be content: only the fact is told.
    return refuse('invalid_json', '', 'expected one JSON object');
  }
  return parseEvent(value, tenant);
}

/**
 * An already parsed CloudEvent. `tenant` is the credential's tenant: a message that names another is refused; without it the message's own
 * `tenant` attribute counts, else `default`.
 */
export function parseEvent(value: unknown, tenant?: string): ParseResult {
  if (!isObject(value)) return refuse('not_an_object', '', `expected a JSON object, found ${value === null ? 'null' : typeof value}`);
  if (value.specversion !== '1.0') return refuse('envelope_invalid', '/specversion', 'expected `1.0`');
  for (const name of ['id', 'source', 'type'] as const)
    if (!isShort(value[name])) return refuse('envelope_invalid', `/${name}`, 'expected a string of 1 to 256 characters');
  const type = value.type as string; // checked by isShort
  const validator = VALIDATORS.get(type);
  if (validator === undefined) {
    const base = VERSIONED.exec(type)?.[1];
    return base !== undefined && VALIDATORS.has(`${base}.v1`)
      ? refuse('unknown_version', '/type', `expected version 1 of ${base}`)
      : refuse('unknown_type', '/type', 'expected one of the published types');
  }
  const agent = value.subject;
  if (typeof agent !== 'string' || !ID_REGEX.test(agent)) return refuse('agent_id_invalid', '/subject', 'expected [A-Za-z0-9._:-]{1,128}');
  const named = value.tenant;
  if (named !== undefined && (typeof named !== 'string' || !ID_REGEX.test(named)))
    return refuse('tenant_id_invalid', '/tenant', 'expected [A-Za-z0-9._:-]{1,128}');
  if (tenant !== undefined && named !== undefined && named !== tenant)
    return refuse('tenant_forbidden', '/tenant', 'expected the tenant of the credential');
  const time = value.time;
  const timeMs = typeof time === 'string' && RFC3339.test(time) ? Date.parse(time) : Number.NaN;
  if (!(timeMs >= EARLIEST_MS && timeMs < LATEST_MS))
    return refuse('time_invalid', '/time', 'expected an RFC 3339 date-time from 2000 to 2099');
  for (const name of ['sessionid', 'taskid', 'correlationid', 'sequence'] as const)
    if (value[name] !== undefined && !isShort(value[name]))
      return refuse('envelope_invalid', `/${name}`, 'expected a string of 1 to 256 characters');
  const data = value.data;
  if (!validator.Check(data)) return refuseData(data, validator);
  const cleaned = structuredClean(validator, data);
  const traced = typeof value.traceparent === 'string' ? TRACEPARENT.exec(value.traceparent)?.[1] : undefined;
  const event = {
    id: value.id,
    source: value.source,
    type: type as EventType, // a key of VALIDATORS
    tenant: tenant ?? named ?? DEFAULT_TENANT,
    agent,
    timeMs: Math.floor(timeMs),
    session: value.sessionid ?? null,
    task: value.taskid ?? null,
    correlation: value.correlationid ?? traced ?? null,
    sequence: value.sequence ?? null,
    data: cleaned.data,
  } as Event; // every field was checked above
  return { ok: true, event, unknownFields: cleaned.dropped + Object.keys(value).filter((key) => !ENVELOPE_FIELDS.has(key)).length };
}

type Validator = ReturnType<typeof Compile>;

/** `Clean` keeps the schema's own fields; the difference in field count is what was dropped. */
function structuredClean(validator: Validator, data: unknown): { data: unknown; dropped: number } {
  const before = countFields(data);
  const cleaned = validator.Clean(data);
  return { data: cleaned, dropped: before - countFields(cleaned) };
}

function countFields(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + countFields(item), 0);
  if (!isObject(value)) return 0;
  return Object.values(value).reduce<number>((sum, item) => sum + 1 + countFields(item), 0);
}

function refuseData(data: unknown, validator: Validator): ParseResult {
  if (isObject(data)) {
    const calls = data.calls;
    if (Array.isArray(calls) && calls.length > MAX_CALLS_PER_MESSAGE)
      return refuse('too_many_calls', '/data/calls', `expected at most ${MAX_CALLS_PER_MESSAGE} calls, found ${calls.length}`);
    const metrics = data.metrics;
    if (isObject(metrics))
      for (const { name, minimum, maximum } of RAW_METRICS) {
        const value = metrics[name];
        if (typeof value === 'number' && !(value >= minimum && value <= maximum))
          return refuse('metric_out_of_range', `/data/metrics/${name}`, `expected ${minimum} to ${maximum}, found ${value}`);
      }
  }
  const deepest = [...validator.Errors(data)].sort((x, y) => y.instancePath.length - x.instancePath.length)[0];
  return refuse('data_invalid', `/data${deepest?.instancePath ?? ''}`, deepest?.message ?? 'does not match the schema');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isShort(value: unknown): value is string {
  return typeof value === 'string' && value.length >= 1 && value.length <= 256;
}

/** Deepest nesting of brackets outside strings, in one pass and without recursion. */
function jsonDepth(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (inString) {
      if (code === 0x5c) i++;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x7b || code === 0x5b) deepest = Math.max(deepest, ++depth);
    else if (code === 0x7d || code === 0x5d) depth--;
  }
  return deepest;
}
