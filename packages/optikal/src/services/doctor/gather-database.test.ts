import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, it } from 'vitest';
import { diagnose } from './diagnose.ts';
import { collect, gatherDatabase } from './gather-database.ts';
import { SOUND } from './test-support/sound.ts';

const FIXTURE = resolve(import.meta.dirname, '../../../../../test/fixtures/v1/var/bus.db');
const folder = mkdtempSync(join(tmpdir(), 'optikal-doctor-'));
afterAll(() => rmSync(folder, { recursive: true }));

function copyOfFixture(name: string): string {
  const dataDir = mkdtempSync(join(folder, name));
  copyFileSync(FIXTURE, join(dataDir, 'bus.db'));
  return dataDir;
}

describe('reading a log in a process of its own', () => {
  it('tells all of it where there is time', async () => {
    const found = await gatherDatabase(copyOfFixture('whole'), 'free', 60_000);
    expect(found).toMatchObject({ cut: false, problems: [], walHeader: 'absent', quickCheck: { problems: [] } });
  });

  it('is ended where there is not, and what was not looked at is said', async () => {
    const found = await gatherDatabase(copyOfFixture('hasty'), 'free', 1);
    expect(found).toMatchObject({ cut: true, problems: [], quickCheck: null, partitions: null });
    const findings = diagnose({ ...SOUND, database: found });
    expect(findings.find(({ check }) => check === 'log.read')?.found).toBe(
      'reading bus.db was ended after 0 s: not looked at: positions, dead letters, scored windows, the newest records, alerts, agents',
    );
  });

  it('is ended where the file makes SQLite count without end', async () => {
    const dataDir = copyOfFixture('endless');
    const db = new DatabaseSync(join(dataDir, 'bus.db'));
    db.exec(`DROP TABLE dead_letters;
      CREATE VIEW dead_letters AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT 'code' AS code, x FROM c;
      PRAGMA wal_checkpoint(TRUNCATE)`);
    db.close();
    const found = await gatherDatabase(dataDir, 'free', 6000);
    expect(found).toMatchObject({ cut: true, letters: null, problems: [] });
    expect(found.partitions).toHaveLength(2);
  });

  it('is a problem where the process ends by itself', () => {
    expect(collect('', 'Error: out of memory')).toMatchObject({ cut: false, opened: null, problems: ['Error: out of memory'] });
    expect(collect('{"opened":{"applicationId":1,"version":2}}\n{"par', null)).toMatchObject({ cut: true, opened: { version: 2 } });
  });
});
