/**
 * The border: text or an unknown value in, a typed event or an error with a code out. Nothing here throws on bad input. Unknown fields
 * are dropped and counted; size and depth are checked before parsing. Messages never quote text, which may be content.
 */
import { Compile } from 'typebox/compile';
import type { EventError, EventErrorCode } from './errors.ts';
import type { Event } from './event.ts';
import { DEFAULT_TENANT, ID_REGEX, MAX_CALLS_PER_MESSAGE, MAX_EVENT_BYTES, MAX_JSON_DEPTH, SHORT_TEXT_REGEX } from './ids.ts';
import { nestsDeeperThan } from './json-depth.ts';
import { EVENT_SCHEMAS, type EventType } from './messages.ts';
import { type AgentMetrics, RAW_METRICS } from './metrics.ts';
import { compileShape, isObject, type Shape } from './shape.ts';
import { parseTime } from './time.ts';

export type ParseResult =
  | { readonly ok: true; readonly event: Event; readonly unknownFields: number }
  | { readonly ok: false; readonly error: EventError };

interface MessageType {
  readonly accepts: (data: unknown) => boolean;
  readonly shape: Shape;
}

const MESSAGE_TYPES: ReadonlyMap<string, MessageType> = new Map(
  Object.entries(EVENT_SCHEMAS).map(([type, schema]) => {
    const validator = Compile(schema);
    return [type, { accepts: (data) => validator.Check(data), shape: compileShape(schema) }];
  }),
);
const ENVELOPE_FIELDS = new Set(
  'specversion id source type subject time tenant sessionid taskid correlationid traceparent tracestate sequence skewed datacontenttype dataschema partitionkey data'.split(
    ' ',
  ),
);
const VERSIONED = /^(.+)\.v\d+$/;
/** W3C Trace Context: version ff and ids of zeros are invalid; versions after 00 may go on behind the flags. */
const TRACEPARENT =
  /^(?:00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}|(?!00|ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?)$/;

const refuse = (code: EventErrorCode, field: string, message: string): ParseResult => ({ ok: false, error: { code, field, message } });

/** One line of `events.jsonl` or one request body. Size is checked before JSON.parse, so a 10 MB line costs nothing. */
export function parseEventText(text: string, tenant?: string): ParseResult {
  const size = text.length * 3 <= MAX_EVENT_BYTES || text.length > MAX_EVENT_BYTES ? text.length : utf8Bytes(text);
  if (size > MAX_EVENT_BYTES) return refuse('too_large', '', `expected at most ${MAX_EVENT_BYTES} bytes, found ${size} or more`);
  let value: unknown;
  if (nestsDeeperThan(text, MAX_JSON_DEPTH)) return refuse('too_deep', '', `expected at most ${MAX_JSON_DEPTH} levels of nesting`);
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
 * `tenant` attribute counts, else `default`. The event may share its data with the value.
 */
export function parseEvent(value: unknown, tenant?: string): ParseResult {
  if (!isObject(value)) return refuse('not_an_object', '', `expected a JSON object, found ${value === null ? 'null' : typeof value}`);
  if (value.specversion !== '1.0') return refuse('envelope_invalid', '/specversion', 'expected `1.0`');
  for (const name of ['id', 'source', 'type'] as const)
    if (!isShort(value[name])) return refuse('envelope_invalid', `/${name}`, 'expected a string of 1 to 256 characters');
  const type = value.type as string; // checked by isShort
  const message = MESSAGE_TYPES.get(type);
  if (message === undefined) {
    const base = VERSIONED.exec(type)?.[1];
    return base !== undefined && MESSAGE_TYPES.has(`${base}.v1`)
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
  const timeMs = typeof value.time === 'string' ? parseTime(value.time) : null;
  if (timeMs === null) return refuse('time_invalid', '/time', 'expected an RFC 3339 date-time from 2000 to 2099');
  for (const name of ['sessionid', 'taskid', 'correlationid', 'sequence'] as const)
    if (value[name] !== undefined && !isShort(value[name]))
      return refuse('envelope_invalid', `/${name}`, 'expected a string of 1 to 256 characters');
  const skewed = value.skewed;
  // Headers of Kafka are text.
  if (skewed !== undefined && typeof skewed !== 'boolean' && skewed !== 'true' && skewed !== 'false')
    return refuse('envelope_invalid', '/skewed', 'expected true or false');
  const data = value.data;
  if (!message.accepts(data)) return refuseData(data, message.shape);
  if (type === 'argus.agent.metrics.v1' && !isSpan(data))
    return refuse('data_invalid', '/data/windowEndMs', 'expected a time not before the start');
  const tally = { dropped: 0 };
  const cleaned = message.shape.clean(data, tally);
  for (const name of Object.keys(value)) if (!ENVELOPE_FIELDS.has(name)) tally.dropped++;
  const event = {
    id: value.id,
    source: value.source,
    type: type as EventType, // a key of VALIDATORS
    tenant: tenant ?? named ?? DEFAULT_TENANT,
    agent,
    timeMs,
    session: value.sessionid ?? null,
    task: value.taskid ?? null,
    correlation: value.correlationid ?? traceId(value.traceparent),
    sequence: value.sequence ?? null,
    data: cleaned,
    ...(skewed === true || skewed === 'true' ? { skewed: true } : {}),
  } as Event; // every field was checked above
  return { ok: true, event, unknownFields: tally.dropped };
}

function refuseData(data: unknown, shape: Shape): ParseResult {
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
  const problem = shape.problem(data, '/data');
  return refuse('data_invalid', problem?.field ?? '/data', problem?.message ?? 'expected data of the published schema');
}

/** What a schema can't say. A span without length is a turn of one moment; rates are of the detector's own windows, not of these. */
function isSpan(data: unknown): boolean {
  const { windowStartMs, windowEndMs } = data as AgentMetrics; // accepted by the schema before
  return windowEndMs >= windowStartMs;
}

function traceId(traceparent: unknown): string | null {
  const ids = typeof traceparent === 'string' ? TRACEPARENT.exec(traceparent) : null;
  return ids?.[1] ?? ids?.[2] ?? null;
}

function isShort(value: unknown): value is string {
  return typeof value === 'string' && value.length >= 1 && value.length <= 256 && SHORT_TEXT_REGEX.test(value);
}

/** Bytes of the text as UTF-8; a lone surrogate counts as the three bytes of its replacement. */
function utf8Bytes(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x80) continue;
    // A pair is four bytes and two units; the second unit adds its share when its turn comes.
    bytes += code < 0x800 || text.codePointAt(i)! > 0xffff || isPairEnd(text, i) ? 1 : 2;
  }
  return bytes;
}

function isPairEnd(text: string, i: number): boolean {
  return i > 0 && (text.charCodeAt(i) & 0xfc00) === 0xdc00 && (text.charCodeAt(i - 1) & 0xfc00) === 0xd800;
}
