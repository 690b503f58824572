/** `import --follow --to`: a log of calls while it grows, into a server that may be away, full or not ours. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { EXIT } from '../../packages/optikal/src/cli/exit.ts';
import { pause, startOptikal, startServe, stopServe } from '../support/serve-process.ts';
import { type SmallBundle, smallBundle } from '../support/small-bundles.ts';
import { useTempFolder } from '../support/temp-folder.ts';
import { cli, jsonLines, openInput } from './support.ts';

const temp = useTempFolder();
let small: SmallBundle;
beforeAll(() => {
  small = smallBundle('x');
});

const line = (task: number, turn: number) =>
  `${JSON.stringify({
    time: new Date(Date.now()).toISOString(),
    agent: 'desk-1',
    role: 'support',
    task: `${task}`,
    turn,
    tool: turn === 0 ? 'read_inbox' : 'send_email',
    args: turn === 0 ? {} : { to: 'someone@else.example' },
    output: 'CANARY-9137 write to someone@else.example',
    ok: true,
    request: 'answer the mails',
  })}\n`;

/** Answers each request with the next status, then 202. */
async function standIn(statuses: readonly number[], body = '{"accepted":1,"duplicates":0,"rejected":[]}') {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    request.on('end', () => {
      bodies.push(text);
      response.writeHead(statuses[bodies.length - 1] ?? 202).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo; // it listens on a port
  return { url: `http://127.0.0.1:${port}`, bodies };
}

describe('import --follow', () => {
  test('prints a turn while the input is still open, and what is open when it is told to stop', async () => {
    const running = startOptikal(['import', '--format', 'calls', '--follow']);
    const { stdin } = running.child;
    stdin!.write(line(1, 0));
    while (!running.stdout().includes('argus.agent.metrics.v1')) await pause(25);
    expect(running.stdout()).not.toContain('task_ended');
    stdin!.write(line(1, 1));
    while (jsonLines(running.stdout()).length < 4) await pause(25);
    running.child.kill('SIGTERM');
    expect((await running.exit).code).toBe(EXIT.ok);
    expect(jsonLines(running.stdout()).map(({ id }) => id)).toEqual(['register:support', '1:start', '1:t0', '1:t1', '1:end']);
    expect(running.stdout()).not.toContain('CANARY');
    expect(running.stderr()).toContain('5 events of 1 agents and 1 tasks');
  });

  test('reaches a server, and one that starts later, without losing or doubling a turn', async () => {
    const dataDir = join(temp(), 'var');
    const served = startServe(dataDir, ['--bundle', small.folder, '--clock', 'wall']);
    const port = (await served.ready)!;
    const follower = startOptikal(['import', '--format', 'calls', '--follow', '--json', '--to', `http://127.0.0.1:${port}`]);
    const { stdin } = follower.child;
    stdin!.write(line(1, 0) + line(1, 1));
    await pause(800);
    await stopServe(served);
    stdin!.write(line(2, 0) + line(2, 1));
    while (!follower.stderr().includes('waiting for')) await pause(25);
    const again = startServe(dataDir, ['--clock', 'wall', '--port', `${port}`]);
    expect(await again.ready).toBe(port);
    while (!follower.stderr().includes('again')) await pause(25);
    stdin!.end();
    expect((await follower.exit).code).toBe(EXIT.ok);
    const summary = JSON.parse(follower.stderr().trim().split('\n').at(-1)!) as Record<string, number>; // --json promises it
    expect(summary).toMatchObject({ agents: 1, tasks: 2, problems: 0, rejected: 0 });
    expect(summary.accepted! + summary.duplicates!).toBe(summary.events);
    expect(summary.events).toBe(9);
    await stopServe(again);
  });

  test('sends again what an overloaded server would not take, unchanged', async () => {
    const { url, bodies } = await standIn([503, 429]);
    const { code, err } = await cli(['import', '--format', 'calls', '--to', url], { stdin: line(1, 0) });
    expect(code).toBe(EXIT.ok);
    expect(bodies).toHaveLength(3);
    expect(new Set(bodies).size).toBe(1);
    expect(err.match(/waiting for/g)).toHaveLength(1);
  });

  test.each([
    [[401, 401], undefined, 'server_refused'],
    [[], '<html>hello</html>', 'server_unexpected'],
  ] as const)('ends where sending again would not help: %j %s', async (statuses, body, code) => {
    const { url } = await standIn(statuses, body);
    for (const follow of [[], ['--follow']]) {
      const stdin = openInput();
      stdin.write(line(1, 0) + line(1, 1) + line(2, 0));
      if (follow.length === 0) stdin.end();
      const ran = await cli(['import', '--format', 'calls', ...follow, '--to', url], { stdin });
      expect(ran.code).toBe(EXIT.failed);
      expect(ran.err).toContain(code);
    }
  });

  test('needs calls, and an address that can be one', async () => {
    expect((await cli(['import', '--format', 'otlp-json', '--follow'])).code).toBe(EXIT.usage);
    for (const to of ['localhost', 'ftp://x', ''])
      expect((await cli(['import', '--format', 'calls', '--to', to])).code, to).toBe(EXIT.usage);
  });
});
