/** The log of `serve` as a process: what stands in it, and that nothing which happens to it happens to the server. */
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Event, toCloudEvent } from '@optikal/contracts';
import { describe, expect, it, onTestFinished } from 'vitest';
import { LOG_EVENTS, LOG_LEVELS } from '../../packages/optikal/src/observability/index.ts';
import { postEvents } from '../support/post-events.ts';
import { caughtUp, pause, startServe, stopServe } from '../support/serve-process.ts';
import { smallBundle, testFleet } from '../support/small-bundles.ts';
import { useTempFolder } from '../support/temp-folder.ts';

const tempFolder = useTempFolder();
const EVENTS = testFleet({ agents: 10 }).slice(0, 1000);
const send = (port: number | null, events: readonly Event[]) => postEvents(port, events.map(toCloudEvent));
const serve = (flags: readonly string[], env: Record<string, string> = {}) => {
  const dataDir = join(tempFolder(), 'var');
  const serving = startServe(dataDir, ['--bundle', smallBundle('x').folder, ...flags], env);
  onTestFinished(() => void serving.child.kill('SIGKILL'));
  return { dataDir, serving };
};
const NOISE = 3000;
/** More log lines than any pipe holds. */
const makeNoise = async (port: number | null) => {
  for (let n = 0; n < NOISE; n += 50)
    await Promise.all(Array.from({ length: 50 }, async () => (await fetch(`http://127.0.0.1:${port}/v1/none`)).text()));
};

interface Line {
  readonly level: (typeof LOG_LEVELS)[number];
  readonly time: string;
  readonly code: string;
}

describe('the log of serve', () => {
  it('is one JSON object a line with a known code each, whatever happens, with --json', async () => {
    const { dataDir, serving } = serve(['--json', '--fpr', '0.5', '--log-level', 'trace']);
    const port = await serving.ready;
    await send(port, EVENTS);
    await (await fetch(`http://127.0.0.1:${port}/v1/alerts?after=x`)).text();
    await (await fetch(`http://127.0.0.1:${port}/readyz`)).text();
    await caughtUp(serving, dataDir);
    expect((await stopServe(serving)).code).toBe(0);
    const lines = serving
      .stderr()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Line); // the promise of --json
    for (const { level, time, code } of lines) {
      expect(LOG_LEVELS).toContain(level);
      expect(new Date(time).toISOString()).toBe(time);
      expect(Object.keys(LOG_EVENTS)).toContain(code);
    }
    const codes = lines.map(({ code }) => code);
    expect([codes[0], ...codes.slice(-2)]).toEqual(['server_started', 'server_stopping', 'server_stopped']);
    expect(codes).toEqual(expect.arrayContaining(['request', 'committed']));
    expect(lines.find(({ code }) => code === 'request')).toMatchObject({
      method: 'POST',
      route: '/v1/events',
      status: 202,
      ms: expect.any(Number),
    });
  });

  it('says nothing of single requests at its usual level, and nothing at all when silent', async () => {
    for (const [flags, expected] of [
      [['--json'], ['server_started', 'server_stopping', 'server_stopped']],
      [['--json', '--log-level', 'silent'], []],
    ] as const) {
      const { serving } = serve(flags);
      await send(await serving.ready, EVENTS.slice(0, 10));
      await stopServe(serving);
      const codes = serving
        .stderr()
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => (JSON.parse(line) as Line).code); // as above
      expect(codes).toEqual(expected);
    }
  });
});

describe('the server goes on', () => {
  it('when nobody reads its stderr, and stops in time', async () => {
    const { serving } = serve(['--log-level', 'trace']);
    const port = await serving.ready;
    serving.child.stderr?.pause();
    await makeNoise(port);
    expect((await send(port, EVENTS)).status).toBe(202);
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    expect(metrics).toMatch(/^optikal_log_lines_dropped_total \d+$/m);
    serving.child.kill('SIGTERM');
    const [code] = (await once(serving.child, 'exit')) as [number | null]; // the arguments of 'exit'
    expect(code).toBe(0);
  });

  it('when the reader of its stderr has left', async () => {
    const { serving } = serve(['--log-level', 'trace']);
    const port = await serving.ready;
    serving.child.stderr?.destroy();
    await makeNoise(port);
    expect((await send(port, EVENTS)).status).toBe(202);
    expect(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()).toMatch(/^optikal_log_lines_dropped_total [1-9]/m);
    expect((await stopServe(serving)).code).toBe(0);
  });

  it.skipIf(!existsSync('/dev/full'))('when the disk of its log file is full', async () => {
    const { serving } = serve([], { OPTIKAL_LOG_FILE: '/dev/full', OPTIKAL_LOG_LEVEL: 'trace' });
    const port = await serving.ready;
    await makeNoise(port);
    expect((await send(port, EVENTS)).status).toBe(202);
    await pause(50);
    expect(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()).toMatch(/^optikal_log_lines_dropped_total [1-9]/m);
    expect((await stopServe(serving)).code).toBe(0);
  });

  it('refuses to start with a log file that it cannot open, and says which', async () => {
    const path = join(tempFolder(), 'none', 'serve.log');
    const { serving } = serve([], { OPTIKAL_LOG_FILE: path });
    expect(await serving.ready).toBeNull();
    expect((await serving.exit).code).toBe(1);
    expect(serving.stderr()).toMatch(/^error log_unwritable: expected a file that can be written at `.*serve\.log`, found ENOENT/);
    const file = join(tempFolder(), 'serve.log');
    const good = serve([], { OPTIKAL_LOG_FILE: file });
    await good.serving.ready;
    await stopServe(good.serving);
    expect(readFileSync(file, 'utf8')).toContain('server_stopped');
  });
});
