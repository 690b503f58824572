/**
 * A power cut keeps some prefix of what was being written. bus.db with its WAL cut at every frame, and inside frames, must open to
 * exactly the last transaction that the prefix holds whole.
 */
import { copyFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Found, inconsistencies, ROUND, roundCommit, roundEntries } from '../test-support/rounds.ts';
import { useTempDir } from '../test-support/temp-dir.ts';
import { encodeBatch } from './append-queue.ts';
import { BusDatabase } from './database.ts';
import { decodePage } from './log-table.ts';

const WAL_HEADER_BYTES = 32;
const FRAME_BYTES = 24 + 8192;
const ROUNDS = 6;
const tempDir = useTempDir();

interface Moment {
  readonly walBytes: number;
  readonly end: number;
  readonly next: number;
}

describe('a power cut', () => {
  it('at any frame of the WAL, and inside frames, leaves a whole number of transactions, each complete', () => {
    const { wal, base, moments } = recorded();
    const frames = Math.floor((wal.length - WAL_HEADER_BYTES) / FRAME_BYTES);
    expect(frames).toBeGreaterThan(ROUNDS * 4);
    const cuts = Array.from({ length: frames + 1 }, (_, n) => WAL_HEADER_BYTES + n * FRAME_BYTES);
    const inside = cuts.filter((_, n) => n % 4 === 0 && n < frames).flatMap((at) => [at + 10, at + 24 + 4000, at + FRAME_BYTES - 1]);
    for (const cut of [0, 10, ...cuts, ...inside]) expectMoment(base, wal.subarray(0, cut), lastWithin(moments, cut));
  });

  it('that leaves a frame with wrong bytes in it loses that transaction and what follows, nothing before', () => {
    const { wal, base, moments } = recorded();
    for (const moment of moments.slice(1, -1)) {
      const torn = Buffer.from(wal);
      torn[moment.walBytes + 24 + 100] ^= 0xff; // in the first frame after this moment
      expectMoment(base, torn, moment);
    }
  });
});

/** A bus whose WAL was never copied back: the file as it was created, the WAL, and what was durable at which length of it. */
function recorded(): { base: string; wal: Buffer; moments: Moment[] } {
  const dataDir = tempDir();
  const db = new BusDatabase({ dataDir, partitions: 1, checkpointPages: 0 });
  const walFile = join(dataDir, 'bus.db-wal');
  const moments: Moment[] = [{ walBytes: 0, end: 0, next: 0 }];
  const mark = () => moments.push({ walBytes: statSync(walFile).size, end: db.ends[0], next: db.positions()[0].next });
  const { token } = db.lease(0);
  for (let round = 0; round < ROUNDS; round++) {
    db.append(encodeBatch(roundEntries(round), 1));
    mark();
    if (round % 2 === 0) continue; // commits lag behind, two rounds at a time
    for (const covered of [round, round + 1]) {
      db.commit(0, token, roundCommit(covered * ROUND));
      mark();
    }
  }
  const base = tempDir();
  copyFileSync(join(dataDir, 'bus.db'), join(base, 'bus.db'));
  const wal = readFileSync(walFile);
  db.close();
  return { base, wal, moments };
}

function lastWithin(moments: readonly Moment[], cut: number): Moment {
  return moments.findLast(({ walBytes }) => walBytes <= cut)!;
}

function expectMoment(base: string, wal: Uint8Array, moment: Moment): void {
  const dataDir = join(tempDir(), 'd');
  mkdirSync(dataDir);
  copyFileSync(join(base, 'bus.db'), join(dataDir, 'bus.db'));
  writeFileSync(join(dataDir, 'bus.db-wal'), wal);
  const db = new BusDatabase({ dataDir, partitions: 1, checkpointPages: 0 });
  try {
    const found = look(db);
    expect(inconsistencies(found)).toEqual([]);
    expect([found.end, found.next]).toEqual([moment.end, moment.next]);
  } finally {
    db.close();
  }
}

function look(db: BusDatabase): Found {
  const { token, next, partitionState, dueMs } = db.lease(0);
  const records = decodePage(db.read(0, token, 0, 1000));
  const alertIds = db.alerts(0, 1000).map(({ id }) => id);
  return { end: db.ends[0], next, partitionState, dueMs: dueMs[0], state: db.loadState(0, token, ['t|a'])[0], alertIds, records };
}
