import { describe, expect, it } from 'vitest';
import { parseModelsRequest } from './control-route.ts';
import { codeOf, startServer } from './test-support/server.ts';

const send = (url: string, body: string, type = 'application/json') =>
  fetch(`${url}/v1/control/models`, { method: 'POST', body, headers: { 'content-type': type } });

describe('POST /v1/control/models', () => {
  it('passes the request on and answers with what came of it', async () => {
    const seen: unknown[] = [];
    const { url } = await startServer({
      control: async (request) => {
        seen.push(request);
        return { bundle: 'f00', effectiveFromMs: 7 };
      },
    });
    const answer = await send(url, '{"bundle":"/models/new","threshold":null,"effectiveFromMs":5}');
    expect([answer.status, await answer.json()]).toEqual([200, { bundle: 'f00', effectiveFromMs: 7 }]);
    expect(seen).toEqual([{ bundle: '/models/new', threshold: null, effectiveFromMs: 5 }]);
  });

  it('names the reason of a refusal by its code alone', async () => {
    const { url } = await startServer({
      control: async () => {
        throw Object.assign(new Error('secret'), { code: 'bundle_unloadable' });
      },
    });
    const answer = await send(url, '{"bundle":"x"}');
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({ error: { code: 'control_refused', reason: 'bundle_unloadable' } });
  });

  it('answers a failure without its words, and logs the place without the message', async () => {
    const { url, log } = await startServer({
      control: async () => {
        throw Object.assign(new Error('secret at /etc/passwd'), { code: 'ENOENT' });
      },
    });
    expect(await codeOf(send(url, '{"bundle":"x"}'))).toBe('500 internal');
    expect(JSON.stringify(log)).toContain('control-route.test.ts');
    expect(JSON.stringify(log)).not.toContain('secret');
  });

  it('keeps the codes of a bus that fails', async () => {
    const { url } = await startServer({
      control: async () => {
        throw Object.assign(new Error('no space'), { code: 'disk_full', retriable: true });
      },
    });
    expect(await codeOf(send(url, '{"bundle":"x"}'))).toBe('507 disk_full');
  });

  it('answers 503 where no control is wired, and 415 to another type', async () => {
    const { url } = await startServer();
    expect(await codeOf(send(url, '{"bundle":"x"}'))).toBe('503 control_unavailable');
    expect(await codeOf(send(url, '{"bundle":"x"}', 'text/plain'))).toBe('415 content_type_unsupported');
  });
});

describe('parseModelsRequest', () => {
  it('refuses what has not these fields', () => {
    const bad = [
      '[]',
      'null',
      '{}',
      '{"bundle":""}',
      '{"bundle":1}',
      '{"bundle":"a","x":1}',
      '{"bundle":"a\\u0000"}',
      '{"bundle":"a","threshold":"1"}',
    ];
    for (const text of [...bad, '{"bundle":"a","effectiveFromMs":1.5}', '{"__proto__":{"bundle":"a"}}', `{"bundle":"${'x'.repeat(5000)}"}`])
      expect(() => parseModelsRequest(text)).toThrow(expect.objectContaining({ code: 'body_invalid' }));
    expect(() => parseModelsRequest('{')).toThrow(expect.objectContaining({ code: 'invalid_json' }));
  });
});
