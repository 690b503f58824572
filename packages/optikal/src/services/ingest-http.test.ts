/** The server, the ingest and a bus together, met as an attacker would meet them. */
import { connect } from 'node:net';
import { type Event, toCloudEvent } from '@optikal/contracts';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { AlertRow } from '../bus/contract.ts';
import { BusError } from '../bus/errors.ts';
import { openMemoryBus } from '../bus/memory.ts';
import { alertRow, commitOf, readAll, sampleEvent, T0 } from '../bus/test-support/samples.ts';
import { createHttpServer, type HttpLimits, type HttpLogEntry } from '../http/index.ts';
import { alertLine } from './alert-event.ts';
import { createIngest, type IngestOptions } from './ingest.ts';

const ONE = 'application/cloudevents+json';
const BATCH = 'application/cloudevents-batch+json';
const CANARY = 'canary-91ce77';

const message = (id: string, more: Record<string, unknown> = {}) => ({
  ...toCloudEvent({ ...sampleEvent(id), tenant: 'default' }),
  ...more,
});
const batch = (...items: unknown[]) => JSON.stringify(items);

async function setUp(more: { limits?: Partial<HttpLimits>; ingest?: Partial<IngestOptions> } = {}) {
  const bus = openMemoryBus({ partitions: 1, keepLog: true });
  const log: HttpLogEntry[] = [];
  const ingest = createIngest({ bus, clock: 'wall', now: () => T0, hmacKey: Buffer.from('k'), ...more.ingest });
  const server = createHttpServer({
    port: 0,
    ingest: ingest.ingest.bind(ingest),
    alerts: bus.alerts.bind(bus),
    alertLine,
    status: () => ({ ready: true, reasons: [] }),
    log: (entry) => log.push(entry),
    ...(more.limits === undefined ? {} : { limits: more.limits }),
  });
  const { url, port } = await server.listen();
  onTestFinished(() => server.close());
  const answers: string[] = [];
  const post = async (body: string | Uint8Array, type = BATCH, headers: Record<string, string> = {}) => {
    const response = await fetch(`${url}/v1/events`, {
      method: 'POST',
      body: body as string,
      headers: { 'content-type': type, ...headers },
    }); // fetch takes both
    const text = await response.text();
    answers.push(text + JSON.stringify([...response.headers]));
    return { status: response.status, headers: response.headers, ...JSON.parse(text) };
  };
  const events = async () => (await readAll(bus, await bus.lease(0))).flatMap((record) => (record.kind === 'event' ? [record.event] : []));
  return { bus, url, port, log, answers, post, events, ids: async () => (await events()).map(({ id }) => id), ingest };
}

/** Sends pieces over a socket of its own and gives back all that comes until it closes; `cut` leaves without waiting for an answer. */
function raw(port: number, pieces: readonly string[], cut = false): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
    });
    socket.on('close', () => resolve(answer));
    for (const piece of pieces) socket.write(piece);
    if (cut) setTimeout(() => socket.destroy(), 50);
  });
}
const head = (length: number, more = '') =>
  `POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${BATCH}\r\nContent-Length: ${length}\r\n${more}\r\n`;

describe('POST /v1/events', () => {
  it('takes one, a batch, and either as plain JSON', async () => {
    const { post, ids } = await setUp();
    expect(await post(JSON.stringify(message('a')), ONE)).toMatchObject({ status: 202, accepted: 1, duplicates: 0, rejected: [] });
    expect(await post(batch(message('b'), message('c')), `${BATCH}; charset=UTF-8`)).toMatchObject({ accepted: 2 });
    expect(await post(` ${batch(message('d'))}`, 'application/json')).toMatchObject({ accepted: 1 });
    expect(await post(JSON.stringify(message('e')), 'application/json')).toMatchObject({ accepted: 1 });
    expect(await post(`\ufeff${JSON.stringify(message('f'))}`, ONE)).toMatchObject({ accepted: 1 });
    expect(await post('[]')).toMatchObject({ status: 202, accepted: 0 });
    expect(await ids()).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });

  it('judges each of a batch alone, those over size and depth too, and tells index and code only', async () => {
    const { post, ids } = await setUp();
    const deep = `{"x":${'['.repeat(40)}${']'.repeat(40)}}`;
    const large = JSON.stringify({ pad: 'x'.repeat(1_100_000) });
    const body = `[${[JSON.stringify(message('a')), deep, large, '7', 'null', '[]', JSON.stringify(message('b', { tenant: 'acme' })), JSON.stringify(message('c'))].join(',')}]`;
    const { status, headers, ...answer } = await post(body);
    expect(status).toBe(202);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(answer).toEqual({
      accepted: 2,
      duplicates: 0,
      rejected: [
        { index: 1, code: 'too_deep' },
        { index: 2, code: 'too_large' },
        { index: 3, code: 'not_an_object' },
        { index: 4, code: 'not_an_object' },
        { index: 5, code: 'not_an_object' },
        { index: 6, code: 'tenant_forbidden' },
      ],
    });
    expect(await ids()).toEqual(['a', 'c']);
  });

  it('refuses a body that is not JSON as a whole', async () => {
    const { post, ids } = await setUp();
    const good = JSON.stringify(message('a'));
    for (const body of ['', ' ', `[${good},{"x":}]`, `[${good}`, `[${good},]`, `[,${good}]`, `[${good}] x`, `[${good}}`, "['a']", '[NaN]'])
      expect([body.length, (await post(body)).error?.code]).toEqual([body.length, 'invalid_json']);
    for (const body of ['{', '', `${good}${good}`]) expect((await post(body, ONE)).error.code).toBe('invalid_json');
    expect((await post(Buffer.from('5b22ff225d', 'hex'))).error.code).toBe('invalid_json');
    expect(await post(good, BATCH)).toMatchObject({ status: 400, error: { code: 'batch_invalid' } });
    expect(await ids()).toEqual([]);
  });

  it('refuses other types, charsets and encodings', async () => {
    const { post } = await setUp();
    for (const type of [
      'text/plain',
      'application/xml',
      'application/cloudevents+avro',
      'multipart/form-data; boundary=x',
      'x',
      'application/json; charset=utf-16',
    ])
      expect(await post('{}', type)).toMatchObject({ status: 415, error: { code: 'content_type_unsupported' } });
    expect(await post('{}', ONE, { 'content-encoding': 'gzip' })).toMatchObject({
      status: 415,
      error: { code: 'content_encoding_unsupported' },
    });
  });

  it('refuses bodies and batches over their limits, told or not', async () => {
    const { post, url, ids } = await setUp({ limits: { bodyBytes: 100_000, batchEvents: 3 } });
    expect(await post(`["${'x'.repeat(200_000)}"]`)).toMatchObject({ status: 413, error: { code: 'too_large' } });
    const chunked = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let i = 0; i < 30; i++) controller.enqueue(Buffer.alloc(10_000, '['));
        controller.close();
      },
    });
    const answer = await fetch(`${url}/v1/events`, { method: 'POST', body: chunked, duplex: 'half', headers: { 'content-type': BATCH } });
    expect([answer.status, JSON.parse(await answer.text()).error.code]).toEqual([413, 'too_large']);
    expect(await post('[1,1,1,1]')).toMatchObject({ status: 413, error: { code: 'batch_too_long' } });
    expect(await post(batch(message('a')))).toMatchObject({ accepted: 1 });
    expect(await ids()).toEqual(['a']);
  });

  it('refuses what all bodies together would hold over their limit, and recovers', async () => {
    const { post } = await setUp({ limits: { heldBytes: 200_000 } });
    const body = batch(message('a', { pad: 'x'.repeat(300_000) }));
    const refused = await post(body);
    expect([refused.status, refused.error.code, refused.headers.get('retry-after')]).toEqual([429, 'overloaded', '1']);
    for (let i = 0; i < 5; i++) expect(await post(batch(message(`b${i}`, { pad: 'x'.repeat(150_000) })))).toMatchObject({ accepted: 1 });
  });

  it('answers 429 when too many events wait, 507 when the disk is full, 503 when the bus fails', async () => {
    const thrown: Record<string, Error> = {
      full: new BusError('disk_full', CANARY),
      gone: new BusError('worker_crashed', CANARY),
      other: new Error(CANARY),
    };
    let next = '';
    let release: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { post, answers, log } = await setUp({
      ingest: {
        maxWaiting: 1,
        bus: {
          append: async (entries) => {
            if (thrown[next]) throw thrown[next];
            await held;
            return entries.map(() => 'accepted' as const);
          },
        },
      },
    });
    next = 'full';
    const full = await post(batch(message('a')));
    expect([full.status, full.error.code, full.headers.get('retry-after')]).toEqual([507, 'disk_full', '5']);
    next = 'gone';
    expect(await post(batch(message('a')))).toMatchObject({ status: 503, error: { code: 'bus_unavailable' } });
    next = 'other';
    expect(await post(batch(message('a')))).toMatchObject({ status: 500, error: { code: 'internal' } });
    next = '';
    const first = post(batch(message('a')));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await post(batch(message('b')))).toMatchObject({ status: 429, error: { code: 'overloaded' } });
    release();
    expect(await first).toMatchObject({ status: 202, accepted: 1 });
    expect(log.slice(1).map(({ detail }) => detail.code)).toEqual(['disk_full', 'worker_crashed', 'none']);
    expect(JSON.stringify([answers, log])).not.toContain(CANARY);
  });
});

describe('an attacker', () => {
  it('finds nothing of what was sent in an answer, the log or the letters', async () => {
    const { post, url, answers, log, bus, events } = await setUp({ limits: { bodyBytes: 200_000 } });
    const bodies = [
      batch(message(CANARY, { specversion: CANARY }), message('b', { subject: `${CANARY}!` }), message('c', { tenant: CANARY })),
      batch(message('d', { [CANARY]: CANARY, data: { ...sampleEvent('d').data, [CANARY]: { [CANARY]: 1 } } })),
      batch(
        message('e', { type: CANARY }),
        message('f', { time: CANARY }),
        message('g', { data: { kind: CANARY } }),
        message('h', { data: CANARY }),
      ),
      `[{"${CANARY}":}]`,
      `{"${CANARY}`,
      batch(CANARY, { [CANARY]: 1 }),
      batch({ [CANARY]: CANARY.repeat(20_000) }),
      `[${`"${CANARY}",`.repeat(11_000)}1]`,
    ];
    for (const body of bodies) for (const type of [BATCH, ONE, 'application/json', `text/${CANARY}`]) await post(body, type);
    for (const path of [
      `/${CANARY}`,
      `/v1/alerts?after=${CANARY}`,
      `/v1/alerts?${CANARY}=1`,
      `/v1/events?${CANARY}`,
      `/%${CANARY}`,
      `/${CANARY.repeat(200)}`,
    ]) {
      const response = await fetch(url + path, { headers: { 'last-event-id': CANARY, 'x-request-id': CANARY, authorization: CANARY } });
      answers.push((await response.text()) + JSON.stringify([...response.headers]));
    }
    expect(JSON.stringify([answers, log, bus.reader().deadLetters(0, 1000)])).not.toContain(CANARY);
    expect((await events()).map(({ id }) => id)).toEqual(['d']);
    expect(JSON.stringify(await events())).not.toContain(CANARY);
  });

  it('never gets a 5xx by cutting and bending a batch, and nothing of it is taken twice', async () => {
    const { post, events } = await setUp();
    const good = batch(message('a'), message('b', { data: { kind: 'task_started', taskId: 't', requestChars: 3 } }));
    const bent = fc.record({
      at: fc.nat(good.length - 1),
      cut: fc.nat(12),
      put: fc.oneof(fc.string({ maxLength: 4 }), fc.constantFrom('"', '[', ']', '{', '}', ',', '\\', '\0', 'null', '1e999')),
    });
    await fc.assert(
      fc.asyncProperty(bent, fc.constantFrom(BATCH, ONE, 'application/json'), async ({ at, cut, put }, type) => {
        expect([202, 400]).toContain((await post(good.slice(0, at) + put + good.slice(at + cut), type)).status);
      }),
      { numRuns: 500 },
    );
    const taken = (await events()).map(({ source, id }) => JSON.stringify([source, id]));
    expect(new Set(taken).size).toBe(taken.length);
  });

  it('has ten thousand wrong elements refused one by one', async () => {
    const { post, bus } = await setUp();
    const { accepted, rejected } = await post(`[${Array(9999).fill('1').join(',')},${JSON.stringify(message('a'))}]`);
    expect([accepted, rejected.length, bus.reader().deadLetters(0, 20_000).length]).toEqual([1, 9999, 9999]);
  });

  it('does not reach a prototype', async () => {
    const { post, events } = await setUp();
    const good = JSON.stringify(message('a'));
    const poison = `{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}},${good.slice(1)}`;
    expect(await post(`[${poison},{"__proto__":${good}}]`)).toMatchObject({
      accepted: 1,
      rejected: [{ index: 1, code: 'envelope_invalid' }],
    });
    const [event] = await events();
    expect(Object.keys(event)).not.toContain('__proto__');
    expect([(event as Event & { admin?: unknown }).admin, ({} as { admin?: unknown }).admin]).toEqual([undefined, undefined]); // what poison would add
  });

  it('gets 400 for broken HTTP, 431 for huge headers, 414 for a huge URL, 404 and 405 without an echo', async () => {
    const { port, url } = await setUp();
    const first = async (...pieces: string[]) => (await raw(port, pieces)).split('\r\n', 1)[0];
    expect(await first('nonsense\r\n\r\n')).toContain(' 400 ');
    expect(await first(`GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`)).toContain(' 431 ');
    expect(
      await first('POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'),
    ).toContain(' 400 ');
    expect(await first('POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n')).toContain(' 400 ');
    expect(await first('GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: a\0b\r\n\r\n')).toContain(' 400 ');
    expect(await first('GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n')).toContain(' 400 ');
    expect((await fetch(`${url}/${'x'.repeat(3000)}`)).status).toBe(414);
    expect((await fetch(`${url}/v1/nothing`)).status).toBe(404);
    const wrong = await fetch(`${url}/v1/events`);
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'POST']);
    expect(
      (await fetch(`${url}/v1/alerts`, { method: 'OPTIONS', headers: { origin: 'https://evil.example' } })).headers.get(
        'access-control-allow-origin',
      ),
    ).toBeNull();
  });

  it('cannot hold a connection by being slow', async () => {
    const { port, ids } = await setUp({ limits: { headersTimeoutMs: 300, requestTimeoutMs: 600 } });
    expect(await raw(port, ['POST /v1/events HTTP/1.1\r\nHost: localhost\r\n'])).toMatch(/^HTTP\/1\.1 408 .*"request_timeout"/s);
    await raw(port, [head(1000), '[{"id"']);
    expect(await ids()).toEqual([]);
  });

  it('loses nothing of others by leaving in the middle of a body', async () => {
    const { port, post, ids } = await setUp();
    const body = batch(message('a'));
    await Promise.all(Array.from({ length: 50 }, () => raw(port, [head(body.length + 10), body], true)));
    expect(await ids()).toEqual([]);
    expect(await post(body)).toMatchObject({ accepted: 1 });
  });

  it('has each event taken once, whoever sends it how often and at the same time', async () => {
    const { post, ids } = await setUp();
    const body = batch(...Array.from({ length: 50 }, (_, i) => message(`e${i}`)));
    const answers = await Promise.all(Array.from({ length: 40 }, () => post(body)));
    expect(answers.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(50);
    expect(answers.every(({ status, accepted, duplicates }) => status === 202 && accepted + duplicates === 50)).toBe(true);
    expect(await ids()).toHaveLength(50);
  });

  it('has pipelined requests answered in order', async () => {
    const { port, ids } = await setUp();
    const requests = ['a', 'b', 'c'].map((id) => {
      const body = batch(message(id));
      return head(body.length) + body;
    });
    const answer = await raw(port, [...requests, 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n']);
    expect([...answer.matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => match[1])).toEqual(['202', '202', '202', '200']);
    expect(await ids()).toEqual(['a', 'b', 'c']);
  });
});

describe('GET /v1/alerts', () => {
  it('gives the stored bytes of the body', async () => {
    const { bus, url } = await setUp();
    const body = `{"probability":1e-7,"windowEndMs":${T0 + 60_000},"z":"ü"}`;
    const alert: AlertRow = alertRow('ab', { key: 'default|agent', body });
    await bus.commit(await bus.lease(0), commitOf(0, { out: { alerts: [alert] } }));
    expect(await (await fetch(`${url}/v1/alerts`)).text()).toBe(`${alertLine(alert, 1)}\n`);
    expect(alertLine(alert, 1)).toContain(body);
  });
});
