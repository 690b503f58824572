import { createHmac } from 'node:crypto';
import { toCloudEvent, toKafkaMessage } from '@optikal/contracts';
import { describe, expect, it } from 'vitest';
import { openMemoryBus } from '../bus/memory.ts';
import { sampleEvent } from '../bus/test-support/samples.ts';
import { createIngest } from './ingest.ts';
import { judge, tenantsByTopic } from './router.ts';

const EVENT = sampleEvent('a-1', 'a');
const KEY = Buffer.from('k');

/** As the client hands a record over. */
function recordOf({ key, headers, value }: { key: string; headers: ReadonlyMap<string, string>; value: string }) {
  const pairs = [...headers].map(([name, text]) => [Buffer.from(name), Buffer.from(text)] as const);
  return { key: Buffer.from(key), headers: pairs, value: Buffer.from(value) };
}
const binary = recordOf(toKafkaMessage(EVENT));
const structured = { ...binary, headers: [], value: Buffer.from(JSON.stringify(toCloudEvent(EVENT))) };
const codeOf = (judged: ReturnType<typeof judge>) => ('error' in judged ? judged.error.code : 'an event');

describe('a message of a public topic', () => {
  it('is the same event in binary and in structured mode', () => {
    for (const record of [binary, structured]) expect(judge(record, undefined)).toMatchObject({ event: EVENT, unknownFields: 0 });
  });

  it('is refused with the tenant of another, another key, no key, no JSON, too many levels, too many bytes', () => {
    const value = (text: string) => ({ ...structured, value: Buffer.from(text) });
    expect(codeOf(judge(binary, EVENT.tenant))).toBe('an event');
    expect(codeOf(judge(binary, 'other'))).toBe('tenant_forbidden');
    expect(codeOf(judge({ ...binary, key: Buffer.from(`${EVENT.tenant}|b`) }, undefined))).toBe('key_mismatch');
    expect(codeOf(judge({ ...binary, key: null }, undefined))).toBe('key_mismatch');
    expect(codeOf(judge({ key: null, headers: [], value: null }, undefined))).toBe('invalid_json');
    expect(codeOf(judge(value('{'), undefined))).toBe('invalid_json');
    expect(codeOf(judge(value('['.repeat(10_000)), undefined))).toBe('too_deep');
    expect(codeOf(judge(value(`"${'x'.repeat(1_048_576)}"`), undefined))).toBe('too_large');
  });

  it('stands in the log as it came, or in the dead letters with size and hash of its bytes', async () => {
    const bus = openMemoryBus({ partitions: 1, keepLog: true });
    const ingest = createIngest({ bus, clock: 'events', now: () => 0, hmacKey: KEY });
    const noise = Buffer.from([0xff, 0x00, 0x7b]);
    const messages = [binary, { ...binary, value: noise }, { ...binary, key: null }].map((record) => judge(record, undefined));
    expect(await ingest.take(messages)).toMatchObject({ accepted: 1, rejected: [{ index: 1 }, { index: 2, code: 'key_mismatch' }] });
    expect(ingest.counters).toMatchObject({ accepted: 1, rejected: 2, waiting: 0 });
    const reader = bus.reader();
    expect([...reader.readLog(0, 0)].filter(({ kind }) => kind === 'event')).toMatchObject([{ event: EVENT }]);
    const [letter] = reader.deadLetters(0, 10);
    expect(letter).toMatchObject({ code: 'invalid_json', sizeBytes: 3, hmac: createHmac('sha256', KEY).update(noise).digest('hex') });
  });
});

describe('the tenant of a topic', () => {
  it('is the one that is named for it, else that of all others, else none', () => {
    const tenantOf = tenantsByTopic('argus.agent.metrics=acme,*=rest');
    expect([tenantOf('argus.agent.metrics'), tenantOf('argus.io.validation')]).toEqual(['acme', 'rest']);
    expect(tenantsByTopic('a=b')('c')).toBeUndefined();
    expect(tenantsByTopic(null)('a')).toBeUndefined();
  });
});
