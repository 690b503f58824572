import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { partitionOf } from '../partition.ts';
import { control, eventEntry, sampleEvent, T0, tick } from '../test-support/samples.ts';
import type { RawRecord } from './batches.ts';
import { decodeLogRecord, encodeEntry, letterOf } from './log-records.ts';

const raw = (kind: string | null, value: Buffer | null, offset = 3): RawRecord => ({
  offset,
  timestampMs: 0,
  key: null,
  value,
  headers: kind === null ? [] : [[Buffer.from('k'), Buffer.from(kind)]],
});

describe('records of the log', () => {
  it('come back as they were written, an event in the partition of its agent, ticks and control records in each', () => {
    for (const entry of [eventEntry('x'), tick(T0), control()]) {
      if (entry.kind === 'refused') continue;
      const messages = encodeEntry(entry, 'log', 3);
      expect(messages.map(({ partition }) => partition)).toEqual(entry.kind === 'event' ? [partitionOf('t|a', 3)] : [0, 1, 2]);
      const [{ value, headers, partition }] = messages;
      const text = entry.kind === 'event' ? { text: JSON.stringify(entry.event) } : {};
      expect(decodeLogRecord({ ...raw(null, value), headers: [...headers] }, partition, 3)).toEqual({ ...entry, offset: 3, ...text });
    }
  });

  it('refuses an event in another partition than its agent’s', () => {
    const value = Buffer.from(JSON.stringify(sampleEvent('x')));
    const own = partitionOf('t|a', 3);
    expect(decodeLogRecord(raw('e', value), own, 3)).toMatchObject({ kind: 'event' });
    expect(decodeLogRecord(raw('e', value), (own + 1) % 3, 3)).toMatchObject({ kind: 'unreadable', code: 'envelope_invalid' });
  });

  it.each([
    [raw(null, Buffer.from('{}')), 'envelope_invalid'],
    [raw('x', Buffer.from('{}')), 'envelope_invalid'],
    [raw('e', null), 'invalid_json'],
    [raw('e', Buffer.from('null')), 'envelope_invalid'],
    [raw('e', Buffer.from('['.repeat(1000))), 'invalid_json'],
    [raw('e', Buffer.from(JSON.stringify({ ...sampleEvent('x'), timeMs: 9e15 }))), 'envelope_invalid'],
    [raw('e', Buffer.from(JSON.stringify({ ...sampleEvent('x'), agent: 'a|b' }))), 'agent_id_invalid'],
    [raw('t', Buffer.from('1e400')), 'time_invalid'],
    [raw('t', Buffer.from('12')), 'time_invalid'],
    [raw('c', Buffer.from('{"kind":"quarantine"}')), 'data_invalid'],
  ])('finds %j unreadable: %s', (record, code) => {
    expect(decodeLogRecord(record, 0, 1)).toMatchObject({ kind: 'unreadable', offset: 3, code });
  });

  it('drops fields that nobody knows, and then has no text', () => {
    const value = Buffer.from(JSON.stringify({ ...sampleEvent('x'), data: { ...sampleEvent('x').data, canary: 'secret' } }));
    const found = decodeLogRecord(raw('e', value), 0, 1);
    expect(JSON.stringify(found)).not.toContain('secret');
    expect(found).toEqual({ offset: 3, kind: 'event', event: sampleEvent('x') });
  });

  it('never throws, whatever stands there', () => {
    const own = Buffer.from(JSON.stringify(sampleEvent('x')));
    const mangled = fc.tuple(fc.nat(own.length - 1), fc.nat(255)).map(([at, byte]) => {
      const copy = Buffer.from(own);
      copy[at] = byte;
      return copy;
    });
    const value = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
      fc.json().map((text) => Buffer.from(text)),
      mangled,
    );
    fc.assert(
      fc.property(fc.constantFrom('e', 't', 'c', 'x', ''), value, (kind, bytes) => {
        expect(decodeLogRecord(raw(kind, bytes), 0, 1).offset).toBe(3);
      }),
      { numRuns: 2000, seed: 7 },
    );
  });

  it('makes a letter of reason, size and keyed hash', () => {
    const key = 'ab'.repeat(32);
    const hmac = createHmac('sha256', Buffer.from(key, 'hex')).update('{').digest('hex');
    const found = { offset: 3, kind: 'unreadable', code: 'invalid_json', field: '' } as const;
    expect(letterOf(raw('e', Buffer.from('{')), found, key)).toEqual({ code: 'invalid_json', field: '', sizeBytes: 1, hmac });
  });
});
