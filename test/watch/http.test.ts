/** `watch --url`: the alerts of a running server, as they are and as they come; what HTTP does not say is said to be unknown. */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toCloudEvent } from '@optikal/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openEmbeddedReader } from '../../packages/optikal/src/bus/index.ts';
import { EXIT } from '../../packages/optikal/src/cli/exit.ts';
import type { Look } from '../../packages/optikal/src/services/watch.ts';
import { openHttp } from '../../packages/optikal/src/services/watch-http.ts';
import { cli, jsonLines } from '../cli/support.ts';
import { detectedDir } from '../support/detected.ts';
import { postEvents } from '../support/post-events.ts';
import { caughtUp, pause, type Served, startServe, stopServe } from '../support/serve-process.ts';
import { smallBundle, testFleet } from '../support/small-bundles.ts';
import { useTempFolder } from '../support/temp-folder.ts';

const KEY = 'analyst-key';
const temp = useTempFolder();
const events = testFleet({ agents: 16, days: 0.1 });
const cut = Math.floor(0.7 * events.length);
let dataDir = '';
let served: Served;
let port = 0;
let url = '';

beforeAll(async () => {
  dataDir = join(temp(), 'var');
  await detectedDir(dataDir, events.slice(0, cut), smallBundle('x'));
  served = startServe(dataDir);
  port = (await served.ready) ?? 0;
  url = `http://127.0.0.1:${port}`;
});
afterAll(() => {
  served.child.kill('SIGKILL');
});

function storedIds(): string[] {
  const reader = openEmbeddedReader(dataDir);
  try {
    return [...new Set(reader.alerts(0, 10_000).map(({ id }) => id))].sort();
  } finally {
    reader.close();
  }
}

async function until(look: () => Look, kind: Look['kind']): Promise<Look> {
  for (;;) {
    const found = look();
    if (found.kind === kind) return found;
    await pause(20);
  }
}

describe('watch --url', () => {
  test('lists the same alerts as the data directory, each by its last revision', async () => {
    const [near, far] = [await cli(['watch', '--data-dir', dataDir, '--json']), await cli(['watch', '--url', `${url}/`, '--json'])];
    expect(far.code).toBe(EXIT.ok);
    const plain = ({ out }: { out: string }) => jsonLines(out);
    expect(plain(far)).toEqual(plain(near));
    const [here, there] = [near, far].map(({ err }) => JSON.parse(err) as Record<string, unknown>);
    expect(there).toMatchObject({ remote: true, alerts: here!.alerts, matching: here!.matching, records: null, lag: null });
    expect((await cli(['watch', '--url', url, '--once'])).err).toContain('all else is not known over HTTP');
  });

  test('opens an alert with what it says of itself, and follows new ones', async () => {
    const source = openHttp(url, null);
    try {
      await until(() => source.look(0), 'opened');
      const { entries, cursor } = source.older(Number.MAX_SAFE_INTEGER, 5);
      expect(entries.map((entry) => entry.cursor)).toEqual(entries.map((entry) => entry.cursor).toSorted((a, b) => b - a));
      expect(source.older(cursor, 10_000).complete).toBe(true);
      const opened = source.open(entries[0]!.id); // there are some
      expect(opened?.next()).toMatchObject({ remote: true, alert: { id: entries[0]!.id }, search: { done: true } });
      expect(source.open('f'.repeat(32))).toBeNull();
      const newest = entries[0]!.cursor;
      for (let at = cut; at < events.length; at += 400) await postEvents(port, events.slice(at, at + 400).map(toCloudEvent));
      await caughtUp(served, dataDir);
      const known = () => new Set(source.older(Number.MAX_SAFE_INTEGER, 10_000).entries.map(({ id }) => id));
      while (known().size < storedIds().length) await until(() => source.look(0), 'changed');
      expect([...known()].sort()).toEqual(storedIds());
      expect(source.newer(newest, 10_000).entries.every((entry) => entry.cursor > newest)).toBe(true);
    } finally {
      source.close();
    }
  });

  test('says that the server is away, once, and goes on when it is back', async () => {
    const source = openHttp(url, null);
    try {
      await until(() => source.look(0), 'opened');
      await stopServe(served);
      expect(await until(() => source.look(0), 'failed')).toMatchObject({ error: { code: 'server_unreachable' } });
      expect(source.look(0)).toEqual({ kind: 'same' });
      served = startServe(dataDir, ['--port', `${port}`]);
      await served.ready;
      await until(() => source.look(0), 'changed');
    } finally {
      source.close();
    }
  });

  test('asks with the key that it is given, and says what the server answered without', async () => {
    const keyed = join(temp(), 'var');
    const keys = join(temp(), 'keys.json');
    writeFileSync(keys, JSON.stringify({ [createHash('sha256').update(KEY).digest('hex')]: { tenant: 'default', role: 'analyst' } }));
    const guarded = startServe(keyed, ['--bundle', smallBundle('x').folder, '--keys', keys]);
    try {
      const address = `http://127.0.0.1:${await guarded.ready}`;
      const refused = await cli(['watch', '--url', address, '--once']);
      expect(refused.code).toBe(EXIT.failed);
      expect(refused.err).toMatch(/^error server_unreachable: http:\/\/127\.0\.0\.1:\d+: 401 /);
      expect((await cli(['watch', '--url', address, '--once', '--key', KEY])).code).toBe(EXIT.ok);
      expect((await cli(['watch', '--url', address, '--once'], { env: { OPTIKAL_API_KEY: KEY } })).code).toBe(EXIT.ok);
    } finally {
      await stopServe(guarded);
    }
  });

  test('refuses what is no address, or has a password in it', async () => {
    for (const address of ['nowhere', 'file:///etc/passwd', 'http://me:secret@127.0.0.1'])
      expect((await cli(['watch', '--url', address, '--once'])).code).toBe(EXIT.usage);
  });
});
