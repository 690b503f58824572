import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseKeys } from './keys.ts';
import { createHttpServer } from './server.ts';
import { codeOf, exchange, JSON_ONE, startServer } from './test-support/server.ts';

const sha256 = (key: string) => createHash('sha256').update(key).digest('hex');
const keys = parseKeys(
  JSON.stringify({
    [sha256('agent-key')]: { tenant: 'acme', role: 'agent' },
    [sha256('analyst-key')]: { tenant: 'acme', role: 'analyst' },
    [sha256('admin-key')]: { tenant: 'acme', role: 'admin' },
    [sha256('other-key')]: { tenant: 'other', role: 'analyst' },
  }),
);
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const control = async () => ({ done: true });
const models = (url: string, headers: Record<string, string> = {}) =>
  fetch(`${url}/v1/control/models`, {
    method: 'POST',
    body: '{"bundle":"b"}',
    headers: { 'content-type': 'application/json', ...headers },
  });

describe('a server without keys', () => {
  it('refuses to bind to anything but loopback', () => {
    const unused = async () => ({ accepted: 0, duplicates: 0, rejected: [] });
    const options = { port: 0, ingest: unused, alerts: async () => [], alertLine: () => '', status: () => ({ ready: true, reasons: [] }) };
    for (const host of ['0.0.0.0', '::', '10.0.0.1', 'example.com', ''])
      expect(() => createHttpServer({ ...options, host })).toThrow(expect.objectContaining({ code: 'keys_required' }));
    for (const host of ['127.0.0.1', 'localhost', '::1']) expect(() => createHttpServer({ ...options, host })).not.toThrow();
    expect(() => createHttpServer({ ...options, host: '0.0.0.0', keys })).not.toThrow();
    expect(() => createHttpServer({ ...options, limits: { bodyBytes: 0 } })).toThrow(expect.objectContaining({ code: 'option_invalid' }));
  });

  it('serves this machine as the tenant `default`, whatever key is sent', async () => {
    const server = await startServer({ control });
    expect((await server.post('{}')).status).toBe(202);
    expect((await server.post('{}', JSON_ONE, bearer('x'))).status).toBe(202);
    expect(server.taken.map(({ tenant }) => tenant)).toEqual(['default', 'default']);
    expect((await models(server.url)).status).toBe(200);
  });

  it('refuses a name that is not loopback, as a rebound page in a browser would use', async () => {
    const { port } = await startServer();
    for (const host of ['evil.example', 'evil.example:80', '127.0.0.1.evil.example', 'localhost.evil.example'])
      expect(await exchange(port, `GET /v1/alerts HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)).toContain('"loopback_only"');
    for (const host of [`localhost:${port}`, '[::1]', '127.0.0.1'])
      expect(await exchange(port, `GET /v1/alerts HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)).toContain('200 OK');
  });
});

describe('a server with keys', () => {
  it('wants one, and knows it', async () => {
    const { get } = await startServer({ keys });
    expect(await codeOf(get('/v1/alerts'))).toBe('401 credential_missing');
    for (const authorization of [
      'Bearer nobody',
      'Bearer',
      'Basic YTpi',
      `Bearer ${sha256('agent-key')}`,
      `Bearer ${'x'.repeat(600)}`,
      'Bearer analyst-key x',
    ])
      expect(await codeOf(get('/v1/alerts', { authorization }))).toBe('401 credential_invalid');
    expect((await get('/v1/alerts')).headers.get('www-authenticate')).toBe('Bearer');
    expect((await get('/v1/alerts', { authorization: 'bearer analyst-key' })).status).toBe(200);
  });

  it('lets agents send, analysts read, admins both', async () => {
    const { get, post, taken } = await startServer({ keys });
    const status = async (key: string) => [(await post('{}', JSON_ONE, bearer(key))).status, (await get('/v1/alerts', bearer(key))).status];
    expect([await status('agent-key'), await status('analyst-key'), await status('admin-key')]).toEqual([
      [202, 403],
      [403, 200],
      [202, 200],
    ]);
    expect(await codeOf(get('/v1/alerts', bearer('agent-key')))).toBe('403 role_forbidden');
    expect(taken.map(({ tenant }) => tenant)).toEqual(['acme', 'acme']);
  });

  it('shows a tenant its own alerts only', async () => {
    const { get, feed } = await startServer({ keys });
    for (const tenant of ['acme', 'other', 'acme2', 'acme']) feed.add(tenant);
    const cursors = async (key: string) => (await (await get('/v1/alerts', bearer(key))).text()).match(/"cursor":"\d+"/g);
    expect(await cursors('analyst-key')).toEqual(['"cursor":"1"', '"cursor":"4"']);
    expect(await cursors('other-key')).toEqual(['"cursor":"2"']);
  });

  it('takes control requests from an admin, from this machine only where it is trusted', async () => {
    const { url } = await startServer({ keys, control });
    expect(await codeOf(models(url))).toBe('401 credential_missing');
    expect(await codeOf(models(url, bearer('analyst-key')))).toBe('403 role_forbidden');
    expect((await models(url, bearer('admin-key'))).status).toBe(200);
    const trusting = await startServer({ keys, control, trustLoopback: true });
    expect((await models(trusting.url)).status).toBe(200);
    expect(await codeOf(models(trusting.url, { 'x-forwarded-for': '1.2.3.4' }))).toBe('401 credential_missing');
    expect(await codeOf(models(trusting.url, bearer('agent-key')))).toBe('403 role_forbidden');
  });

  it('answers probes without one', async () => {
    const { get } = await startServer({ keys });
    expect([(await get('/healthz')).status, (await get('/readyz')).status]).toEqual([200, 200]);
  });
});
