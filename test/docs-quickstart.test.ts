/** The programs of docs/quickstart.md, TypeScript and Python, run as they stand: what they record is imported, followed into a server and alerts. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cli, jsonLines, linesOf } from './cli/support.ts';
import { need } from './support/components.ts';
import { caughtUp, optikal, startServe, stopServe } from './support/serve-process.ts';
import { smallBundle, testFleet } from './support/small-bundles.ts';
import { useTempFolder } from './support/temp-folder.ts';

const temp = useTempFolder();
const page = readFileSync(resolve(import.meta.dirname, '../docs/quickstart.md'), 'utf8');
const files = new Map(
  [...page.matchAll(/<!-- file: (\S+) -->\n```(?:ts|python)\n([\s\S]*?)^```$/gm)].map(([, name, text]) => [name!, text!]),
);
const python = need('python3', () => spawnSync('python3', ['--version']).status === 0);

/** A folder with the programs of one language. */
function written(suffix: string): string {
  const folder = temp();
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  for (const [name, text] of files) if (name.endsWith(suffix)) writeFileSync(join(folder, name), text);
  return folder;
}

const LANGUAGES = [
  ['ts', process.execPath, true],
  ['py', 'python3', python],
] as const;

describe('docs/quickstart.md', () => {
  test('has the same programs in both languages', () => {
    const names = (suffix: string) => [...files.keys()].filter((name) => name.endsWith(suffix)).map((name) => name.split('.')[0]);
    expect(names('.ts')).toEqual(['record', 'agent', 'alerts']);
    expect(names('.py')).toEqual(names('.ts'));
  });

  test.skipIf(!python)('records the same in both, and it is read without a problem', async () => {
    const recorded = await Promise.all(
      LANGUAGES.map(async ([suffix, program]) => {
        const cwd = written(`.${suffix}`);
        for (let i = 0; i < 2; i++) execFileSync(program, [`agent.${suffix}`], { cwd, stdio: 'pipe' });
        const { out, err } = await cli(['import', '--format', 'calls', '--json', join(cwd, 'own.jsonl')]);
        expect(JSON.parse(err)).toEqual({ events: 9, agents: 1, tasks: 2, problems: 0, content: 'none' });
        const calls = jsonLines<{ type: string; data: { calls: { tool: string; ok: boolean; provenance: object }[] } }>(out)
          .filter(({ type }) => type === 'argus.agent.metrics.v1')
          .flatMap(({ data }) => data.calls);
        return calls.map(({ tool, ok, provenance }) => ({ tool, ok, provenance }));
      }),
    );
    expect(recorded[0]).toEqual(recorded[1]);
    // The address stood in the mail, not in the request; in the second task it is known.
    const sends = recorded[0]!.filter(({ tool }) => tool === 'send_email');
    expect(sends.map(({ provenance }) => provenance)).toMatchObject([
      { destCount: 1, destOut: 1, destNew: 1 },
      { destCount: 1, destOut: 1, destNew: 0 },
    ]);
  });

  test.skipIf(!python)('a failing tool fails as before, and is recorded', () => {
    const ts = written('.ts');
    const py = written('.py');
    writeFileSync(
      join(ts, 'fail.ts'),
      `import { recorded, task } from './record.ts';
const tool = recorded('pay', async () => { throw new Error('no'); });
await task('a', 'r', 'q', () => tool({})).catch((e) => console.log(e.message));`,
    );
    writeFileSync(
      join(py, 'fail.py'),
      `from record import recorded, task
@recorded("pay")
def pay(): raise ValueError("no")
try:
    with task("a", "r", "q"): pay()
except ValueError as e: print(e)`,
    );
    for (const [folder, program, name] of [
      [ts, process.execPath, 'fail.ts'],
      [py, 'python3', 'fail.py'],
    ] as const) {
      expect(execFileSync(program, [name], { cwd: folder, encoding: 'utf8' }).trim()).toBe('no');
      expect(jsonLines(readFileSync(join(folder, 'own.jsonl'), 'utf8'))).toMatchObject([
        { tool: 'pay', ok: false, task: expect.any(String) },
      ]);
    }
  });

  test('follows into a server, and both languages read its alerts', async () => {
    const small = smallBundle('x');
    const dataDir = join(temp(), 'var');
    const served = startServe(dataDir, ['--bundle', small.folder]);
    const url = `http://127.0.0.1:${await served.ready}`;
    const fleet = testFleet({ agents: 24, days: 0.1, seed: 'quick' });
    await fetch(`${url}/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/cloudevents-batch+json' },
      body: `[${linesOf(fleet).trim().split('\n').join(',')}]`,
    });
    const cwd = written('.ts');
    execFileSync(process.execPath, ['agent.ts'], { cwd });
    const live = await optikal(['import', '--format', 'calls', '--follow', '--json', '--to', url, join(cwd, 'own.jsonl')]);
    expect(JSON.parse(live.stderr)).toMatchObject({ events: 5, accepted: 5, rejected: 0 });
    await caughtUp(served, dataDir);
    for (const [suffix, program, there] of LANGUAGES) {
      if (!there) continue;
      const folder = suffix === 'ts' ? cwd : written('.py');
      const out = execFileSync(program, [`alerts.${suffix}`, '--once'], {
        cwd: folder,
        encoding: 'utf8',
        env: { ...process.env, OPTIKAL_URL: url },
      });
      const lines = out.trim().split('\n');
      expect(lines.length).toBeGreaterThan(3);
      for (const line of lines) expect(line).toMatch(/^(low|medium|high|critical) \S+ (alert|withdrawn) \S.+/);
    }
    await stopServe(served);
  });
});
