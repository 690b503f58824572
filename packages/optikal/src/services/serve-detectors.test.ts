import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Bus, BusError, type BusErrorCode, type MemoryBus, openMemoryBus } from '../bus/index.ts';
import { DEFAULTS } from '../config/index.ts';
import type { Log } from '../observability/index.ts';
import { modelEpoch } from './epochs.ts';
import { type RunningDetectors, startDetectors } from './serve-detectors.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'optikal-group-'));
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));
const T0 = Date.UTC(2026, 0, 5, 9);

interface Group {
  readonly bus: MemoryBus;
  readonly detectors: RunningDetectors;
  readonly assign: (partitions: readonly number[]) => void;
  readonly lines: string[];
  readonly failures: unknown[];
  readonly leases: number[];
  /** The next commits fail with these, undone. */
  readonly commitErrors: BusErrorCode[];
}

/** A group over a bus in memory whose partitions are shared out as the test says. */
async function start(kind: 'kafka' | 'embedded' = 'kafka'): Promise<Group> {
  const bus = openMemoryBus({ partitions: 3, keepLog: true });
  const lines: string[] = [];
  const failures: unknown[] = [];
  const leases: number[] = [];
  const commitErrors: BusErrorCode[] = [];
  let assign: Group['assign'] = () => {};
  const shared: Bus = Object.assign(Object.create(bus) as Bus, {
    partitions: 3,
    findsDuplicates: kind === 'embedded',
    join: async (onAssigned: Group['assign']) => {
      assign = onAssigned;
      onAssigned(kind === 'embedded' ? [0, 1, 2] : [0, 1]);
    },
    lease: (partition: number) => {
      leases.push(partition);
      return bus.lease(partition);
    },
    commit: (...args: Parameters<Bus['commit']>) => {
      const code = commitErrors.shift();
      return code === undefined ? bus.commit(...args) : Promise.reject(new BusError(code, 'made up'));
    },
  });
  const log: Log = { enabled: () => true, write: (_level, code) => void lines.push(code), dropped: 0 };
  const settings = { ...DEFAULTS, dataDir, bus: { ...DEFAULTS.bus, kind } };
  const onFailure = (error: unknown) => void failures.push(error);
  const detectors = await startDetectors(shared, { settings, hmacKey: '00', env: {}, metrics: null, log, onFailure, againMs: 10 });
  onTestFinished(async () => {
    await detectors.stop();
    await bus.close();
  });
  return { bus, detectors, assign: (partitions) => assign(partitions), lines, failures, leases, commitErrors };
}

const held = ({ detectors }: Group) => detectors.held().map(({ partition }) => partition);
const nexts = async ({ bus }: Group) => (await bus.positions()).map(({ next }) => next);

describe('a group of detectors', () => {
  it('judges what it is assigned, and nothing else', async () => {
    const group = await start();
    await group.bus.append([{ kind: 'tick', timeMs: T0 }]);
    await expect.poll(() => nexts(group)).toEqual([1, 1, 0]);
    expect([held(group), group.detectors.assigned()]).toEqual([
      [0, 1],
      [0, 1],
    ]);
  });

  it('takes and gives partitions as assignments change, and counts the changes', async () => {
    const group = await start();
    group.assign([1, 2]);
    await group.bus.append([{ kind: 'tick', timeMs: T0 }]);
    await expect.poll(() => nexts(group)).toEqual([0, 1, 1]);
    group.assign([1, 2]);
    expect([held(group), group.detectors.rebalances]).toEqual([[1, 2], 1]);
    group.assign([]);
    group.assign([0]);
    await expect.poll(() => nexts(group)).toEqual([1, 1, 1]);
    expect(group.lines.filter((code) => code === 'partitions_assigned')).toHaveLength(4);
  });

  it('leases a partition again after a lost lease, an unknown commit or an absent broker, and goes on from what is durable', async () => {
    const group = await start();
    await expect.poll(() => held(group)).toEqual([0, 1]);
    group.commitErrors.push('lease_lost', 'commit_unknown', 'lease_lost');
    await group.bus.append([{ kind: 'tick', timeMs: T0 }]);
    await expect.poll(() => nexts(group)).toEqual([1, 1, 0]);
    expect(group.leases).toHaveLength(2 + 3);
    expect(group.lines.filter((code) => code === 'partition_leased_again')).toHaveLength(3);
    expect([group.failures, group.detectors.failure]).toEqual([[], null]);
  });

  it('stops a partition visibly for any other error, and the others go on', async () => {
    const group = await start();
    await expect.poll(() => held(group)).toEqual([0, 1]);
    group.commitErrors.push('alert_conflict');
    await group.bus.append([{ kind: 'tick', timeMs: T0 }]);
    await expect.poll(async () => (await nexts(group)).toSorted((a, b) => a - b)).toEqual([0, 0, 1]);
    expect(group.failures).toEqual([expect.objectContaining({ code: 'alert_conflict' })]);
    expect(group.lines).toContain('partition_stopped');
  });

  it('stops a partition whose bundle is not there', async () => {
    const group = await start();
    await group.bus.append([{ kind: 'control', control: modelEpoch('f'.repeat(64), null, T0) }]);
    await expect.poll(() => group.detectors.failure).toMatchObject({ error: { code: 'bundle_unloadable' } });
  });

  it('with a bus of one process holds every partition before it is there', async () => {
    const group = await start('embedded');
    expect(held(group)).toEqual([0, 1, 2]);
    expect(group.lines).toEqual([]);
  });
});
