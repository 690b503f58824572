/** Records of Kafka as they come from the wild, for the public topics and for the log itself: whole ones and bent ones, drawn from a seed. */
import { agentKey, type Event, toKafkaMessage } from '@optikal/contracts';
import { encodeEntry } from '../../packages/optikal/src/bus/kafka/log-records.ts';
import { PUBLIC_TOPICS } from '../../packages/optikal/src/bus/kafka/topics.ts';
import { CANARY } from './canary.ts';
import { bend, type Draw } from './mangle.ts';

export interface WildRecord {
  readonly topic: string;
  /** Of the log; a public topic chooses by the key. */
  readonly partition?: number;
  readonly key?: Buffer;
  readonly value?: Buffer;
  readonly headers?: Map<Buffer, Buffer>;
}

export interface WildLogRecord extends WildRecord {
  /** A good tick or control record: it is no event, and nothing counts it. */
  readonly isClock: boolean;
}

const DAY_MS = 86_400_000;
const TEN_YEARS_MS = 3650 * DAY_MS;
/** A record in so many is as large as a topic takes. */
const HUGE_IN = 500;
const HUGE_BYTES = 700_000;
const STRUCTURED = new Map([[Buffer.from('content-type'), Buffer.from('application/cloudevents+json')]]);
const KIND = Buffer.from('k');

/** For a public topic. `before` is an event that came a while ago. */
export function wildMessage(event: Event, before: Event, prefix: string, draw: Draw): WildRecord {
  const topic = `${prefix}${topicOf(event)}`;
  const key = keyOf(event);
  const structured = (text: string) => ({ topic, key, value: Buffer.from(text), headers: STRUCTURED });
  if (draw(1, HUGE_IN) === 1) return structured(JSON.stringify({ ...event, unknown: CANARY.padEnd(HUGE_BYTES, 'x') }));
  switch (draw(0, 19)) {
    case 0:
      return { ...whole(before, prefix) };
    case 1:
      return whole({ ...before, timeMs: before.timeMs + 1 }, prefix);
    case 2:
      return structured(bend(event, draw));
    case 3:
      return { ...whole(event, prefix), value: Buffer.from(bend(event, draw)) };
    case 4:
      return { topic, key: bytes(draw, 20), value: bytes(draw, 400) };
    case 5:
      return { ...whole(event, prefix), value: Buffer.from(nested(draw)) };
    case 6:
      return structured(nested(draw));
    case 7:
      return whole({ ...event, tenant: 'other' }, prefix);
    case 8:
      return { ...whole(event, prefix), key: Buffer.from(`default|${CANARY}`) };
    case 9:
      return whole({ ...event, timeMs: event.timeMs + TEN_YEARS_MS }, prefix);
    case 10:
      return whole({ ...event, timeMs: event.timeMs - draw(1, 30) * DAY_MS }, prefix);
    case 11: {
      const record = whole(event, prefix);
      const headers = [...(record.headers ?? [])];
      headers.splice(draw(0, headers.length - 1), 1);
      return { ...record, headers: new Map(headers) };
    }
    case 12: {
      const record = whole(event, prefix);
      const headers = [...(record.headers ?? [])];
      headers[draw(0, headers.length - 1)][1] = draw(0, 1) === 0 ? bytes(draw, 30) : Buffer.from(CANARY);
      return { ...record, headers: new Map(headers) };
    }
    case 13:
      return draw(0, 1) === 0 ? { topic, key } : { topic, key, headers: whole(event, prefix).headers ?? new Map<Buffer, Buffer>() };
    case 14:
      return { ...whole(event, prefix), topic: `${prefix}${PUBLIC_TOPICS[draw(0, PUBLIC_TOPICS.length - 1)].name}` };
    default: {
      // Fields and attributes that nobody knows end at the border.
      const record = whole(event, prefix);
      const headers = new Map([...(record.headers ?? []), [Buffer.from('ce_unknown'), Buffer.from(CANARY)]]);
      return { ...record, headers, value: Buffer.from(JSON.stringify({ ...event.data, unknown: CANARY })) };
    }
  }
}

/** For the topic of the log, as somebody would write who has no business there. */
export function wildLogRecord(event: Event, before: Event, topic: string, partitions: number, draw: Draw): WildLogRecord {
  const good = (one: Event) => ({ ...encodeEntry({ kind: 'event', event: one }, topic, partitions)[0], isClock: false });
  const foreign = (value: Buffer | undefined, kind?: string): WildLogRecord => ({
    topic,
    partition: draw(0, partitions - 1),
    ...(value === undefined ? {} : { value }),
    ...(kind === undefined ? {} : { headers: new Map([[KIND, Buffer.from(kind)]]) }),
    isClock: false,
  });
  const text = JSON.stringify({ ...event, unknown: CANARY });
  if (draw(1, HUGE_IN) === 1) return foreign(Buffer.alloc(HUGE_BYTES, CANARY), 'e');
  switch (draw(0, 15)) {
    case 0:
      return good(before);
    case 1:
      return good({ ...before, timeMs: before.timeMs + 1 });
    case 2:
      return foreign(bytes(draw, 400), ['e', 't', 'c'][draw(0, 2)]);
    case 3:
      return foreign(Buffer.from(text));
    case 4:
      return foreign(Buffer.from(text), 'x');
    case 5:
      return foreign(Buffer.from(nested(draw)), draw(0, 1) === 0 ? 'e' : 'c');
    case 6:
      return foreign(Buffer.from(bend(event, draw)), 'e');
    case 7:
      return { ...good(event), partition: ((good(event).partition ?? 0) + 1) % partitions };
    case 8:
      return foreign(undefined, ['e', 't', 'c'][draw(0, 2)]);
    case 9:
      return foreign(Buffer.from(['yesterday', '-1', '1e300', 'NaN', '{}', CANARY][draw(0, 5)]), 't');
    case 10:
      return { ...foreign(Buffer.from(String(event.timeMs - draw(1, 30) * DAY_MS)), 't'), isClock: true };
    case 11:
      return foreign(Buffer.from(JSON.stringify({ kind: ['model_epoch', 'quarantine', CANARY][draw(0, 2)], agent: CANARY })), 'c');
    case 12:
      return good({ ...event, timeMs: event.timeMs + TEN_YEARS_MS });
    case 13:
      return good({ ...event, timeMs: event.timeMs - draw(1, 30) * DAY_MS });
    case 14:
      return { ...good(event), value: Buffer.from(text) };
    default:
      return good(event);
  }
}

function whole(event: Event, prefix: string): WildRecord {
  const { key, headers, value } = toKafkaMessage(event);
  return {
    topic: `${prefix}${topicOf(event)}`,
    key: Buffer.from(key),
    headers: new Map([...headers].map(([name, text]) => [Buffer.from(name), Buffer.from(text)])),
    value: Buffer.from(value),
  };
}

/** `argus.agent.metrics.v1` goes to `argus.agent.metrics`. */
const topicOf = ({ type }: Event): string => type.slice(0, -'.v1'.length);

const keyOf = ({ tenant, agent }: Event): Buffer => Buffer.from(agentKey(tenant, agent));

function bytes(draw: Draw, most: number): Buffer {
  return Buffer.from(Array.from({ length: draw(0, most) }, () => draw(0, 255)));
}

function nested(draw: Draw): string {
  const levels = draw(0, 20) === 0 ? draw(5000, 20_000) : draw(30, 60);
  return draw(0, 1) === 0 ? '['.repeat(levels) : `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
}
