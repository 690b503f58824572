/** `generate` beyond a plain fleet: noise over events and rows, simple rows, the earlier name of the span. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EXIT } from '../../packages/optikal/src/cli/exit.ts';
import { useTempFolder } from '../support/temp-folder.ts';
import { cli } from './support.ts';

const temp = useTempFolder();
const FLEET = ['generate', '--agents', '3', '--seed', 's'];

/** The summary, and the files by name. */
async function made(args: readonly string[]) {
  const out = temp();
  const { code, out: said } = await cli([...args, '--out', out, '--json']);
  expect(code).toBe(EXIT.ok);
  const { out: folder, ...summary } = JSON.parse(said) as Record<string, unknown>;
  expect(folder).toBe(out);
  return { summary, file: (name: string) => readFileSync(join(out, name), 'utf8') };
}

describe('generate', () => {
  test('knows the span by its earlier name', async () => {
    const days = await made([...FLEET, '--days', '0.1']);
    const span = await made([...FLEET, '--temporal-span-days', '0.1']);
    expect(span.summary).toEqual(days.summary);
    expect(span.file('events.jsonl')).toBe(days.file('events.jsonl'));
    expect((await cli([...FLEET, '--days', '1', '--temporal-span-days', '1', '--out', temp()])).code).toBe(EXIT.usage);
  });

  test('simulates the threats and intensities that are asked for', async () => {
    const asked = ['--threats', 'behavioral_drift,data_exfiltration', '--intensities', 'mimicry'];
    const { summary, file } = await made(['generate', '--agents', '24', '--days', '0.5', '--seed', 's', ...asked]);
    expect(summary).toMatchObject({ threats: ['behavioral_drift', 'data_exfiltration'], intensities: ['mimicry'] });
    const lines = file('truth.jsonl').trim().split('\n');
    const acted = lines
      .map((line) => JSON.parse(line) as { threat: string; intensity: string; acted: number })
      .filter((line) => line.acted === 1);
    expect(new Set(acted.map(({ threat }) => threat))).toEqual(new Set(['behavioral_drift', 'data_exfiltration']));
    expect(new Set(acted.map(({ intensity }) => intensity))).toEqual(new Set(['mimicry']));
    expect((await cli([...FLEET, '--threats', 'boredom', '--out', temp()])).code).toBe(EXIT.usage);
    expect((await cli([...FLEET, '--simple', '--intensities', 'mimicry', '--out', temp()])).code).toBe(EXIT.usage);
  });

  test('lays noise over the events and none over the truth; events validate takes them all', async () => {
    const clean = await made([...FLEET, '--days', '0.2']);
    const noisy = await made([...FLEET, '--days', '0.2', '--noise', '0.2']);
    expect(noisy.summary).toMatchObject({ noise: 0.2, truthLines: clean.summary.truthLines, campaigns: clean.summary.campaigns });
    expect(noisy.file('truth.jsonl')).toBe(clean.file('truth.jsonl'));
    const events = noisy.file('events.jsonl');
    const ids = (text: string) =>
      new Set(
        text
          .trim()
          .split('\n')
          .map((line) => (JSON.parse(line) as { id: string }).id),
      );
    expect(ids(events)).toEqual(ids(clean.file('events.jsonl')));
    expect(events).not.toBe(clean.file('events.jsonl'));
    expect((await cli(['events', 'validate', '-'], { stdin: events })).code).toBe(EXIT.ok);
  });

  test('writes simple rows as CSV, with and without noise', async () => {
    const { summary, file } = await made(['generate', '--rows', '200', '--seed', '3']);
    expect(summary).toEqual({ rows: 200, seed: '3' });
    const lines = file('rows.csv').trim().split('\n');
    expect(lines).toHaveLength(201);
    expect(lines[0]).toMatch(/^cpu_usage_percent,.*,success_rate,label,threat$/);
    expect(lines[1]).toMatch(/^([\d.]+,){11}[01],[a-z_]+$/);
    const noisy = await made(['generate', '--simple', '--rows', '200', '--seed', '3', '--noise', '0.2']);
    expect(noisy.file('rows.csv')).toContain(',,');
    expect(noisy.summary.rows).toBeGreaterThanOrEqual(200);
  });

  test.each([
    [['--simple', '--agents', '3']],
    [['--simple', '--days', '3']],
    [['--rows', '10', '--temporal-span-days', '3']],
    [['--rows', '0']],
    [['--noise', '0']],
    [['--noise', '0.6']],
  ])('refuses %j', async (args) => {
    expect((await cli(['generate', ...args, '--out', 'never-made'])).code).toBe(EXIT.usage);
  });
});
