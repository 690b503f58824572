/**
 * What stands in the topic of the log. The kind of a record is its header `k`, its value is JSON. Others may write there too, by mistake or
 * on purpose: what is not an event, a tick or a control record as we know them is `Unreadable` and becomes a dead letter.
 */
import { createHmac } from 'node:crypto';
import {
  agentKey,
  type Control,
  ControlSchema,
  type EventErrorCode,
  MAX_EVENT_BYTES,
  nestsDeeperThan,
  parseEvent,
  toCloudEvent,
} from '@optikal/contracts';
import { Compile } from 'typebox/compile';
import type { DeadLetter, LogEntry, LogRecord } from '../contract.ts';
import { partitionOf } from '../partition.ts';
import type { RawRecord } from './batches.ts';

export interface LogMessage {
  readonly topic: string;
  readonly partition: number;
  readonly key?: Buffer;
  readonly value: Buffer;
  readonly headers: Map<Buffer, Buffer>;
}

export interface Unreadable {
  readonly offset: number;
  readonly kind: 'unreadable';
  readonly code: EventErrorCode;
  readonly field: string;
}

const KIND = Buffer.from('k');
const HEADERS = {
  event: new Map([[KIND, Buffer.from('e')]]),
  tick: new Map([[KIND, Buffer.from('t')]]),
  control: new Map([[KIND, Buffer.from('c')]]),
};
const controls = Compile(ControlSchema);
/** As deep as a message may nest (docs/errors.md, `too_deep`). */
const MAX_DEPTH = 32;
/** Times that events may have (contracts, TimeMs): a tick beyond them would end the log clock for good. */
const FIRST_MS = 946_684_800_000;
const LAST_MS = 4_102_444_800_000;

/** The messages of an entry: an event goes to the partition of its agent, a tick and a control record to each. Throws what JSON throws. */
export function encodeEntry(entry: Exclude<LogEntry, { kind: 'refused' }>, topic: string, partitions: number): readonly LogMessage[] {
  if (entry.kind === 'event') {
    const key = agentKey(entry.event.tenant, entry.event.agent);
    const value = Buffer.from(JSON.stringify(entry.event));
    return [{ topic, partition: partitionOf(key, partitions), key: Buffer.from(key), value, headers: HEADERS.event }];
  }
  const value = Buffer.from(entry.kind === 'tick' ? String(entry.timeMs) : JSON.stringify(entry.control));
  return Array.from({ length: partitions }, (_, partition) => ({ topic, partition, value, headers: HEADERS[entry.kind] }));
}

/** Never throws. `partition` and `partitions` say whose agents belong here. */
export function decodeLogRecord(raw: RawRecord, partition: number, partitions: number): LogRecord | Unreadable {
  const { offset, value } = raw;
  if (value === null) return unreadable(offset, 'invalid_json', '');
  switch (kindOf(raw)) {
    case 'e':
      return decodeEvent(offset, value, partition, partitions);
    case 't': {
      const timeMs = value.length <= 20 ? Number(value.toString('latin1')) : Number.NaN;
      const isTime = Number.isFinite(timeMs) && timeMs >= FIRST_MS && timeMs <= LAST_MS;
      return isTime ? { offset, kind: 'tick', timeMs } : unreadable(offset, 'time_invalid', '');
    }
    case 'c': {
      const control = parseJson(value);
      if (control === undefined) return unreadable(offset, 'invalid_json', '');
      return controls.Check(control) ? { offset, kind: 'control', control: control as Control } : unreadable(offset, 'data_invalid', ''); // checked
    }
    default:
      return unreadable(offset, 'envelope_invalid', '/k');
  }
}

/** Reason, size and keyed hash of a record that was not readable. */
export function letterOf({ value }: RawRecord, { code, field }: Unreadable, hmacKey: string): DeadLetter {
  const bytes = value ?? Buffer.alloc(0);
  const hmac = createHmac('sha256', Buffer.from(hmacKey, 'hex')).update(bytes).digest('hex');
  return { code, field, sizeBytes: bytes.length, hmac };
}

function decodeEvent(offset: number, value: Buffer, partition: number, partitions: number): LogRecord | Unreadable {
  const text = value.toString('utf8');
  const found = value.length > 2 * MAX_EVENT_BYTES || nestsDeeperThan(text, MAX_DEPTH) ? undefined : parseText(text);
  if (found === undefined) return unreadable(offset, 'invalid_json', '');
  const cloudEvent = asCloudEvent(found);
  if (cloudEvent === null) return unreadable(offset, 'envelope_invalid', '');
  const parsed = parseEvent(cloudEvent);
  if (!parsed.ok) return unreadable(offset, parsed.error.code, parsed.error.field);
  const { event, unknownFields } = parsed;
  // An agent in another partition than its own would have two histories.
  if (partitionOf(agentKey(event.tenant, event.agent), partitions) !== partition) return unreadable(offset, 'envelope_invalid', '/subject');
  return unknownFields === 0 ? { offset, kind: 'event', event, text } : { offset, kind: 'event', event };
}

/** The log holds events as `Event`; the border's checks are those of their CloudEvents form. */
function asCloudEvent(found: unknown): unknown {
  if (typeof found !== 'object' || found === null) return null;
  try {
    // Any object may come here: what is missing or of another type is found by `parseEvent`, or throws here.
    return toCloudEvent(found as Parameters<typeof toCloudEvent>[0]);
  } catch {
    return null;
  }
}

function kindOf({ headers }: RawRecord): string | null {
  for (const [name, value] of headers) if (name?.equals(KIND) === true) return value?.toString('latin1') ?? null;
  return null;
}

function parseJson(value: Buffer): unknown {
  const text = value.toString('utf8');
  return nestsDeeperThan(text, MAX_DEPTH) ? undefined : parseText(text);
}

function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unreadable(offset: number, code: EventErrorCode, field: string): Unreadable {
  return { offset, kind: 'unreadable', code, field };
}
