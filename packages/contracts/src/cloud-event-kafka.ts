/**
 * CloudEvents 1.0 on Kafka (the binding's 1.0.2): written in binary mode (attributes are headers `ce_NAME`, the value is the data), read in
 * both modes. Knows no client: a message is its key, its headers and its value. A record without any `ce_` header is read as structured
 * mode whatever its content type says, so that a tool that sends lines can send events.
 */
import type { EventErrorCode } from './errors.ts';
import { type Event, toCloudEvent } from './event.ts';
import { agentKey, MAX_EVENT_BYTES, MAX_JSON_DEPTH } from './ids.ts';
import { nestsDeeperThan } from './json-depth.ts';
import { type ParseResult, parseEvent } from './parse.ts';
import { isObject } from './shape.ts';

type Bytes = Uint8Array | string;

/** A record as it is read: what any client hands over. Headers are pairs, so a Map will do; of a name that repeats the last one counts. */
export interface KafkaRecord {
  readonly key?: Bytes | null | undefined;
  readonly headers?: Iterable<readonly [Bytes, Bytes | null | undefined]> | null | undefined;
  readonly value?: Bytes | null | undefined;
}

/** A record to be sent; all of it is text in UTF-8. */
export interface KafkaMessage {
  readonly key: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly value: string;
}

export type CloudEventResult = { readonly ok: true; readonly cloudEvent: Record<string, unknown> } | (ParseResult & { readonly ok: false });

const PREFIX = 'ce_';
const CONTENT_TYPE = 'content-type';
const STRUCTURED = /^application\/cloudevents\+json\s*(?:;|$)/i;
const OTHER_FORMAT = /^application\/cloudevents(?:\+|-batch)/i;
const JSON_DATA = /^(?:application|text)\/(?:json|[a-z0-9!#$&^_.-]+\+json)\s*(?:;|$)/i;
/** CloudEvents 1.0, 3.1: attribute names are lower-case letters and digits. Others can be no attribute and are passed over. */
const ATTRIBUTE = /^[a-z0-9]{1,64}$/;

const utf8 = new TextDecoder('utf-8', { fatal: true });
const encoder = new TextEncoder();

/** An event as the record that its topic holds: key `tenant|agent`, binary mode. */
export function toKafkaMessage(event: Event): KafkaMessage {
  const { data, ...attributes } = toCloudEvent(event);
  return { key: agentKey(event.tenant, event.agent), headers: kafkaHeaders(attributes), value: JSON.stringify(data) };
}

/** The headers of a CloudEvent's attributes in binary mode; `data` among them is left out. Attributes that are not text are written as JSON has them. */
export function kafkaHeaders(attributes: Readonly<Record<string, unknown>>): Map<string, string> {
  const headers = new Map<string, string>();
  for (const name in attributes) {
    const value = attributes[name];
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    if (name === 'data' || text === undefined || value === null) continue;
    headers.set(name === 'datacontenttype' ? CONTENT_TYPE : PREFIX + name, text);
  }
  return headers;
}

/**
 * The CloudEvent in a record, in its structured form, not judged yet: `parseEvent` does that. Size and depth are checked before anything is
 * parsed. Errors: too_large, too_deep, invalid_json, envelope_invalid (a header that is no UTF-8, data that is no JSON by its content type).
 */
export function fromKafkaRecord({ headers, value }: KafkaRecord): CloudEventResult {
  let size = value === undefined || value === null ? 0 : sizeOf(value);
  let contentType: string | null = null;
  const attributes: Record<string, unknown> = {};
  let binary = false;
  for (const [name, content] of headers ?? []) {
    size += sizeOf(name) + (content === null || content === undefined ? 0 : sizeOf(content));
    if (size > MAX_EVENT_BYTES) break;
    const key = textOf(name)?.toLowerCase();
    if (key === undefined || !(key === CONTENT_TYPE || key.startsWith(PREFIX)) || content === null || content === undefined) continue;
    const text = textOf(content);
    if (text === null) return refuse('envelope_invalid', '', 'expected headers in UTF-8');
    if (key === CONTENT_TYPE) contentType = text;
    else if (ATTRIBUTE.test(key.slice(PREFIX.length)) && key !== `${PREFIX}data`) {
      attributes[key.slice(PREFIX.length)] = text;
      binary = true;
    }
  }
  if (size > MAX_EVENT_BYTES) return refuse('too_large', '', `expected at most ${MAX_EVENT_BYTES} bytes, found ${size} or more`);
  if (contentType !== null && OTHER_FORMAT.test(contentType) && !STRUCTURED.test(contentType))
    return refuse('envelope_invalid', '/datacontenttype', 'expected application/cloudevents+json or binary mode');
  binary &&= contentType === null || !STRUCTURED.test(contentType);
  if (binary && contentType !== null && !JSON_DATA.test(contentType))
    return refuse('envelope_invalid', '/datacontenttype', 'expected application/json');
  const text = value === undefined || value === null ? '' : textOf(value);
  if (text === null) return refuse('invalid_json', binary ? '/data' : '', 'expected JSON in UTF-8');
  if (nestsDeeperThan(text, binary ? MAX_JSON_DEPTH - 1 : MAX_JSON_DEPTH))
    return refuse('too_deep', binary ? '/data' : '', `expected at most ${MAX_JSON_DEPTH} levels of nesting`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return refuse('invalid_json', binary ? '/data' : '', binary ? 'expected the data as JSON' : 'expected one JSON object');
  }
  if (binary) return { ok: true, cloudEvent: { ...attributes, datacontenttype: contentType ?? 'application/json', data: parsed } };
  return isObject(parsed) ? { ok: true, cloudEvent: parsed } : refuse('not_an_object', '', 'expected a JSON object');
}

/**
 * The event in a record of a public topic. `tenant` is the one that the topic is bound to, if any. The key must be `tenant|agent` of the event,
 * or the order of its agent would depend on chance. Errors: those of `fromKafkaRecord` and `parseEvent`, and key_mismatch.
 */
export function parseKafkaRecord(record: KafkaRecord, tenant?: string): ParseResult {
  const read = fromKafkaRecord(record);
  if (!read.ok) return read;
  const result = parseEvent(read.cloudEvent, tenant);
  if (!result.ok) return result;
  const key = record.key === undefined || record.key === null ? null : textOf(record.key);
  return key === agentKey(result.event.tenant, result.event.agent)
    ? result
    : refuse('key_mismatch', '', 'expected the key `tenant|agent` of the message');
}

function refuse(code: EventErrorCode, field: string, message: string): ParseResult & { readonly ok: false } {
  return { ok: false, error: { code, field, message } };
}

function textOf(bytes: Bytes): string | null {
  if (typeof bytes === 'string') return bytes;
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
}

/** Bytes as UTF-8. Of a long text more than three bytes a unit can't be; only where that is not enough to know, it is encoded. */
function sizeOf(bytes: Bytes): number {
  if (typeof bytes !== 'string') return bytes.byteLength;
  return bytes.length * 3 <= MAX_EVENT_BYTES || bytes.length > MAX_EVENT_BYTES ? bytes.length : encoder.encode(bytes).byteLength;
}
