/** kill -9 in the middle of work: what was acknowledged is there, and no commit is torn apart. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { FAILPOINTS, type Failpoint } from '../../observability/failpoint.ts';
import { type Found, inconsistencies } from '../test-support/rounds.ts';
import { readAll } from '../test-support/samples.ts';
import { useTempDir } from '../test-support/temp-dir.ts';
import { openEmbeddedBus } from './client.ts';
import { openEmbeddedReader } from './reader.ts';

const CHILD = fileURLToPath(new URL('../test-support/rounds-child.ts', import.meta.url));
const tempDir = useTempDir();

describe('kill -9', () => {
  it('at a random moment loses no acknowledged record or commit, again and again on the same directory', async () => {
    const dataDir = tempDir();
    for (const lines of [5, 37, 90]) {
      const child = spawn(process.execPath, [CHILD, dataDir, '100000'], { stdio: ['ignore', 'pipe', 'inherit'] });
      const told = await killAfter(child, lines);
      await expectWhole(dataDir, told);
    }
  });

  const places = Object.keys(FAILPOINTS).filter((name): name is Failpoint => name.startsWith('bus.'));
  it.each(places)('at %s leaves a whole bus, which goes on where it stopped', async (place) => {
    const dataDir = tempDir();
    const first = runChild(dataDir, 4, { OPTIKAL_FAILPOINT: `${place}:${place === 'bus.restore' ? 1 : 3}` });
    expect(first.signal).toBe('SIGKILL');
    await expectWhole(dataDir, first.told);
    const second = runChild(dataDir, 4, {});
    expect(second).toMatchObject({ status: 0 });
    expect(second.told.at(-1)).toBe('closed');
    expect((await expectWhole(dataDir, second.told)).next).toBe(24);
  });

  it('between position and alerts is noticed by these checks: a bus that tears them apart fails them', async () => {
    const dataDir = tempDir();
    const env = { OPTIKAL_FAILPOINT: 'bus.commit.after_state:2', OPTIKAL_MUTANT: 'offset_before_alerts' };
    expect(runChild(dataDir, 4, env).signal).toBe('SIGKILL');
    expect(inconsistencies(await look(dataDir))).toContain('1 alerts at position 12');
  });
});

async function killAfter(child: ChildProcess, lines: number): Promise<string[]> {
  const told: string[] = [];
  const exit = once(child, 'exit');
  for await (const line of createInterface({ input: child.stdout! })) {
    told.push(line);
    if (told.length === lines) child.kill('SIGKILL');
  }
  await exit;
  return told;
}

function runChild(dataDir: string, rounds: number, env: Record<string, string>) {
  const { stdout, ...rest } = spawnSync(process.execPath, [CHILD, dataDir, `${rounds}`], {
    env: { ...process.env, ...env },
    encoding: 'utf8',
    timeout: 60_000,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return { ...rest, told: stdout.split('\n').filter((line) => line !== '') };
}

async function expectWhole(dataDir: string, told: readonly string[]): Promise<Found> {
  const found = await look(dataDir);
  expect(inconsistencies(found)).toEqual([]);
  expect(found.end).toBeGreaterThanOrEqual(last(told, 'appended'));
  expect(found.next).toBeGreaterThanOrEqual(last(told, 'committed'));
  return found;
}

function last(told: readonly string[], word: string): number {
  return Number(told.findLast((line) => line.startsWith(word))?.split(' ')[1] ?? 0);
}

/** Through a reader first, as it was left behind, then through the bus: both must see the same. */
async function look(dataDir: string): Promise<Found> {
  const reader = openEmbeddedReader(dataDir);
  const [left] = reader.partitionStates();
  const records = [...reader.readLog(0, 0)];
  reader.close();
  const bus = await openEmbeddedBus({ dataDir, partitions: 1 });
  const lease = await bus.lease(0);
  const state = (await bus.loadState(lease, ['t|a'])).get('t|a') ?? null;
  const alertIds = (await bus.alerts(0, { maxRecords: 100_000, maxWaitMs: 0 })).map(({ id }) => id);
  const [{ end, next }] = await bus.positions();
  expect(await readAll(bus, lease, 0)).toEqual(records);
  expect(left).toEqual({ partition: 0, end, next, partitionState: lease.partitionState, openAgents: lease.due.length });
  await bus.close();
  return { end, next, partitionState: lease.partitionState, dueMs: lease.due[0]?.dueMs, state, alertIds, records };
}
