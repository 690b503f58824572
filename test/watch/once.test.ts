/** `watch` without a screen: plain lines and JSON lines of the same alerts, filters, limits, refusals. And what keeps its pure files pure. */
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { openEmbeddedReader, type StoredAlert } from '../../packages/optikal/src/bus/index.ts';
import { EXIT } from '../../packages/optikal/src/cli/exit.ts';
import { cli, jsonLines } from '../cli/support.ts';
import { detectedDir } from '../support/detected.ts';
import { smallBundle, testFleet } from '../support/small-bundles.ts';
import { useTempFolder } from '../support/temp-folder.ts';

const temp = useTempFolder();
let dataDir = '';
let alerts: readonly StoredAlert[] = [];

interface Line {
  readonly id: string;
  readonly agent: string;
  readonly threat: string;
  readonly severity: string;
  readonly standing: string;
  readonly windowStartMs: number;
}

beforeAll(async () => {
  dataDir = join(temp(), 'var');
  await detectedDir(dataDir, testFleet({ agents: 16, days: 0.1 }), smallBundle('x'));
  const reader = openEmbeddedReader(dataDir);
  alerts = reader.alerts(0, 10_000);
  reader.close();
});

describe('watch --once', () => {
  test('prints each alert of --json once, by its last revision, newest first, and the counters on stderr', async () => {
    const { code, out, err } = await cli(['watch', '--data-dir', dataDir, '--json']);
    expect(code).toBe(EXIT.ok);
    const lines = jsonLines<Line>(out);
    expect(lines.map(({ id }) => id).sort()).toEqual([...new Set(alerts.map(({ id }) => id))].sort());
    const times = lines.map(({ windowStartMs }) => windowStartMs);
    expect(times).toEqual(times.toSorted((a, b) => b - a));
    expect(JSON.parse(err)).toMatchObject({ matching: lines.length, lag: 0, writer: { running: false } });
  });

  test('prints a group of alerts of one agent and threat as one plain line, without a terminal too', async () => {
    const groups = new Set(
      jsonLines<Line>((await cli(['watch', '--data-dir', dataDir, '--json'])).out).map(({ agent, threat }) => `${agent} ${threat}`),
    );
    for (const flags of [['--once'], []]) {
      const { code, out, err } = await cli(['watch', '--data-dir', dataDir, ...flags]);
      expect(code).toBe(EXIT.ok);
      const lines = out.trimEnd().split('\n');
      expect(lines).toHaveLength(groups.size);
      for (const line of lines)
        expect(line).toMatch(
          /^2026-01-05T\d\d:\d\d:00Z {2}(low|medium|high|critical) {2}\d+ % {2}\S+ {2}[a-z ]+ {2}×\d+ {2}(early|final|confirmed|withdrawn)/,
        );
      expect(err).toMatch(/^\d+ alerts \(of all: critical \d+, .*; writer not running; last commit 20/);
    }
  });

  test('filters, and prints so many lines at most', async () => {
    const all = jsonLines<Line>((await cli(['watch', '--data-dir', dataDir, '--json'])).out);
    const [{ agent, threat }] = all as [Line];
    const of = async (...flags: string[]) => jsonLines<Line>((await cli(['watch', '--data-dir', dataDir, '--json', ...flags])).out);
    expect(await of('--agent', agent, '--threat', threat)).toEqual(all.filter((line) => line.agent === agent && line.threat === threat));
    expect((await of('--severity', 'medium')).every(({ severity }) => severity !== 'low')).toBe(true);
    expect(await of('--since', '2030-01-01')).toEqual([]);
    expect(await of('--limit', '3')).toEqual(all.slice(0, 3));
  });

  test('refuses a filter that it does not understand, and says what is wrong with a directory', async () => {
    for (const flags of [
      ['--since', 'yesterday'],
      ['--severity', 'loud'],
      ['--threat', 'weather'],
      ['--agent', ''],
    ]) {
      const { code, out } = await cli(['watch', '--data-dir', dataDir, '--once', ...flags]);
      expect({ code, out }).toEqual({ code: EXIT.usage, out: '' });
    }
    const { code, err } = await cli(['watch', '--data-dir', join(temp(), 'none'), '--once']);
    expect(code).toBe(EXIT.failed);
    expect(err).toMatch(/^error data_dir_missing: /);
  });
});

describe('the screen', () => {
  const folder = resolve(import.meta.dirname, '../../packages/optikal/src/cli/watch');
  const files = globSync('*.ts', { cwd: folder }).filter((name) => !/\.test\.ts$|^session\.ts$/.test(name));

  test.each(files)('%s is pure: no clock, no chance, no process, no Node module', (name) => {
    const text = readFileSync(join(folder, name), 'utf8');
    expect(text).not.toMatch(
      /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bperformance\.|\bprocess\.|\bset(?:Timeout|Interval|Immediate)\(|from 'node:/,
    );
  });
});
