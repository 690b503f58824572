import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { gatherKeys, gatherPort, serverOf } from './gather-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'optikal-doctor-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the answer of a port', () => {
  it('is that of a server of ours where it has its fields, and no other', () => {
    expect(serverOf('{"ready":true,"reasons":[]}')).toEqual({ kind: 'server', ready: true, reasons: [] });
    expect(serverOf('{"ready":false,"reasons":[{"code":"disk_low","message":"1 MB free"},{"code":"catching_up"},7]}')).toEqual({
      kind: 'server',
      ready: false,
      reasons: ['disk_low (1 MB free)', 'catching_up', 'no reason of ours'],
    });
    for (const text of ['', 'null', '[]', '{}', '{"ready":1,"reasons":[]}', '{"ready":true}', '<html>']) expect(serverOf(text)).toBeNull();
  });

  it('is read to a limit, and no redirection is followed', async () => {
    let asked = 0;
    const server = createServer((request, response) => {
      asked++;
      if (request.url !== '/readyz') return void response.end('{"ready":true,"reasons":[]}');
      if (asked === 1) return void response.writeHead(302, { location: '/elsewhere' }).end();
      response.on('error', () => {});
      response.end('x'.repeat(1_000_000));
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    onTestFinished(async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    });
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    expect(await gatherPort(port)).toEqual({ port, state: { kind: 'taken' } });
    expect(await gatherPort(port)).toEqual({ port, state: { kind: 'taken' } });
    expect(asked).toBe(2);
  });

  it('is not asked for where any port will do', async () => {
    expect(await gatherPort(0)).toEqual({ port: 0, state: { kind: 'free' } });
  });
});

describe('a keys file', () => {
  it('is counted and its mode is told, or the code that refuses it', () => {
    const path = join(folder, 'keys.json');
    expect(gatherKeys(path)).toMatchObject({ mode: null, keyCount: 0, error: { code: 'keys_invalid' } });
    writeFileSync(path, JSON.stringify({ ['0f'.repeat(32)]: { tenant: 'acme', role: 'agent' } }));
    chmodSync(path, 0o640);
    expect(gatherKeys(path)).toEqual({ path, mode: 0o100640, keyCount: 1, error: null });
    writeFileSync(path, '{}');
    expect(gatherKeys(path).error?.code).toBe('keys_invalid');
  });
});
