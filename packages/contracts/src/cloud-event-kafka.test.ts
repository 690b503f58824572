import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromKafkaRecord, type KafkaRecord, kafkaHeaders, parseKafkaRecord, toKafkaMessage } from './cloud-event-kafka.ts';
import type { Event } from './event.ts';
import { MAX_EVENT_BYTES } from './ids.ts';
import { parseEvent } from './parse.ts';
import { TYPES, wire } from './test-support/messages.ts';

const event = (change: Readonly<Record<string, unknown>> = {}): Event => {
  const parsed = parseEvent(wire('argus.agent.lifecycle.v1', change));
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.event;
};
const codeOf = (record: KafkaRecord, tenant?: string): string | null => {
  const result = parseKafkaRecord(record, tenant);
  return result.ok ? null : `${result.error.code} ${result.error.field}`;
};
const bytes = (record: KafkaRecord): KafkaRecord => ({
  key: Buffer.from(record.key ?? ''),
  headers: [...(record.headers ?? [])].map(([name, value]) => [Buffer.from(name), Buffer.from(value ?? '')] as const),
  value: Buffer.from(record.value ?? ''),
});

describe('CloudEvents on Kafka', () => {
  test('writes attributes as headers and the data as the value', () => {
    const message = toKafkaMessage(event());
    expect(message.key).toBe('acme|agent-1');
    expect(Object.fromEntries(message.headers)).toEqual({
      ce_specversion: '1.0',
      ce_id: 'event-1',
      ce_source: 'asr/host-1',
      ce_type: 'argus.agent.lifecycle.v1',
      ce_subject: 'agent-1',
      ce_time: '2026-11-24T12:01:00.250Z',
      ce_tenant: 'acme',
      ce_sessionid: 'session-1',
      ce_taskid: 'task-1',
      ce_correlationid: '0af7651916cd43dd8448eb211c80319c',
      ce_sequence: '00017',
      'content-type': 'application/json',
    });
    expect(message.value).toBe('{"kind":"task_started","taskId":"task-1","requestChars":240}');
  });

  test.each(TYPES)('reads %s back from binary mode and structured mode, as text and as bytes', (type) => {
    const expected = parseEvent(wire(type));
    if (!expected.ok) throw new Error(expected.error.message);
    const binary = toKafkaMessage(expected.event);
    const structured = (headers: KafkaRecord['headers']): KafkaRecord => ({ key: binary.key, headers, value: JSON.stringify(wire(type)) });
    const records = [
      binary,
      structured([['content-type', 'application/cloudevents+json; charset=utf-8']]),
      structured([['Content-Type', 'application/cloudevents+json']]),
      structured([]),
      structured(null),
    ];
    for (const record of records) {
      expect(parseKafkaRecord(record)).toEqual(expected);
      expect(parseKafkaRecord(bytes(record))).toEqual(expected);
    }
  });

  test('takes any text that an attribute may hold', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }), (id) => {
        const parsed = parseEvent(wire('argus.agent.lifecycle.v1', { id }));
        fc.pre(parsed.ok);
        if (parsed.ok) expect(parseKafkaRecord(bytes(toKafkaMessage(parsed.event)))).toMatchObject({ ok: true, event: { id } });
      }),
    );
  });

  test('never throws, whatever the bytes are', () => {
    const piece = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.string({ maxLength: 40 }), fc.constant(null));
    const name = fc.oneof(fc.constantFrom('ce_id', 'ce___proto__', 'ce_data', 'content-type', 'ce_'), fc.uint8Array({ maxLength: 12 }));
    const record = fc.record({ key: piece, value: piece, headers: fc.array(fc.tuple(name, piece), { maxLength: 6 }) });
    fc.assert(fc.property(record, (hostile) => parseKafkaRecord(hostile).ok === false));
  });

  test('takes a tenant from its topic', () => {
    const { key, headers, value } = toKafkaMessage(event());
    expect(codeOf({ key, headers, value }, 'acme')).toBeNull();
    expect(codeOf({ key, headers, value }, 'other')).toBe('tenant_forbidden /tenant');
    const without = new Map([...headers].filter(([name]) => name !== 'ce_tenant'));
    expect(codeOf({ key, headers: without, value }, 'acme')).toBeNull();
    expect(codeOf({ key, headers: without, value })).toBe('key_mismatch ');
  });

  test('refuses with a code', () => {
    const { key, headers, value } = toKafkaMessage(event());
    const header = (name: string, content: string | Uint8Array): KafkaRecord => ({ key, headers: [...headers, [name, content]], value });
    expect(codeOf({ key: 'acme|agent-2', headers, value })).toBe('key_mismatch ');
    expect(codeOf({ headers, value })).toBe('key_mismatch ');
    expect(codeOf({ key, headers, value: null })).toBe('invalid_json /data');
    expect(codeOf({ key, headers, value: '{},"tenant":"other"' })).toBe('invalid_json /data');
    expect(codeOf({ key, headers, value: new Uint8Array([0x22, 0xff, 0x22]) })).toBe('invalid_json /data');
    expect(codeOf({ key, headers, value: '['.repeat(40) })).toBe('too_deep /data');
    expect(codeOf({ key, value: '['.repeat(40) })).toBe('too_deep ');
    expect(codeOf({ key, value: '7' })).toBe('not_an_object ');
    expect(codeOf({ key, headers, value: `"${'x'.repeat(MAX_EVENT_BYTES)}"` })).toBe('too_large ');
    expect(codeOf(header('other', 'x'.repeat(MAX_EVENT_BYTES)))).toBe('too_large ');
    expect(codeOf(header('content-type', 'application/xml'))).toBe('envelope_invalid /datacontenttype');
    expect(codeOf(header('content-type', 'application/cloudevents-batch+json'))).toBe('envelope_invalid /datacontenttype');
    expect(codeOf(header('ce_taskid', new Uint8Array([0xff])))).toBe('envelope_invalid ');
    expect(codeOf(header('ce_specversion', '2.0'))).toBe('envelope_invalid /specversion');
  });

  test('passes over headers that can be no attribute', () => {
    const { key, headers, value } = toKafkaMessage(event());
    const read = fromKafkaRecord({
      key,
      headers: [...headers, ['ce___proto__', 'x'], ['ce_data', 'x'], ['trace', 'x'], ['ce_A B', 'x']],
      value,
    });
    expect(read).toEqual(fromKafkaRecord({ key, headers, value }));
  });

  test('counts an unknown attribute as any unknown field', () => {
    const { key, headers, value } = toKafkaMessage(event());
    expect(parseKafkaRecord({ key, headers: [...headers, ['ce_mood', 'good']], value })).toMatchObject({ ok: true, unknownFields: 1 });
  });

  test('writes attributes that are no text as JSON has them', () => {
    expect(Object.fromEntries(kafkaHeaders({ id: 'a', skewed: true, data: 1, gone: null, none: undefined }))).toEqual({
      ce_id: 'a',
      ce_skewed: 'true',
    });
  });
});
