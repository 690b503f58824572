/** The long-running server as a user meets it: ready line, events in, alerts out both ways, models, restarts, stops. */

import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openEmbeddedReader } from '../../packages/optikal/src/bus/index.ts';
import { EXIT } from '../../packages/optikal/src/cli/exit.ts';
import { caughtUp, optikal, pause, type Served, startServe, stopServe } from '../support/serve-process.ts';
import { type SmallBundle, smallBundle, testFleet } from '../support/small-bundles.ts';
import { useTempFolder } from '../support/temp-folder.ts';
import { cli, jsonLines, linesOf } from './support.ts';

const PATIENCE_MS = 20_000;
const BATCH = 500;
const temp = useTempFolder();
let x: SmallBundle;
let y: SmallBundle;
let dataDir = '';
let served: Served;
let url = '';
let events: object[] = [];

beforeAll(async () => {
  [x, y] = [smallBundle('x'), smallBundle('y')];
  dataDir = join(temp(), 'var');
  events = jsonLines(linesOf(testFleet({ agents: 20, days: 0.1 })));
  served = startServe(dataDir, ['--bundle', x.folder, '--fpr', '0.3']);
  url = `http://127.0.0.1:${await served.ready}`;
});

afterAll(() => {
  served.child.kill('SIGKILL');
});

async function post(batch: readonly object[]): Promise<Response> {
  return fetch(`${url}/v1/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/cloudevents-batch+json' },
    body: JSON.stringify(batch),
  });
}

function epochs(): number {
  const reader = openEmbeddedReader(dataDir);
  try {
    return [...reader.readLog(0, 0)].filter(({ kind }) => kind === 'control').length;
  } finally {
    reader.close();
  }
}

describe('serve', () => {
  test('says that it is ready, and what its operating point means', async () => {
    expect(JSON.parse(served.stdout())).toEqual({ ready: true, pid: served.child.pid, port: Number(new URL(url).port) });
    // The two ends of a process need not arrive in the order in which it wrote.
    for (let waited = 0; served.stderr() === '' && waited < PATIENCE_MS; waited += 10) await pause(10);
    expect(served.stderr()).toMatch(/^threshold .*: one benign window in 3\.3 may alert, about [\d,]+ false alarms a day on a fleet of /);
    expect(await (await fetch(`${url}/readyz`)).json()).toEqual({ ready: true, reasons: [] });
  });

  test('takes batches and single events', async () => {
    for (let from = 1; from < events.length; from += BATCH) {
      const answer = await post(events.slice(from, from + BATCH));
      expect(answer.status).toBe(202);
      expect(await answer.json()).toMatchObject({ duplicates: 0, rejected: [] });
    }
    const single = await fetch(`${url}/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/cloudevents+json' },
      body: JSON.stringify(events[0]),
    });
    expect(single.status).toBe(202);
    expect(await (await post(events.slice(0, 10))).json()).toMatchObject({ accepted: 0, duplicates: 10 });
    await caughtUp(served, dataDir);
  });

  test('gives alerts after a cursor as NDJSON', async () => {
    const first = await fetch(`${url}/v1/alerts?limit=2`);
    expect(first.headers.get('content-type')).toMatch(/^application\/x-ndjson/);
    const lines = jsonLines<{ cursor: string }>(await first.text());
    expect(lines).toHaveLength(2);
    const next = await (await fetch(`${url}/v1/alerts?after=${lines[1]!.cursor}`)).text();
    expect(jsonLines<{ cursor: string }>(next)[0]!.cursor).not.toBe(lines[1]!.cursor);
  });

  test('gives the same alerts as server-sent events', async () => {
    const ndjson = jsonLines(await (await fetch(`${url}/v1/alerts?limit=3`)).text());
    const leave = new AbortController();
    const stream = await fetch(`${url}/v1/alerts`, { headers: { accept: 'text/event-stream' }, signal: leave.signal });
    expect(stream.headers.get('content-type')).toMatch(/^text\/event-stream/);
    let text = '';
    for await (const chunk of stream.body!) {
      text += new TextDecoder().decode(chunk);
      if ((text.match(/\n\n/g) ?? []).length > 4) break;
    }
    leave.abort();
    const data = [...text.matchAll(/^data: (.+)$/gm)].slice(0, 3).map(([, json]) => JSON.parse(json!) as unknown);
    expect(data).toEqual(ndjson);
  });

  test('lets others read beside it, and nobody write', async () => {
    const { code, out } = await cli(['verify', '--data-dir', dataDir, '--json']);
    expect(code).toBe(EXIT.ok);
    expect(JSON.parse(out)).toMatchObject({ equal: true });
    const { data } = jsonLines<{ data: { id: string; agent: string } }>(await (await fetch(`${url}/v1/alerts?limit=1`)).text())[0]!;
    expect((await cli(['explain', data.id, '--data-dir', dataDir])).out).toContain(data.agent);
    const second = await optikal(['serve', '--data-dir', dataDir, '--bundle', x.folder, '--port', '0']);
    expect(second).toMatchObject({ code: EXIT.failed, stdout: '' });
    expect(second.stderr).toMatch(/^error data_dir_locked: /);
    expect((await (await fetch(`${url}/readyz`)).json()) as object).toMatchObject({ ready: true });
  });

  test('takes another bundle while it runs', async () => {
    const before = epochs();
    const { code, out } = await cli(['models', 'use', y.folder, '--data-dir', dataDir, '--json']);
    expect(code).toBe(EXIT.ok);
    expect(JSON.parse(out)).toMatchObject({ kind: 'model_epoch', bundle: y.bundle.fingerprint, threshold: null, backend: 'local' });
    expect(epochs()).toBe(before + 1);
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('stops on %s, followers and all, says 0, and goes on where it was', async (signal) => {
    const follower = await fetch(`${url}/v1/alerts?after=999999`, { headers: { accept: 'text/event-stream' } });
    const ended = follower.text().catch(() => '');
    expect(await stopServe(served, signal)).toEqual({ code: EXIT.ok, signal: null });
    await ended;
    const before = epochs();
    served = startServe(dataDir, signal === 'SIGINT' ? ['--bundle', y.folder] : []);
    url = `http://127.0.0.1:${await served.ready}`;
    await caughtUp(served, dataDir);
    await pause(200);
    expect(epochs()).toBe(before);
    expect(served.stderr()).not.toContain('warning');
  });

  test('takes a bundle between two runs', async () => {
    await stopServe(served);
    const before = epochs();
    const { code, out } = await cli(['models', 'use', x.folder, '--data-dir', dataDir, '--fpr', '0.1']);
    expect(code).toBe(EXIT.ok);
    expect(out).toMatch(new RegExp(`^bundle ${x.bundle.fingerprint} judges windows from 20.* on\nthreshold `));
    expect(epochs()).toBe(before + 1);
    expect((await cli(['verify', '--data-dir', dataDir])).code).toBe(EXIT.ok);
  });

  test('asks for a key where there are keys, also of models use', async () => {
    const keyed = join(temp(), 'var');
    const keys = join(temp(), 'keys.json');
    const sha256 = createHash('sha256').update('secret-admin').digest('hex');
    writeFileSync(keys, JSON.stringify({ [sha256]: { tenant: 'default', role: 'admin' } }));
    const guarded = startServe(keyed, ['--bundle', x.folder, '--keys', keys]);
    try {
      const port = await guarded.ready;
      expect((await fetch(`http://127.0.0.1:${port}/v1/alerts`)).status).toBe(401);
      const refused = await cli(['models', 'use', y.folder, '--data-dir', keyed]);
      expect(refused.code).toBe(EXIT.failed);
      expect(refused.err).toMatch(/^error server_unreachable: .*401/);
      expect((await cli(['models', 'use', y.folder, '--data-dir', keyed], { env: { OPTIKAL_API_KEY: 'secret-admin' } })).code).toBe(
        EXIT.ok,
      );
    } finally {
      await stopServe(guarded);
    }
  });

  test('needs a bundle on its first start, and a key to be reached from elsewhere', async () => {
    const first = await optikal(['serve', '--data-dir', join(temp(), 'var'), '--port', '0']);
    expect(first).toMatchObject({ code: EXIT.failed, stdout: '' });
    expect(first.stderr).toMatch(/^error no_model: expected --bundle/);
    const open = await optikal(['serve', '--data-dir', join(temp(), 'var'), '--bundle', x.folder, '--port', '0', '--host', '0.0.0.0']);
    expect(open.code).toBe(EXIT.failed);
    expect(open.stderr).toMatch(/^error keys_required: /);
  });
});
