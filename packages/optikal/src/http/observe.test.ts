/** `/metrics`, the probes, and what is told of each answer. */
import { createHash } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Answered } from './contract.ts';
import { parseKeys } from './keys.ts';
import { createObserveServer, ROUTES } from './server.ts';
import { codeOf, exchange, startServer } from './test-support/server.ts';

const sha256 = (key: string) => createHash('sha256').update(key).digest('hex');
const keys = parseKeys(
  JSON.stringify(
    Object.fromEntries((['agent', 'analyst', 'admin'] as const).map((role) => [sha256(`${role}-key`), { tenant: 'acme', role }])),
  ),
);
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const metrics = async () => ({ contentType: 'text/plain; version=0.0.4; charset=utf-8', text: 'optikal_up 1\n' });
const no = { code: 'bundle_missing', message: 'gone', partition: 1 };

describe('GET /metrics', () => {
  it('answers this machine where there are no keys, under a loopback name only', async () => {
    const { get, port } = await startServer({ metrics });
    const answer = await get('/metrics');
    expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([
      200,
      'text/plain; version=0.0.4; charset=utf-8',
      'optikal_up 1\n',
    ]);
    const rebound = await exchange(port, 'GET /metrics HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n');
    expect(rebound).toContain('loopback_only');
  });

  it('asks for an admin key where there are keys', async () => {
    const { get } = await startServer({ metrics, keys });
    expect(await codeOf(get('/metrics'))).toBe('401 credential_missing');
    for (const role of ['agent', 'analyst']) expect(await codeOf(get('/metrics', bearer(`${role}-key`)))).toBe('403 role_forbidden');
    expect((await get('/metrics', bearer('admin-key'))).status).toBe(200);
  });

  it('is not there where it is turned off', async () => {
    const { get } = await startServer();
    expect(await codeOf(get('/metrics'))).toBe('404 not_found');
  });

  it('has a port of its own where that is wanted, with the probes and nothing else, under the same rules', async () => {
    const options = { port: 0, metrics, status: () => ({ ready: false, reasons: [no] }), health: () => [no] };
    expect(() => createObserveServer({ ...options, host: '0.0.0.0' })).toThrow(expect.objectContaining({ code: 'keys_required' }));
    const server = createObserveServer({ ...options, keys });
    const { url } = await server.listen();
    onTestFinished(() => server.close());
    const get = (path: string, headers = {}) => fetch(`${url}${path}`, { headers });
    expect(await (await get('/metrics', bearer('admin-key'))).text()).toBe('optikal_up 1\n');
    expect(await codeOf(get('/metrics'))).toBe('401 credential_missing');
    expect([(await get('/readyz')).status, (await get('/healthz')).status]).toEqual([503, 503]);
    for (const path of ['/v1/events', '/v1/alerts', '/v1/control/models']) expect(await codeOf(get(path))).toBe('404 not_found');
  });
});

describe('a probe', () => {
  it('is told yes without a reason, and no with every reason', async () => {
    const well = await startServer();
    expect(await (await well.get('/healthz')).json()).toEqual({ status: 'ok', reasons: [] });
    const ill = await startServer({ status: () => ({ ready: false, reasons: [no] }), health: () => [no] });
    expect(await (await ill.get('/readyz')).json()).toEqual({ ready: false, reasons: [no] });
    expect(await (await ill.get('/healthz')).json()).toEqual({ status: 'failing', reasons: [no] });
    expect((await fetch(`${ill.url}/readyz`, { method: 'HEAD' })).status).toBe(503);
  });
});

describe('onAnswered', () => {
  it('tells of each answer its route and status, and never makes one from what was sent', async () => {
    const answered: Answered[] = [];
    const { get, post, port, url, feed } = await startServer({ onAnswered: (one) => answered.push(one), metrics });
    feed.add('default');
    await (await post('{}')).text();
    await (await post('x', 'text/evil')).text();
    await (await get('/v1/alerts?after=secret')).text();
    await (await get('/healthz?x=secret')).text();
    for (const path of ['/v1/secret', '/%73ecret', '/v1/events/secret', '/metrics/secret']) await (await get(path)).text();
    await (await fetch(`${url}/v1/events`, { method: 'PUT', body: 'secret' })).text();
    await (await fetch(`${url}/healthz`, { method: 'HEAD' })).text();
    await exchange(port, 'SECRET / HTTP/1.1\r\n\r\n');
    await exchange(port, 'GET /%zz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    await exchange(port, 'PROPFIND /v1/events HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    expect(answered.slice(0, 4).map(({ route, status }) => [route, status])).toEqual([
      ['/v1/events', 202],
      ['/v1/events', 415],
      ['/v1/alerts', 400],
      ['/healthz', 200],
    ]);
    expect(answered.length).toBeGreaterThanOrEqual(12);
    for (const { route, method } of answered) {
      expect([...ROUTES.keys(), 'other']).toContain(route);
      expect(['GET', 'HEAD', 'POST', 'PUT', 'other']).toContain(method);
    }
    expect(JSON.stringify(answered)).not.toMatch(/secret/i);
  });

  it('gives a stream no duration', async () => {
    const answered: Answered[] = [];
    const { url, close } = await startServer({ onAnswered: (one) => answered.push(one) });
    const stream = await fetch(`${url}/v1/alerts`, { headers: { accept: 'text/event-stream' } });
    await close();
    await stream.text().catch(() => '');
    expect(answered).toMatchObject([{ route: '/v1/alerts', status: 200, seconds: null }]);
  });
});
