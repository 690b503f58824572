/** The blocks of README.md and docs/quickstart.md that are marked `<!-- run -->` are run, as they stand, on calls of an agent of one's own. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { jsonLines } from './cli/support.ts';
import { useTempFolder } from './support/temp-folder.ts';

const ROOT = resolve(import.meta.dirname, '..');
const MAIN = join(ROOT, 'packages/optikal/src/cli/main.ts');
const temp = useTempFolder();

/** A desk of agents that read and answer: enough minutes to learn what is usual. */
function ownCalls(): string {
  const lines: string[] = [];
  for (let agent = 0; agent < 4; agent++)
    for (let task = 0; task < 70; task++)
      for (let turn = 0; turn < 4; turn++)
        lines.push(
          JSON.stringify({
            time: new Date(Date.UTC(2026, 0, 5, 8) + task * 120_000 + turn * 4000 + agent * 500).toISOString(),
            agent: `desk-${agent}`,
            role: 'desk',
            task: `${task}`,
            turn,
            tool: ['read_inbox', 'search_docs', 'get_customer', 'send_email'][turn],
            args: { id: task },
            output: `ticket ${task} of a customer`,
            ok: (task + turn) % 17 !== 0,
            latencyMs: 40 + ((task * 7 + turn) % 50),
            request: `answer ticket ${task} by email`,
          }),
        );
  return `${lines.join('\n')}\n`;
}

/** A folder whose `npx` runs the command of this working tree with this Node. */
function shims(): string {
  const folder = join(temp(), 'bin');
  mkdirSync(folder);
  writeFileSync(join(folder, 'npx'), `#!/bin/sh\nshift\nexec "${process.execPath}" "${MAIN}" "$@"\n`);
  chmodSync(join(folder, 'npx'), 0o755);
  return folder;
}

describe.each(['README.md', 'docs/quickstart.md'])('%s', (name) => {
  const page = readFileSync(join(ROOT, name), 'utf8');
  const blocks = [...page.matchAll(/<!-- run -->\n```sh\n([\s\S]*?)^```$/gm)].map(([, block]) => block!);

  test('has a marked block of at most ten lines that works as it stands', () => {
    expect(blocks).toHaveLength(1);
    expect(blocks[0]!.trimEnd().split('\n').length).toBeLessThanOrEqual(10);
    const cwd = temp();
    writeFileSync(join(cwd, 'own.jsonl'), ownCalls());
    execFileSync('bash', ['-euo', 'pipefail', '-c', blocks[0]!], {
      cwd,
      env: { ...process.env, PATH: `${shims()}${delimiter}${process.env.PATH ?? ''}` },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    expect(jsonLines(readFileSync(join(cwd, 'own/events.jsonl'), 'utf8')).length).toBeGreaterThan(1000);
    const manifest = JSON.parse(readFileSync(join(cwd, 'bundle/manifest.json'), 'utf8')) as { report: { labels: string } };
    expect(manifest.report.labels).toBe('none');
    for (const alert of jsonLines<{ type: string }>(readFileSync(join(cwd, 'alerts.jsonl'), 'utf8')))
      expect(alert.type).toBe('argus.threat.alerts.v1');
  });
});
