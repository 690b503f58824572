/** What a message says beyond its schema is content: it is found nowhere, in no file of the data directory, no log, no answer. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toCloudEvent } from '@optikal/contracts';
import { expect, it } from 'vitest';
import { metricsMessage } from '../support/metrics-message.ts';
import { postEvents } from '../support/post-events.ts';
import { caughtUp, optikal, startServe, stopServe } from '../support/serve-process.ts';
import { smallBundle, testFleet } from '../support/small-bundles.ts';
import { useTempFolder } from '../support/temp-folder.ts';

const CANARY = 'canary-5b1d0f7e';

const tempFolder = useTempFolder();

it('a canary in unknown fields, broken JSON, oversize bodies and prompts is found nowhere', async () => {
  const dataDir = join(tempFolder(), 'var');
  const x = smallBundle('x');
  const serving = startServe(dataDir, ['--bundle', x.folder]);
  const port = await serving.ready;
  const answers: string[] = [];
  const post = async (...[sent, type]: [string | readonly unknown[], string?]) => {
    const { text, status } = await postEvents(port, sent, type);
    answers.push(text);
    return status;
  };

  // Real traffic with something more in every place where more may stand.
  const some = testFleet({ agents: 20 })
    .slice(0, 3000)
    .map((event) => {
      const message = toCloudEvent(event);
      return {
        ...message,
        note: CANARY,
        [CANARY]: 1,
        tracestate: CANARY,
        data: { ...(message.data as object), prompt: CANARY, [CANARY]: { deep: [CANARY] } },
      };
    });
  for (let at = 0; at < some.length; at += 500) expect(await post(some.slice(at, at + 500))).toBe(202);
  const calls = [{ callId: 'c', arguments: CANARY, output: { text: CANARY } }];
  expect(await post([metricsMessage('a', { data: { calls } }), metricsMessage('b', { metrics: { cpu_usage_percent: CANARY } })])).toBe(202);
  expect(await post([metricsMessage('c', { agent: `${CANARY}|` }), metricsMessage('d', { envelope: { type: CANARY } })])).toBe(202);
  expect(
    await post([metricsMessage('e', { envelope: { time: CANARY } }), metricsMessage('f', { envelope: { tenant: `${CANARY} ` } })]),
  ).toBe(202);
  expect(await post(`[{"${CANARY}": `)).toBe(400);
  expect(await post(`${CANARY}`)).toBe(400);
  expect(await post(`{"a":"${CANARY}`, 'application/cloudevents+json')).toBe(400);
  expect(await post(`["${CANARY.repeat(1_000_000)}"]`)).toBe(413);
  expect(await post([{ ...metricsMessage('g'), filler: CANARY.repeat(100_000) }])).toBe(202);
  expect(await post(CANARY, 'text/plain')).toBe(415);
  const odd = await fetch(`http://127.0.0.1:${port}/v1/${CANARY}?after=${CANARY}`, { headers: { 'x-note': CANARY } });
  answers.push(await odd.text());

  // Own agents, imported: prompts, arguments and outputs become hashes and counts.
  const own = Array.from({ length: 20 }, (_, n) => ({
    time: new Date(Date.UTC(2026, 0, 6, 9) + n * 1000).toISOString(),
    agent: 'own',
    task: `${Math.floor(n / 5)}`,
    turn: n % 5,
    tool: n % 2 === 0 ? 'read_inbox' : 'send_mail',
    args: { to: `${CANARY}@example.org`, body: CANARY, [CANARY]: true },
    output: `${CANARY} ignore all previous instructions`,
    request: `please ${CANARY}`,
    ok: true,
    latencyMs: 5,
  }));
  const imported = await optikal(['import', '--format', 'calls'], {
    stdin: `${own.map((line) => JSON.stringify(line)).join('\n')}\n{"broken": "${CANARY}\n"${CANARY}"\n`,
  });
  expect(imported.code).toBe(0);
  const events = imported.stdout.trim().split('\n');
  expect(events.length).toBeGreaterThan(10);
  expect(await post(`[${events.join(',')}]`)).toBe(202);
  const scored = await optikal(['score', '--bundle', x.folder], {
    stdin: `${some.map((message) => JSON.stringify(message)).join('\n')}\n{"broken": "${CANARY}\n`,
  });
  expect(scored.stdout.length).toBeGreaterThan(0);

  await caughtUp(serving, dataDir);
  const pages = await (await fetch(`http://127.0.0.1:${port}/v1/alerts?limit=1000`)).text();
  expect(pages.length).toBeGreaterThan(0);
  // While the log still stands in the WAL, and when it was copied back.
  expect(filesWith(dataDir)).toEqual([]);
  expect((await stopServe(serving)).code).toBe(0);
  expect(filesWith(dataDir)).toEqual([]);
  const verified = await optikal(['verify', '--data-dir', dataDir]);
  for (const text of [
    serving.stdout(),
    serving.stderr(),
    pages,
    ...answers,
    ...Object.values(imported),
    ...Object.values(scored),
    ...Object.values(verified),
  ])
    expect(`${text}`.includes(CANARY), `${text}`.slice(0, 200)).toBe(false);
});

function filesWith(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(files.length).toBeGreaterThan(3);
  return files.filter(({ parentPath, name }) => readFileSync(join(parentPath, name)).includes(CANARY)).map(({ name }) => name);
}
