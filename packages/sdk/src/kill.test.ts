import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { createPublisher } from './publisher.ts';
import { idOf, testTransport } from './test-support/events.ts';

const KILLS = 8;
const CHILD = join(import.meta.dirname, 'test-support/to-be-killed.ts');

let folder = '';
let child: ChildProcess | null = null;
afterEach(() => {
  child?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

test('what was acknowledged as spooled survives kill -9 at any moment, in order', async () => {
  folder = mkdtempSync(join(tmpdir(), 'optikal-kill-'));
  let acknowledged = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    child = spawn(process.execPath, [CHILD, folder, String(acknowledged)], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [running, before] = [child, acknowledged];
    const lines = createInterface({ input: running.stdout! }); // a pipe, as asked for
    lines.on('line', (line) => (acknowledged = Number(line)));
    const gone = Promise.all([once(running, 'exit'), once(lines, 'close')]);
    await once(lines, 'line');
    await sleep(7 * kill);
    running.kill('SIGKILL');
    expect((await gone)[0][1]).toBe('SIGKILL');
    expect(acknowledged).toBeGreaterThan(before);
  }
  const transport = testTransport();
  const publisher = createPublisher({ transport, source: 'drain', spool: { folder } });
  expect(await publisher.flush()).toBe(true);
  const { recovered, delivered, damage } = publisher.counters();
  await publisher.close();
  expect([delivered, damage.segments]).toEqual([recovered, 0]);
  const came = [...new Set(transport.taken.map(idOf).map(Number))];
  expect(came.slice(0, acknowledged)).toEqual(Array.from({ length: acknowledged }, (_, i) => i));
});
