/** Bad input on the command line and over HTTP: a clear error with its code, or a dead letter; never a crash, never silence. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RAW_METRIC_NAMES } from '@optikal/contracts';
import { beforeAll, describe, expect, it } from 'vitest';
import { openEmbeddedReader } from '../../packages/optikal/src/bus/index.ts';
import { verifyDataDir } from '../../packages/optikal/src/services/verify.ts';
import { metricsMessage, T0 } from '../support/metrics-message.ts';
import { postEvents } from '../support/post-events.ts';
import { caughtUp, optikal, startServe, stopServe } from '../support/serve-process.ts';
import { type SmallBundle, smallBundle } from '../support/small-bundles.ts';
import { useTempFolder } from '../support/temp-folder.ts';

const MINUTE_MS = 60_000;
const TEN_YEARS_MS = 3650 * 1440 * MINUTE_MS;

const tempFolder = useTempFolder();
let x: SmallBundle;
beforeAll(() => {
  x = smallBundle('x');
});

describe('score', () => {
  const score = (lines: readonly string[]) => optikal(['score', '--bundle', x.folder, '--json'], { stdin: `${lines.join('\n')}\n` });
  const line = (...args: Parameters<typeof metricsMessage>) => JSON.stringify(metricsMessage(...args));

  it('names line, field and value of what it refuses, and scores the rest', async () => {
    const { code, stderr } = await score([
      line('a'),
      '{"broken',
      line('b', { metrics: { cpu_usage_percent: 140.5 } }),
      line('c', { envelope: { type: 'argus.agent.metrics.v2' } }),
      line('d', { agent: 'a|b' }),
      `{"filler":"${'x'.repeat(10_000_000)}"}`,
      '{"cpu_usage_percent":NaN}',
      line('a', { metrics: { error_count: 9 } }),
      line('e', { timeMs: T0 + TEN_YEARS_MS }),
      line('f', { timeMs: T0 + 1000 }),
    ]);
    expect(code).toBe(0);
    const told = stderr.split('\n');
    for (const words of [
      ['line 2', 'invalid_json'],
      ['line 3', 'metric_out_of_range', '/data/metrics/cpu_usage_percent', '140.5'],
      ['line 4', 'unknown_version', '/type'],
      ['line 5', 'agent_id_invalid', '/subject'],
      ['line 6', 'too_large'],
      ['line 7', 'invalid_json'],
    ])
      expect(
        told.some((text) => words.every((word) => text.includes(word))),
        words.join(' '),
      ).toBe(true);
    expect(stderr).not.toContain('broken');
    // The conflict and the clock ten years ahead are met in the log, and counted.
    expect(JSON.parse(told.findLast((text) => text.startsWith('{"'))!)).toMatchObject({ refused: 6, accepted: 2, dead: 1, events: 3 });
  });

  it('takes each metric as null in turn, and all of them at once', async () => {
    const one = RAW_METRIC_NAMES.map((name, n) => line(`n${n}`, { agent: name, metrics: { [name]: null } }));
    const all = line('all', { agent: 'blind', metrics: Object.fromEntries(RAW_METRIC_NAMES.map((name) => [name, null])) });
    const { code, stdout, stderr } = await score([...one, all]);
    expect(code).toBe(0);
    const lines = stderr.split('\n');
    expect(JSON.parse(lines.findLast((text) => text.startsWith('{"'))!)).toMatchObject({
      refused: 0,
      accepted: RAW_METRIC_NAMES.length + 1,
    });
    expect(stdout).not.toMatch(/NaN|Infinity/);
  });
});

describe('serve', () => {
  it('answers bad messages by index and code, keeps the good ones, and stays up', async () => {
    const dataDir = join(tempFolder(), 'var');
    const serving = startServe(dataDir, ['--bundle', x.folder]);
    const port = await serving.ready;
    const sent = [
      metricsMessage('a'),
      metricsMessage('b', { metrics: { success_rate: 1.5 } }),
      metricsMessage('c', { envelope: { type: 'argus.agent.metrics.v7' } }),
      metricsMessage('d', { agent: 'a|b' }),
      metricsMessage('a', { metrics: { error_count: 9 } }),
      metricsMessage('e', { timeMs: T0 + TEN_YEARS_MS }),
      metricsMessage('f', { timeMs: T0 + 1000 }),
      metricsMessage('a'),
    ];
    const answer = await postEvents(port, sent);
    expect(answer).toMatchObject({ status: 202, accepted: 3, duplicates: 1 });
    expect(answer.rejected.map(({ index, code }) => `${index} ${code}`)).toEqual([
      '1 metric_out_of_range',
      '2 unknown_version',
      '3 agent_id_invalid',
      '4 duplicate_id_conflict',
    ]);
    expect((await postEvents(port, '[{"a":NaN}]')).status).toBe(400);
    expect((await postEvents(port, `["${'x'.repeat(10_000_000)}"]`)).status).toBe(413);
    expect((await postEvents(port, '['.repeat(1_000_000))).status).toBe(400);
    expect(await postEvents(port, [metricsMessage('g', { timeMs: T0 + MINUTE_MS })])).toMatchObject({ status: 202, accepted: 1 });
    await caughtUp(serving, dataDir);
    expect((await stopServe(serving)).code).toBe(0);
    const reader = openEmbeddedReader(dataDir);
    const letters = reader.deadLetters(0, 100);
    reader.close();
    expect(letters.map(({ code }) => code)).toContain('clock_ahead');
    expect((await verifyDataDir(dataDir)).equal).toBe(true);
  });
});

it('generate, train, verify and explain say what is wrong with what they are given', async () => {
  const folder = tempFolder();
  const file = join(folder, 'file');
  writeFileSync(file, 'x');
  for (const [args, code] of [
    [['train', '--data', join(folder, 'none'), '--out', join(folder, 'b')], 'data_not_found'],
    [['train', '--data', folder, '--out', join(folder, 'b')], 'data_unrecognised'],
    [['verify', '--data-dir', join(folder, 'none')], 'data_dir_missing'],
    [['explain', 'abc', '--data-dir', join(folder, 'none')], 'data_dir_missing'],
    [['serve', '--data-dir', join(folder, 'var'), '--port', '0'], 'no_model'],
  ] as const) {
    const { code: exit, stderr } = await optikal(args);
    expect(exit, args.join(' ')).toBe(1);
    expect(stderr).toContain(code);
    expect(stderr).not.toContain('    at ');
  }
});
