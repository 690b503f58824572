import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { openEmbeddedBus, type ScoreRow } from '../../bus/index.ts';
import { encodePartition, newPartitionState } from '../../detection/partition.ts';
import { diagnose } from './diagnose.ts';
import { collect } from './gather-database.ts';
import { inspectDatabase, type Reading } from './inspect.ts';
import { SOUND } from './test-support/sound.ts';

const FIXTURE = resolve(import.meta.dirname, '../../../../../test/fixtures/v1/var/bus.db');
const MINUTE = 60_000;
const T0 = Date.UTC(2026, 0, 5, 9);
const folder = mkdtempSync(join(tmpdir(), 'optikal-inspect-'));
afterAll(() => rmSync(folder, { recursive: true }));
let serial = 0;

const newPath = () => {
  const own = join(folder, String(serial++));
  mkdirSync(own);
  return join(own, 'bus.db');
};

/** What the process that looks into a file would have told. */
function inspected(path: string, how: Reading = 'still') {
  const told: string[] = [];
  inspectDatabase(path, how, (fact) => told.push(`${JSON.stringify(fact)}\n`));
  return collect(told.join(''), null);
}

function copyOfFixture(): string {
  const path = newPath();
  copyFileSync(FIXTURE, path);
  return path;
}

describe('looking into a log', () => {
  it('finds what the fixture holds', () => {
    const found = inspected(copyOfFixture());
    expect(found).toMatchObject({
      opened: { applicationId: 0x4f50544b, version: 1 },
      letters: [
        { code: 'clock_ahead', count: 1 },
        { code: 'data_invalid', count: 1 },
        { code: 'invalid_json', count: 1 },
        { code: 'unknown_type', count: 1 },
        { code: 'unknown_version', count: 1 },
      ],
      quickCheck: { problems: [] },
      problems: [],
      cut: false,
      walUnread: false,
    });
    expect(found.partitions!.map(({ next, end }) => end - next)).toEqual([0, 0]);
    expect(found.partitions!.map(({ state }) => state!.epochs.length)).toEqual([2, 2]);
    expect(found.sample!.tools.map(({ tool }) => tool).sort()).toEqual(['frobnicate', 'read_inbox', 'search_docs', 'send_email']);
    expect(found.sample!.unreadable).toBe(0);
    expect(found.agents).toEqual({ agents: 3, silent: [], silentCount: 0 });
    // Three windows stand as final alerts and one as an early one; the withdrawn one does not. The fixture's own list says the same.
    expect(found.alerts!.alerts).toBe(standing());
  });

  it('finds who is silent for longer than before, and how fast the log grows: worked by hand', async () => {
    const path = newPath();
    const bus = await openEmbeddedBus({ dataDir: resolve(path, '..'), partitions: 1 });
    const scoreOf = (agent: string, minute: number): ScoreRow => ({
      key: `default|${agent}`,
      windowStartMs: T0 + minute * MINUTE,
      windowEndMs: T0 + (minute + 1) * MINUTE,
      fingerprint: 'f',
      body: 'x'.repeat(100),
    });
    const minutes = (from: number, to: number, step = 1) =>
      Array.from({ length: Math.ceil((to - from) / step) }, (_, i) => from + i * step);
    // Ten hours. `gone` stops after one; `pauses` rests for three hours twice and is in its second rest; `rare` has too few windows to say.
    const scores = [
      ...minutes(0, 60).map((at) => scoreOf('gone', at)),
      ...[...minutes(0, 60), ...minutes(240, 420)].map((at) => scoreOf('pauses', at)),
      ...minutes(0, 600, 5).map((at) => scoreOf('steady', at)),
      ...minutes(0, 5).map((at) => scoreOf('rare', at)),
    ];
    const ticks = minutes(0, 601, 10).map((at) => ({ kind: 'tick', timeMs: T0 + at * MINUTE }) as const);
    await bus.append(ticks);
    const lease = await bus.lease(0);
    const state = newPartitionState('live');
    state.clock.clockMs = T0 + 600 * MINUTE;
    await bus.commit(lease, {
      next: ticks.length,
      state: ['gone', 'pauses', 'steady', 'rare'].map((agent) => ({ key: `default|${agent}`, body: '{}', dueMs: null })),
      partitionState: encodePartition(state),
      out: { alerts: [], scores, deadLetters: [] },
    });
    await bus.close();
    const { agents, sample, archive, alerts } = inspected(path);
    expect(agents).toEqual({
      agents: 4,
      silentCount: 1,
      silent: [{ key: 'default|gone', lastMs: T0 + 59 * MINUTE, longestGapMs: MINUTE }],
    });
    // 61 ticks of 13 digits, and 24 bytes of a row each.
    expect(sample).toMatchObject({ records: 61, bytes: 61 * 37, spanMs: 600 * MINUTE, events: 0 });
    expect(archive).toEqual({ windows: scores.length, bytes: 100 * scores.length, oldestMs: T0 + MINUTE, newestMs: T0 + 596 * MINUTE });
    expect(alerts).toEqual({ spanMs: 600 * MINUTE, windows: scores.length, alerts: 0 });
  });

  it('is ended at any moment: what was told counts, the rest is not known', () => {
    const told: string[] = [];
    inspectDatabase(copyOfFixture(), 'still', (fact) => told.push(`${JSON.stringify(fact)}\n`));
    const text = told.join('');
    for (let length = 0; length <= text.length; length += 97) {
      const found = collect(text.slice(0, length), null);
      expect(found.cut).toBe(true);
      expect(found.problems).toEqual([]);
    }
    expect(collect(text, null).cut).toBe(false);
  });

  it('never throws and is always judged, whatever bytes the file and its WAL hold', () => {
    const whole = readFileSync(FIXTURE);
    const change = fc.record({
      length: fc.integer({ min: 0, max: whole.length }),
      turns: fc.array(fc.record({ at: fc.nat({ max: whole.length - 1 }), to: fc.nat({ max: 255 }) }), { maxLength: 40 }),
      wal: fc.option(fc.uint8Array({ maxLength: 5000 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(change, ({ length, turns, wal }) => {
        const bytes = Buffer.from(whole);
        for (const { at, to } of turns) bytes[at] = to;
        const path = newPath();
        writeFileSync(path, bytes.subarray(0, length));
        if (wal !== undefined) writeFileSync(`${path}-wal`, wal);
        const found = inspected(path, wal === undefined ? 'still' : 'live');
        const database = { sizeBytes: length, walBytes: 0, walHeader: 'absent', limitMs: 1000, ...found } as const;
        const findings = diagnose({ ...SOUND, database });
        expect(findings.map(({ check }) => check)).toContain('log.format');
        for (const finding of findings) expect(`${finding.found}${finding.mend}`).not.toMatch(/\p{Cc}|undefined|NaN|\[object/u);
      }),
      { numRuns: 60, examples: [[{ length: 0, turns: [], wal: undefined }], [{ length: 8192, turns: [], wal: new Uint8Array(64) }]] },
    );
  });
});

/** Alerts of the fixture whose last revision says `alert`. */
function standing(): number {
  const lines = readFileSync(resolve(FIXTURE, '../../alerts.jsonl'), 'utf8').trimEnd().split('\n');
  const last = new Map<string, string>();
  for (const line of lines) {
    const { id, body } = JSON.parse(line) as { id: string; body: string };
    last.set(id, (JSON.parse(body) as { decision: string }).decision);
  }
  return [...last.values()].filter((decision) => decision === 'alert').length;
}
