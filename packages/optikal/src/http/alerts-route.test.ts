import { describe, expect, it } from 'vitest';
import { codeOf, exchange, openSocket, startServer } from './test-support/server.ts';

const SSE = { accept: 'text/event-stream' };

/** Reads a stream until `done` is content with its text. */
async function readUntil(response: Response, done: (text: string) => boolean): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  const reader = response.body!.getReader();
  while (!done(text)) {
    const { value, done: ended } = await reader.read();
    if (ended) break;
    text += decoder.decode(value, { stream: true });
  }
  await reader.cancel();
  return text;
}
const ids = (text: string) => [...text.matchAll(/^id: (\d+)$/gm)].map((match) => Number(match[1]));

describe('GET /v1/alerts as NDJSON', () => {
  it('gives what is after the cursor, a line each, and says how far it looked', async () => {
    const { get, feed } = await startServer();
    for (const tenant of ['default', 'default', 'other', 'default', 'other']) feed.add(tenant);
    const all = await get('/v1/alerts');
    expect([all.status, all.headers.get('content-type'), all.headers.get('optikal-cursor')]).toEqual([
      200,
      'application/x-ndjson; charset=utf-8',
      '5',
    ]);
    const lines = (await all.text())
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ cursor }) => cursor)).toEqual(['1', '2', '4']);
    const page = await get('/v1/alerts?after=1&limit=1');
    expect([page.headers.get('optikal-cursor'), JSON.parse(await page.text()).cursor]).toEqual(['2', '2']);
    const none = await get('/v1/alerts?after=4');
    expect([none.status, none.headers.get('optikal-cursor'), await none.text()]).toEqual([200, '5', '']);
  });

  it('finds the alerts of a tenant behind many of others', async () => {
    const { get, feed } = await startServer();
    for (let i = 0; i < 1000; i++) feed.add('other');
    feed.add('default');
    expect(JSON.parse(await (await get('/v1/alerts?limit=3')).text()).cursor).toBe('1001');
  });

  it('waits for a first one, past those of others, and no longer than asked', async () => {
    const { get, feed } = await startServer();
    setTimeout(() => feed.add('other'), 30);
    setTimeout(() => feed.add('default'), 60);
    expect(JSON.parse(await (await get('/v1/alerts?wait=10')).text()).cursor).toBe('2');
    expect(await (await get('/v1/alerts?after=2&wait=0.1')).text()).toBe('');
  });

  it('refuses a bad cursor and a bad query', async () => {
    const { get } = await startServer();
    for (const after of ['-1', 'x', '1.5', '1e3', '9999999999999999', ' 1', '', '%00', '1&after=2', '__proto__'])
      expect(await codeOf(get(`/v1/alerts?after=${after}`))).toBe('400 cursor_invalid');
    expect(await codeOf(get('/v1/alerts', { 'last-event-id': 'x' }))).toBe('400 cursor_invalid');
    for (const query of [
      'limit=0',
      'limit=1001',
      'limit=x',
      'wait=61',
      'wait=-1',
      'wait=NaN',
      'other=1',
      '__proto__=1',
      'limit=1&limit=2',
      'constructor[x]=1',
    ])
      expect(await codeOf(get(`/v1/alerts?${query}`))).toBe('400 query_invalid');
  });

  it('answers 503 when the bus does not', async () => {
    const { get, log } = await startServer({
      alerts: async () => {
        throw Object.assign(new Error('secret path'), { code: 'bus_io', retriable: false });
      },
    });
    const answer = await get('/v1/alerts');
    expect(answer.headers.get('retry-after')).toBe('5');
    expect(await codeOf(answer)).toBe('503 bus_unavailable');
    expect(log.at(-1)).toMatchObject({ level: 'error', code: 'request_failed', detail: { code: 'bus_io' } });
    expect(JSON.stringify(log)).not.toContain('secret');
  });
});

describe('GET /v1/alerts as server-sent events', () => {
  it('sends what is there, then what comes, with the cursor as the id', async () => {
    const { get, feed } = await startServer();
    feed.add('default');
    feed.add('other');
    const response = await get('/v1/alerts', SSE);
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    setTimeout(() => feed.add('default'), 50);
    const text = await readUntil(response, (so) => ids(so).length === 2);
    expect(ids(text)).toEqual([1, 3]);
    const data = /^data: (.*)$/m.exec(text)![1];
    expect(JSON.parse(data)).toEqual({ cursor: '1', data: { cursor: 1, text: 'x' } });
  });

  it('goes on behind Last-Event-ID, which wins over `after`', async () => {
    const { get, feed } = await startServer();
    for (let i = 0; i < 4; i++) feed.add('default');
    const response = await get('/v1/alerts?after=0', { ...SSE, 'last-event-id': '2' });
    expect(ids(await readUntil(response, (so) => ids(so).length === 2))).toEqual([3, 4]);
  });

  it('sends heartbeats while nothing happens', async () => {
    const { get } = await startServer({ limits: { heartbeatMs: 20 } });
    const text = await readUntil(await get('/v1/alerts', SSE), (so) => so.split(': heartbeat\n\n').length > 3);
    expect(ids(text)).toEqual([]);
  });

  it('stops reading the feed when the client has left', async () => {
    const { get, feed } = await startServer();
    await readUntil(await get('/v1/alerts', SSE), (text) => text !== '');
    await new Promise((resolve) => setTimeout(resolve, 700));
    const { reads } = feed;
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(feed.reads).toBe(reads);
  });

  it('does not fetch for a client that does not read, and leaves it', async () => {
    const { port, feed } = await startServer({ limits: { stallMs: 300 } });
    const large = 'x'.repeat(100_000);
    for (let i = 0; i < 1000; i++) feed.add('default', large);
    const socket = openSocket(port);
    socket.pause();
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.write('GET /v1/alerts HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n');
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(feed.reads).toBeLessThan(5);
    socket.resume();
    await closed;
  });

  it('refuses more followers than its limit, and takes new ones when some leave', async () => {
    const { get } = await startServer({ limits: { streams: 1 } });
    const first = await get('/v1/alerts', SSE);
    expect(await codeOf(get('/v1/alerts', SSE))).toBe('429 streams_exhausted');
    await first.body!.cancel();
    await expect
      .poll(async () => {
        const again = await get('/v1/alerts', SSE);
        await again.body!.cancel();
        return again.status;
      })
      .toBe(200);
  });

  it('is not started by HEAD', async () => {
    const { port } = await startServer();
    expect(
      await exchange(port, 'HEAD /v1/alerts HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\nConnection: close\r\n\r\n'),
    ).toContain(' 405 ');
  });
});

describe('closing', () => {
  it('ends streams and waits within two seconds, even with clients that do not read', async () => {
    const { get, close, port, feed } = await startServer({ limits: { drainMs: 1000 } });
    const streams = await Promise.all([get('/v1/alerts?after=900', SSE), get('/v1/alerts?after=900', SSE)]);
    const waiting = get('/v1/alerts?after=900&wait=60');
    for (let i = 0; i < 900; i++) feed.add('default', 'x'.repeat(100_000));
    const stalled = openSocket(port);
    stalled.pause();
    stalled.write('GET /v1/alerts HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n');
    openSocket(port).write('POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n');
    await new Promise((resolve) => setTimeout(resolve, 300));
    const startedMs = performance.now();
    await close();
    // The promise is two seconds. A timer of one ends the wait, whatever the speed of the machine.
    expect(performance.now() - startedMs).toBeLessThan(2000);
    await Promise.all(streams.map((response) => response.text().catch(() => '')));
    expect((await waiting).status).toBe(200);
    await expect(get('/healthz')).rejects.toThrow();
  });

  it('lets a request finish that is under way', async () => {
    const arrived = Promise.withResolvers<void>();
    const { post, close } = await startServer({
      ingest: async () => {
        arrived.resolve();
        await new Promise((resolve) => setTimeout(resolve, 200));
        return { accepted: 1, duplicates: 0, rejected: [] };
      },
    });
    const answer = post('{}');
    await arrived.promise;
    await close();
    expect((await answer).status).toBe(202);
  });
});
