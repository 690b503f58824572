/**
 * The smoke path: what a person does first, through the installed command and nothing else: generate, train, evaluate, score, serve and post,
 * read alerts, verify, explain. Each step checks what it promised; the first that does not ends the run.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const OPTIKAL = join(resolve(import.meta.dirname, '..'), 'node_modules/.bin/optikal');
/** A loose operating point: a small fleet must alert. */
const LOOSE = ['--fpr', '0.05'];
const BATCH = 1000;
const folder = mkdtempSync(join(tmpdir(), 'optikal-smoke-'));
const at = (name: string) => join(folder, name);

interface Alert {
  readonly data: { readonly id: string; readonly agent: string; readonly sentence: string };
}

function optikal(args: readonly string[], input = ''): { readonly out: string; readonly err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [OPTIKAL, ...args], { input, encoding: 'utf8', maxBuffer: 1 << 28 });
  assert.equal(status, 0, `optikal ${args.join(' ')}: exit ${status}\n${stderr}`);
  return { out: stdout, err: stderr };
}

function alertsOf(text: string): Alert[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Alert); // what the command promises; the steps check what they use
}

/** Starts a server and waits for the line that says it is ready. */
async function serve(args: readonly string[]): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const child = spawn(process.execPath, [OPTIKAL, 'serve', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  for await (const chunk of child.stdout!) {
    text += String(chunk);
    if (text.includes('\n')) break;
  }
  const { ready, port } = JSON.parse(text) as { ready: boolean; port: number }; // the first line of serve
  assert.equal(ready, true);
  return { child, url: `http://127.0.0.1:${port}` };
}

async function post(url: string, lines: readonly string[]): Promise<void> {
  for (let from = 0; from < lines.length; from += BATCH) {
    const answer = await fetch(`${url}/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/cloudevents-batch+json' },
      body: `[${lines.slice(from, from + BATCH).join(',')}]`,
    });
    assert.equal(answer.status, 202, await answer.text());
  }
}

const STEPS: readonly (readonly [string, () => void | Promise<void>])[] = [
  ['--help names the commands', () => assert.match(optikal(['--help']).out, /\bdemo\b[\s\S]*\bserve\b/)],
  [
    'generate writes a fleet',
    () => {
      const { out } = optikal(['generate', '--agents', '40', '--days', '0.4', '--seed', '7', '--out', at('fleet'), '--json']);
      assert.ok((JSON.parse(out) as { events: number }).events > 1000);
    },
  ],
  ['events validate accepts it', () => assert.equal(optikal(['events', 'validate', at('fleet/events.jsonl')]).out, '')],
  [
    'train fits a bundle',
    () => assert.match(optikal(['train', '--data', at('fleet'), '--out', at('bundle')]).out, /AUROC[\s\S]*\nbundle [0-9a-f]{64} in /),
  ],
  [
    'evaluate measures it on another fleet',
    () => {
      optikal(['generate', '--agents', '40', '--days', '0.4', '--seed', '8', '--out', at('other')]);
      const { out } = optikal(['evaluate', '--bundle', at('bundle'), '--data', at('other'), '--json', ...LOOSE]);
      const { measured } = JSON.parse(out) as { measured: { auroc: { value: number } } };
      assert.ok(measured.auroc.value > 0.7, `AUROC ${measured.auroc.value}`);
    },
  ],
  [
    'score gives alerts, each with a sentence',
    () => {
      const alerts = alertsOf(optikal(['score', '--bundle', at('bundle'), ...LOOSE, at('other/events.jsonl')]).out);
      assert.ok(alerts.length > 0);
      for (const { data } of alerts) assert.match(data.sentence, /\S\.$/);
    },
  ],
  [
    'serve takes the events, stops on SIGTERM, and its log holds the alerts of score',
    async () => {
      const { child, url } = await serve(['--bundle', at('bundle'), '--data-dir', at('var'), '--port', '0', '--clock', 'events', ...LOOSE]);
      const ended = once(child, 'exit');
      try {
        await post(url, readFileSync(at('other/events.jsonl'), 'utf8').trimEnd().split('\n'));
        // A long poll: the first alerts are there when the detector has come to them.
        const alerts = alertsOf(await (await fetch(`${url}/v1/alerts?limit=1&wait=20`)).text());
        assert.equal(alerts.length, 1);
        const scored = alertsOf(optikal(['score', '--bundle', at('bundle'), ...LOOSE, at('other/events.jsonl')]).out);
        assert.deepEqual(alerts[0]!.data, scored[0]!.data);
        const { out } = optikal(['explain', alerts[0]!.data.id, '--data-dir', at('var')]);
        assert.ok(out.includes(alerts[0]!.data.agent) && out.includes('above the threshold'), out);
      } finally {
        child.kill('SIGTERM');
      }
      assert.deepEqual(await ended, [0, null]);
    },
  ],
  [
    'verify replays the log to the same alerts',
    () => {
      const found = JSON.parse(optikal(['verify', '--data-dir', at('var'), '--json']).out) as { alerts: number; equal: boolean };
      assert.ok(found.alerts > 0);
      assert.equal(found.equal, true);
    },
  ],
];

try {
  for (const [title, step] of STEPS) {
    const started = process.hrtime.bigint();
    await step();
    console.log(`ok  ${title} (${(Number(process.hrtime.bigint() - started) / 1e9).toFixed(1)} s)`);
  }
} catch (error) {
  console.log(`FAILED  ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
