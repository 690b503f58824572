import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from 'vitest';
import type { OutgoingEvent } from '../transport.ts';
import { httpTransport } from './transport.ts';

type Answer = (request: IncomingMessage, body: string, response: ServerResponse) => void;

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});
const serve = async (answer: Answer): Promise<string> => {
  const server = createServer((request, response) => void text(request).then((body) => answer(request, body, response)));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // it listens on a port
};
const event = (id: string): OutgoingEvent => ({
  key: 'default|a',
  type: 'argus.agent.lifecycle.v1',
  attributes: `{"id":"${id}"}`,
  data: '{"kind":"retire"}',
});
const never = new AbortController().signal;

describe('the way over HTTP', () => {
  test('sends a batch with the key and reads who was refused, and the time there', async () => {
    let seen: unknown;
    const url = await serve(({ method, url: path, headers }, body, response) => {
      seen = [method, path, headers['content-type'], headers.authorization, JSON.parse(body)];
      response.writeHead(202, { 'content-type': 'application/json', date: 'Tue, 24 Nov 2026 12:01:00 GMT' });
      response.end('{"accepted":1,"duplicates":0,"rejected":[{"index":1,"code":"data_invalid"},{"index":9,"code":"no"},7]}');
    });
    const transport = httpTransport({ url: `${url}/ignored?x`, apiKey: () => 'secret' });
    expect(await transport.send([event('a'), event('b')], never)).toEqual({
      refused: [{ index: 1, code: 'data_invalid' }],
      serverTimeMs: Date.UTC(2026, 10, 24, 12, 1, 0, 500),
    });
    const data = { kind: 'retire' };
    expect(seen).toEqual([
      'POST',
      '/v1/events',
      'application/cloudevents-batch+json',
      'Bearer secret',
      [
        { id: 'a', data },
        { id: 'b', data },
      ],
    ]);
  });

  test.each([
    [429, { 'retry-after': '7' }, 'transport_unavailable', 7000],
    [503, {}, 'transport_unavailable', null],
    [413, {}, 'batch_too_large', null],
    [401, {}, 'transport_refused', null],
    [404, { 'retry-after': 'soon' }, 'transport_refused', null],
    [302, { location: 'http://127.0.0.1:1/' }, 'transport_unavailable', null],
    [200, {}, 'transport_refused', null],
  ])('tells what status %i means', async (status, headers, code, retryAfterMs) => {
    const url = await serve((_, __, response) => response.writeHead(status, headers).end());
    await expect(httpTransport({ url }).send([event('a')], never)).rejects.toMatchObject({ code, retryAfterMs });
  });

  test('refuses an answer that is not of ours', async () => {
    const url = await serve((_, __, response) => response.writeHead(202).end('ok'));
    await expect(httpTransport({ url }).send([event('a')], never)).rejects.toMatchObject({ code: 'transport_refused' });
  });

  test('ends where nobody answers, or it is stopped', async () => {
    const stop = new AbortController();
    const url = await serve(() => stop.abort());
    await expect(httpTransport({ url }).send([event('a')], stop.signal)).rejects.toMatchObject({ code: 'transport_unavailable' });
    const silent = await serve(() => {});
    const unanswered = { code: 'transport_unavailable', message: 'TimeoutError' };
    await expect(httpTransport({ url: silent, timeoutMs: 100 }).send([event('a')], never)).rejects.toMatchObject(unanswered);
    const refused = { code: 'transport_unavailable', message: 'ECONNREFUSED' };
    const gone = await serve(() => {});
    await new Promise((resolve) => servers.pop()!.close(resolve));
    await expect(httpTransport({ url: gone }).send([event('a')], never)).rejects.toMatchObject(refused);
  });

  test('refuses what is no address of HTTP', () => {
    for (const url of ['', 'kafka:9092', 'ftp://host/']) expect(() => httpTransport({ url })).toThrow('option `url`');
    expect(() => httpTransport({ url: 'http://host', timeoutMs: 1 })).toThrow('option `timeoutMs`');
    expect(() => httpTransport({ url: 'http://host', retries: 1 } as never)).toThrow('option `retries`');
  });
});
