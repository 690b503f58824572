/** The demo to its end and stopped, and what can be asked of the log it keeps. */
import { cpSync, existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { stripVTControlCharacters } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { EXIT } from '../../packages/optikal/src/cli/exit.ts';
import { pause, startOptikal } from '../support/serve-process.ts';
import { useTempFolder } from '../support/temp-folder.ts';
import { cli, jsonLines } from './support.ts';

const temp = useTempFolder();
/** Fitted once for each state of the code, by hash. */
const CACHE = { OPTIKAL_CACHE_DIR: join(import.meta.dirname, '../../node_modules/.cache/optikal-demo') };
/** The first run fits the bundle, beside whatever else the machine does. */
const PATIENCE_MS = 110_000;
const SMALL = ['demo', '--agents', '40', '--hours', '1', '--speed', '0'];
let dataDir = '';
let lines: Record<string, unknown>[] = [];
const alerts = () => lines.slice(0, -1);

beforeAll(async () => {
  dataDir = join(temp(), 'var');
  const { code, out, err } = await cli([...SMALL, '--data-dir', dataDir, '--json'], { env: CACHE });
  expect({ code, err }).toEqual({ code: EXIT.ok, err: '' });
  lines = jsonLines(out);
});

describe('the demo', () => {
  test('gives alerts with the truth beside, and a summary last', () => {
    expect(alerts().length).toBeGreaterThan(2);
    for (const alert of alerts())
      expect(alert).toMatchObject({
        sentence: expect.stringMatching(/\.$/),
        truth: { kind: expect.stringMatching(/^(attack|exposed|benign)$/) },
      });
    expect(lines.at(-1)).toMatchObject({
      agents: 40,
      hours: expect.closeTo(1, 6),
      caught: expect.any(Number),
      campaignCount: expect.any(Number),
      campaigns: expect.arrayContaining([
        { threat: expect.any(String), intensity: expect.any(String), caught: expect.any(Number), all: expect.any(Number) },
      ]),
      falseAlarmsPerAgentDay: expect.any(Number),
      latencySeconds: { median: expect.any(Number), p90: expect.any(Number) },
    });
    const { latencySeconds } = lines.at(-1) as { latencySeconds: { median: number; p90: number } }; // matched above
    expect(latencySeconds.median).toBeGreaterThan(0);
    expect(latencySeconds.median).toBeLessThan(600);
    // A moderate attack comes in parts over hours, and a quiet part is found with a later one: at most the demo's hour.
    expect(latencySeconds.p90).toBeLessThan(3600);
  });

  test('tells people the same, first the sentence, then the reasons with the usual beside the seen', async () => {
    const { code, out, err } = await cli(SMALL, { env: CACHE, terminal: 400 });
    expect(code).toBe(EXIT.ok);
    const text = stripVTControlCharacters(out);
    expect(text).not.toBe(out);
    const blocks = text.split('\n\n').filter((block) => block.includes('truth: '));
    expect(blocks).toHaveLength(alerts().length);
    for (const [i, block] of blocks.entries()) {
      const [head, ...rest] = block.split('\n');
      expect(head).toMatch(/^\d\d:\d\d (low|medium|high|critical|withdrawn)( \((early|confirmed)\))? \S+ \(\w+\) .+\.$/);
      expect(head).toContain(alerts()[i]!.sentence);
      expect(rest[0]).toMatch(/^ {6}[+-]\d+\.\d\d [^:]+: .+/);
      expect(rest.at(-2)).toMatch(/^ {6}.+ % likely an attack, if .+ % of all windows are one.*; id [0-9a-f]{32}$/);
      expect(rest.at(-1)).toMatch(/^ {6}truth: /);
    }
    expect(text).toMatch(/\(usually .+\)/);
    // Units of the models' own are no words for people.
    expect(text).not.toMatch(/\d (nats|logit|ln bytes|sd)\b/);
    expect(text).toMatch(/after 1 h of log time:\nattacks caught +\d+ of \d+\n/);
    expect(text).toContain('--data-dir var/ keeps it');
    expect(err).toContain('alerts so far');
    const narrow = stripVTControlCharacters((await cli(SMALL, { env: CACHE, terminal: 60 })).out);
    expect(Math.max(...narrow.split('\n').map((line) => line.length))).toBeLessThanOrEqual(60);
    expect(narrow.split(/\s+/)).toEqual(text.split(/\s+/));
  });

  test('refuses a data directory that holds a log', async () => {
    const { code, err } = await cli([...SMALL, '--data-dir', dataDir], { env: CACHE });
    expect(code).toBe(EXIT.usage);
    expect(err).toContain('without a log');
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('%s ends it with a summary of what was seen, and leaves nothing behind', async (signal) => {
    const before = leftovers();
    const running = startOptikal(['demo', '--agents', '60', '--speed', '300'], CACHE);
    for (let waited = 0; !running.stdout().includes('truth: '); waited += 50) {
      expect(waited, running.stderr()).toBeLessThan(PATIENCE_MS);
      await pause(50);
    }
    running.child.kill(signal);
    expect(await running.exit).toEqual({ code: EXIT.interrupted, signal: null });
    expect(running.stdout()).toMatch(/\nstopped after [\d.]+ h of log time; until then:\nattacks caught +\d+ of \d+\n/);
    expect(stripVTControlCharacters(running.stdout() + running.stderr())).toBe(running.stdout() + running.stderr());
    expect(leftovers().filter((name) => !before.includes(name))).toEqual([]);
  });
});

const leftovers = () => readdirSync(tmpdir()).filter((name) => name.startsWith('optikal-demo-'));

describe('the log that it keeps', () => {
  test('replays to the same alerts', async () => {
    const found = JSON.parse((await cli(['verify', '--data-dir', dataDir, '--json'])).out) as Record<string, unknown>;
    expect(Object.keys(found)).toEqual(['records', 'alerts', 'sha256', 'replaySha256', 'equal']);
    expect(found).toMatchObject({ alerts: alerts().length, equal: true });
    const { code, out, err } = await cli(['verify', '--data-dir', dataDir], { terminal: 100 });
    expect(code).toBe(EXIT.ok);
    expect(stripVTControlCharacters(out)).toMatch(/^equal: \d+ records replayed, \d+ alerts stored\n/);
    expect(err).toContain('replaying');
  });

  test('does not, where somebody changed an alert', async () => {
    const copy = join(temp(), 'copy');
    cpSync(dataDir, copy, { recursive: true });
    const db = new DatabaseSync(join(copy, 'bus.db'));
    db.exec('UPDATE alerts SET body = replace(body, \'"decision":"alert"\', \'"decision":"withdrawn"\')');
    db.close();
    const { code, out } = await cli(['verify', '--data-dir', copy]);
    expect(code).toBe(EXIT.differs);
    expect(out).toMatch(/^DIFFERENT: /);
    expect(existsSync(join(dataDir, 'bus.db'))).toBe(true);
  });

  test('explains an alert by its id, and says where it is above the threshold', async () => {
    const { id, agent } = alerts()[0] as { id: string; agent: string };
    const { code, out } = await cli(['explain', id, '--data-dir', dataDir]);
    expect(code).toBe(EXIT.ok);
    expect(out).toMatch(new RegExp(`^${agent} \\(\\w+\\), .*: alert \\(.+\\)\\n`));
    expect(out).toMatch(/margin -?\d+\.\d\d is \d+\.\d\d above the threshold/);
    expect(out).toContain('what each model says');
    expect(out).toMatch(/^ {2}boosting +-?\d+\.\d\d /m);
    expect(out).toMatch(/ {2}\+\d+\.\d\d .+: .+ \(usually .+\)/);
  });

  test('explains a window that did not alert, and sums to its margin', async () => {
    const alerted = new Set(alerts().map(({ agent, windowStartMs }) => `${String(agent)}|${String(windowStartMs)}`));
    const db = new DatabaseSync(join(dataDir, 'bus.db'), { readOnly: true });
    const rows = db.prepare('SELECT key, window_start_ms AS startMs FROM scores').all() as { key: string; startMs: number }[];
    db.close();
    const quiet = rows.find(({ key, startMs }) => !alerted.has(`${key.split('|')[1]}|${startMs}`))!;
    const question = ['--agent', quiet.key.split('|')[1]!, '--at', new Date(quiet.startMs + 1000).toISOString(), '--data-dir', dataDir];
    const { code, out } = await cli(['explain', ...question]);
    expect(code).toBe(EXIT.ok);
    expect(out).toMatch(/: no alert\n/);
    expect(out).toContain('below the threshold');
    const json = JSON.parse((await cli(['explain', ...question, '--json'])).out) as {
      decision: string;
      margin: number;
      baseValue: number;
      attributions: { contribution: number }[];
    };
    expect(json.decision).toBe('benign');
    expect(json.attributions.reduce((sum, { contribution }) => sum + contribution, json.baseValue)).toBeCloseTo(json.margin, 6);
  });

  test('has no answer for who did nothing', async () => {
    const { code, err } = await cli(['explain', '--agent', 'nobody', '--at', '1767607200000', '--data-dir', dataDir]);
    expect(code).toBe(EXIT.failed);
    expect(err).toMatch(/^error window_not_found: no scored window of agent `nobody` at 2026-/);
    expect((await cli(['explain', '0'.repeat(32), '--data-dir', dataDir])).err).toMatch(/^error window_not_found: /);
  });
});
