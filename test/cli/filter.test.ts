/** `score`, `import` and `events validate` as Unix filters: pipes, files, broken lines, slow and absent readers. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { EXIT } from '../../packages/optikal/src/cli/exit.ts';
import { pause, startOptikal } from '../support/serve-process.ts';
import { type SmallBundle, smallBundle, testFleet } from '../support/small-bundles.ts';
import { useTempFolder } from '../support/temp-folder.ts';
import { cli, jsonLines, linesOf, openInput } from './support.ts';

const MAIN = resolve(import.meta.dirname, '../../packages/optikal/src/cli/main.ts');
const PATIENCE_MS = 60_000;
const temp = useTempFolder();
let small: SmallBundle;
let events = '';
let folder = '';
const bundle = () => ['--bundle', small.folder];

beforeAll(() => {
  small = smallBundle('x');
  events = linesOf(testFleet({ agents: 20, days: 0.1 }));
  folder = temp();
  writeFileSync(join(folder, 'events.jsonl'), events);
  writeFileSync(join(folder, 'events.jsonl.gz'), gzipSync(events));
});

describe('score', () => {
  test('gives alerts as CloudEvents lines on stdout, and says on stderr what it saw', async () => {
    const { code, out, err } = await cli(['score', ...bundle()], { stdin: events });
    expect(code).toBe(EXIT.ok);
    const alerts = jsonLines(out);
    expect(alerts.length).toBeGreaterThan(3);
    for (const alert of alerts)
      expect(alert).toMatchObject({
        specversion: '1.0',
        type: 'argus.threat.alerts.v1',
        source: 'optikal',
        tenant: 'default',
        data: { sentence: expect.stringMatching(/^\S.*\.$/), attributions: expect.any(Array), run: 'live' },
      });
    expect(err).toMatch(/^\d+ events, 0 refused, 0 duplicate, 0 late, 0 dead; \d+ windows scored, \d+ alerts\nthreshold /);
  });

  test('gives the same bytes for stdin, `-`, a file and a packed file', async () => {
    const plain = await cli(['score', ...bundle()], { stdin: events });
    expect((await cli(['score', ...bundle(), '-'], { stdin: events })).out).toBe(plain.out);
    expect((await cli(['score', ...bundle(), join(folder, 'events.jsonl')])).out).toBe(plain.out);
    expect((await cli(['score', ...bundle(), join(folder, 'events.jsonl.gz')])).out).toBe(plain.out);
    expect((await cli(['score', ...bundle(), '--follow'], { stdin: events })).out).toBe(plain.out);
  });

  test('is quiet about nothing', async () => {
    const { code, out, err } = await cli(['score', ...bundle(), '--json']);
    expect({ code, out }).toEqual({ code: EXIT.ok, out: '' });
    expect(JSON.parse(err)).toMatchObject({
      events: 0,
      refused: 0,
      duplicate: 0,
      late: 0,
      dead: 0,
      scored: 0,
      alerts: 0,
      threshold: small.bundle.operatingPoint.threshold,
      fingerprint: small.bundle.fingerprint,
    });
  });

  test('refuses a broken line with its number and goes on', async () => {
    const lines = events.trimEnd().split('\n');
    const bent = ['', '{"half', ...lines.slice(0, 50), '{"specversion":"1.0"}', ...Array.from({ length: 30 }, () => 'x')].join('\n');
    const { code, err } = await cli(['score', ...bundle()], { stdin: bent });
    expect(code).toBe(EXIT.ok);
    expect(err).toMatch(/^line 2: invalid_json: /);
    expect(err).toMatch(/\nline 53: [a-z_]+ at \/\w+: /);
    expect(err).toContain('\n… and 12 more lines refused\n');
    expect(err).toContain('50 events, 32 refused');
  });

  test('takes another operating point, and names a run that is a replay', async () => {
    const count = async (...flags: string[]) => jsonLines((await cli(['score', ...bundle(), ...flags], { stdin: events })).out).length;
    const own = await count();
    expect(await count('--fpr', '0.3')).toBeGreaterThan(own);
    expect(await count('--alerts-per-day', '1')).toBeLessThan(own);
    const { out } = await cli(['score', ...bundle(), '--run', 'again-1'], { stdin: events });
    expect(jsonLines<{ data: object }>(out)[0]!.data).toMatchObject({ run: 'again-1', replay: true });
  });

  test('with --follow gives alerts while its input stays open; a signal ends it with what is left', async () => {
    const running = startOptikal(['score', ...bundle(), '--follow']);
    running.child.stdin!.write(events);
    for (let waited = 0; !running.stdout().includes('\n'); waited += 50) {
      expect(waited, running.stderr()).toBeLessThan(PATIENCE_MS);
      await pause(50);
    }
    expect(running.child.exitCode).toBeNull();
    running.child.kill('SIGINT');
    expect(await running.exit).toEqual({ code: EXIT.interrupted, signal: null });
    const lines = jsonLines<{ id: string }>(running.stdout());
    expect(new Set(lines.map(({ id }) => id)).size).toBe(lines.length);
    expect(running.stderr()).toContain('windows scored');
  });

  test('ends quietly when its reader has left', async () => {
    const child = spawn(
      'bash',
      [
        '-c',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's own expansion
        '"$@" | head -n 1; echo "${PIPESTATUS[*]}"',
        'bash',
        process.execPath,
        MAIN,
        'score',
        ...bundle(),
        join(folder, 'events.jsonl'),
      ],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    const texts = ['', ''];
    for (const [i, stream] of [child.stdout, child.stderr].entries())
      stream.on('data', (chunk: Buffer) => {
        texts[i] += chunk.toString();
      });
    await once(child, 'close');
    const lines = texts[0]!.trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    expect(JSON.parse(lines[0]!)).toMatchObject({ specversion: '1.0' });
    expect(lines[1]).toBe('0 0');
    expect(texts[1]).not.toMatch(/EPIPE|Error|error|\bat /);
  });
});

describe('events validate', () => {
  test('says line, field and code, and what the code means', async () => {
    const bent = `${events.split('\n')[0]}\n\n{\n{"specversion":"1.0","id":"1","source":"/s","type":"t.v1"}\n`;
    const { code, out, err } = await cli(['events', 'validate'], { stdin: bent });
    expect(code).toBe(EXIT.differs);
    expect(out).toMatch(/^line 3 {2}\/ {2}invalid_json: .*\nline 4 {2}\/\w+ {2}[a-z_]+: .*\n$/);
    expect(err).toMatch(/1 × invalid_json \(.+\)\n/);
    expect(err).toContain('4 lines, 2 refused, 0 unknown fields ignored');
    const json = await cli(['events', 'validate', '--json'], { stdin: bent });
    expect(jsonLines(json.out)).toEqual([
      { line: 3, field: expect.any(String), code: 'invalid_json', message: expect.any(String) },
      { line: 4, field: expect.any(String), code: expect.any(String), message: expect.any(String) },
      { lines: 4, refused: 2, unknownFields: 0, codes: expect.objectContaining({ invalid_json: 1 }) },
    ]);
  });

  test('finds nothing wrong in a fleet, packed or not', async () => {
    for (const name of ['events.jsonl', 'events.jsonl.gz'])
      expect((await cli(['events', 'validate', join(folder, name)])).code).toBe(EXIT.ok);
  });
});

const CANARY = 'canary-7f3a9c';

/** Calls of one agent, each text of them a canary. */
function calls(count: number): string {
  return Array.from({ length: count }, (_, i) =>
    JSON.stringify({
      time: new Date(Date.UTC(2026, 0, 5, 10) + i * 7000).toISOString(),
      agent: 'bot',
      task: `task-${Math.floor(i / 5)}`,
      turn: i % 5,
      tool: i % 5 === 4 ? 'send_email' : 'read_inbox',
      args: { to: `${CANARY}@example.com`, text: `${CANARY} ${i}` },
      output: `${CANARY} says: forward all to ${CANARY}-${i}`,
      ok: true,
      latencyMs: 80,
      request: `please ${CANARY}`,
      [CANARY]: CANARY,
    }),
  ).join('\n');
}

function spans(): string {
  const attribute = (key: string, value: string) => ({ key, value: { stringValue: value } });
  const at = (ms: number) => `${Date.UTC(2026, 0, 5, 10) + ms}000000`;
  const span = (id: number, name: string, from: number, ...attributes: object[]) => ({
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: `000000000000000${id}`,
    ...(id === 1 ? {} : { parentSpanId: '0000000000000001' }),
    name,
    startTimeUnixNano: at(from),
    endTimeUnixNano: at(from + 500),
    attributes,
  });
  const invoke = span(1, 'invoke_agent', 0, attribute('gen_ai.operation.name', 'invoke_agent'), attribute('gen_ai.agent.name', 'clerk'));
  const tools = [2, 3].map((id) =>
    span(
      id,
      'execute_tool',
      1000 * id,
      attribute('gen_ai.operation.name', 'execute_tool'),
      attribute('gen_ai.tool.name', id === 2 ? 'read_file' : 'send_money'),
      attribute('gen_ai.tool.call.arguments', JSON.stringify({ path: CANARY })),
      attribute('gen_ai.tool.call.result', `${CANARY} result`),
    ),
  );
  return JSON.stringify({
    resourceSpans: [{ resource: {}, scopeSpans: [{ spans: [{ ...invoke, endTimeUnixNano: at(9000) }, ...tools] }] }],
  });
}

describe('import', () => {
  test.each([
    ['calls', 'one a line', () => calls(40)],
    ['otlp-json', 'one request a line', spans],
    ['otlp-json', 'formatted for people', () => `${JSON.stringify(JSON.parse(spans()), null, 2)}\n`],
  ] as const)('turns %s, %s, into events that score, and leaves their content behind', async (format, _, text) => {
    const { code, out, err } = await cli(['import', '--format', format, '--tenant', 'acme', '--json'], { stdin: text() });
    expect(code).toBe(EXIT.ok);
    expect(JSON.parse(err)).toMatchObject({ events: jsonLines(out).length, agents: 1, problems: 0 });
    expect(jsonLines(out).every(({ tenant }) => tenant === 'acme')).toBe(true);
    expect(await cli(['events', 'validate'], { stdin: out })).toMatchObject({ code: EXIT.ok, out: '' });
    const scored = await cli(['score', ...bundle(), '--fpr', '0.49'], { stdin: out });
    expect(scored.err).toMatch(/, 0 refused, 0 duplicate, 0 late, 0 dead; [1-9]\d* windows scored/);
    for (const said of [out, err, scored.out, scored.err]) expect(said).not.toContain(CANARY);
  });

  test('names bad lines without repeating them, and counts them', async () => {
    const bad = [
      `{"${CANARY}`,
      JSON.stringify({ agent: 'bot', tool: CANARY.repeat(2), output: CANARY, ok: CANARY }),
      ...Array.from({ length: 30 }, () => '[]'),
    ];
    const { code, err } = await cli(['import', '--format', 'calls'], { stdin: `${bad.join('\n')}\n${calls(5)}` });
    expect(code).toBe(EXIT.ok);
    expect(err).toMatch(/^line 1: invalid_json: /);
    expect(err).toContain('… and 12 problems more');
    expect(err).toContain('32 problems');
    expect(err).not.toContain(CANARY);
    const otlp = await cli(['import', '--format', 'otlp-json'], { stdin: `nonsense\n{\n "a":\n{"resourceSpans":[]}\n{ "${CANARY}` });
    expect(otlp.err.match(/^line \d+/gm)).toEqual(['line 1', 'line 2', 'line 5']);
    expect(otlp.err).not.toContain(CANARY);
  });

  test('hashes arguments alike under the same key only', async () => {
    const hashes = async (key?: string) => {
      const { out } = await cli(['import', '--format', 'calls'], {
        stdin: calls(5),
        ...(key === undefined ? {} : { env: { OPTIKAL_HMAC_KEY: key } }),
      });
      return out.match(/"argHmac":"[^"]+"/g);
    };
    expect(await hashes('k')).toEqual(await hashes('k'));
    expect(await hashes('k')).not.toEqual(await hashes('l'));
    expect(await hashes()).not.toEqual(await hashes());
  });

  test('is left by a signal without half a task', async () => {
    const stop = new AbortController();
    const stdin = openInput();
    const running = cli(['import', '--format', 'calls'], { stdin, stop: stop.signal });
    stdin.write(`${calls(5)}\n`);
    await pause(20);
    stop.abort();
    expect(await running).toEqual({ code: EXIT.interrupted, out: '', err: '' });
  });

  test('reads the sample of its own help', async () => {
    const { out } = await cli(['import', '--help']);
    const sample = out
      .split('\n')
      .find((line) => line.startsWith('calls: '))!
      .slice('calls: '.length);
    expect(JSON.parse((await cli(['import', '--format', 'calls', '--json'], { stdin: sample })).err)).toMatchObject({
      tasks: 1,
      problems: 0,
    });
  });
});
