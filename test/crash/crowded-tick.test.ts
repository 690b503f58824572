/** One tick may close more windows than one commit should hold: killed in the middle of it, the rest closes when the tick comes again. */
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { LogEntry } from '../../packages/optikal/src/bus/contract.ts';
import type { Failpoint } from '../../packages/optikal/src/observability/failpoint.ts';
import { finish, inParallel, killOnce } from '../support/kill-chain.ts';
import { fillDataDir, oneEpoch, referenceOf } from '../support/prepared-log.ts';
import { smallBundle, testFleet } from '../support/small-bundles.ts';
import { useTempFolder } from '../support/temp-folder.ts';

const SPAN_MS = 240_000;
const KILLS: readonly (readonly Failpoint[])[] = [
  ['bus.commit.after_commit', 'bus.commit.before_commit', 'bus.commit.after_commit', 'detector.batch.processed'],
  ['bus.commit.before_commit', 'bus.commit.after_commit', 'bus.commit.after_alerts', 'bus.commit.after_commit'],
];

const tempFolder = useTempFolder();

it('a kill in the middle of a tick that closes hundreds of windows changes no alert', async () => {
  const folder = tempFolder();
  const prepared = join(folder, 'prepared');
  const x = smallBundle('x');
  const events = testFleet({ agents: 1600, days: 0.01, seed: 'crowd' });
  const startMs = Math.floor(events[0].timeMs / 1000) * 1000;
  const entries: LogEntry[] = [
    ...oneEpoch(x).map(({ control }): LogEntry => ({ kind: 'control', control })),
    { kind: 'tick', timeMs: startMs },
    ...events.filter(({ timeMs }) => timeMs < startMs + SPAN_MS).map((event): LogEntry => ({ kind: 'event', event })),
    { kind: 'tick', timeMs: startMs + 2 * SPAN_MS },
    { kind: 'tick', timeMs: startMs + 2 * SPAN_MS + 1000 },
  ];
  await fillDataDir(prepared, { entries, bundles: [x], partitions: 1 });
  const reference = await referenceOf(prepared);
  const lastTick = reference.filter(({ revision, offset }) => revision === 2 && offset === reference.at(-1)!.offset);
  expect(lastTick.length).toBeGreaterThan(130);
  const ends = await inParallel(
    KILLS.map((kills, n) => async () => {
      const dataDir = join(folder, `chain-${n}`);
      mkdirSync(dataDir, { mode: 0o700 });
      cpSync(prepared, dataDir, { recursive: true });
      const options = { dataDir, partitions: 1, reference };
      const wrong: string[] = [];
      // Each start gets a little further, into the last tick and through it.
      for (const [at, failpoint] of kills.entries()) wrong.push(...(await killOnce(options, { failpoint, pass: at === 0 ? 3 : 2 })).wrong);
      return [...wrong, ...(await finish(options))];
    }),
    2,
  );
  expect(ends.flat()).toEqual([]);
});
