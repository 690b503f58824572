import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { encodeRecords, endOfRecord, scanRecords } from './records.ts';
import { Spool, type SpoolSettings } from './spool.ts';

const folders: string[] = [];
const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'optikal-spool-'));
  folders.push(made);
  return made;
};
afterEach(() => {
  for (const one of folders.splice(0)) rmSync(one, { recursive: true, force: true });
});
const settings = (change: Partial<SpoolSettings> = {}): SpoolSettings => ({
  folder: folder(),
  segmentBytes: 65_536,
  fsync: 'never',
  fsyncIntervalMs: 1000,
  ...change,
});
const opened = async (given: SpoolSettings): Promise<{ spool: Spool; found: number }> => {
  const spool = new Spool(given);
  return { spool, found: await spool.load() };
};
/** Everything that waits, as it would be sent. */
const drain = async (spool: Spool): Promise<string[]> => {
  const payloads: string[] = [];
  for (let batch = await spool.read(7, 100); batch !== null; batch = await spool.read(7, 100)) {
    payloads.push(...batch.payloads);
    await spool.advance(batch.next, batch.payloads.length);
  }
  return payloads;
};
const segmentsOf = (path: string): string[] => readdirSync(path).filter((name) => name.endsWith('.seg'));

describe('a record', () => {
  test('is its length, the CRC-32 of length and payload, and the payload', () => {
    // CRC-32 (IEEE 802.3) of 01 00 00 00 61, by zlib's crc32 in Python.
    expect(encodeRecords(['a']).toString('hex')).toBe('01000000638ff7c161');
  });

  test('is none where there are zeros, a wrong byte or too few bytes', () => {
    const bytes = encodeRecords(['häl', 'b']);
    expect(endOfRecord(Buffer.alloc(64), 0)).toBeNull();
    expect(scanRecords(bytes, 0)).toEqual({ count: 2, end: bytes.length });
    for (let at = 0; at < bytes.length; at++) {
      const damaged = Buffer.from(bytes);
      damaged[at] ^= 0x40;
      expect(scanRecords(damaged, 0).count).toBe(at < 12 ? 0 : 1);
      expect(scanRecords(bytes.subarray(0, at), 0).count).toBe(at < 12 ? 0 : 1);
    }
  });
});

describe('a spool', () => {
  test('gives back what was appended, in order, and leaves nothing behind', async () => {
    const given = settings();
    const { spool, found } = await opened(given);
    expect(found).toBe(0);
    expect(await spool.read(10, 1000)).toBeNull();
    await spool.append([['a', 'b'], [], ['c']]);
    await spool.append([['d']]);
    expect((await spool.read(2, 1000))?.payloads).toEqual(['a', 'b']);
    expect(await drain(spool)).toEqual(['a', 'b', 'c', 'd']);
    expect([spool.bytes, spool.segments, segmentsOf(given.folder)]).toEqual([0, 0, []]);
    await spool.append([['e']]);
    expect(await drain(spool)).toEqual(['e']);
    await spool.close();
  });

  test('goes on after a restart where it stopped, over many segments', async () => {
    const given = settings({ segmentBytes: 300 });
    const payloads = Array.from({ length: 60 }, (_, i) => `${i}:${'x'.repeat(i)}`);
    const { spool } = await opened(given);
    for (const payload of payloads) await spool.append([[payload]]);
    expect(spool.segments).toBeGreaterThan(5);
    const batch = await spool.read(20, 10_000);
    expect(batch?.payloads.length).toBeGreaterThan(3); // a batch is of one segment
    await spool.advance(batch!.next, batch!.payloads.length);
    await spool.close();
    const again = await opened(given);
    const rest = payloads.slice(batch!.payloads.length);
    expect(again.found).toBe(rest.length);
    await again.spool.append([['last']]);
    expect(await drain(again.spool)).toEqual([...rest, 'last']);
    await again.spool.close();
    const third = await opened(given);
    expect([third.found, third.spool.damage]).toEqual([0, { segments: 0, bytes: 0, tornBytes: 0 }]);
    await third.spool.close();
  });

  test('holds a prefix of whole records where its file was cut at any byte, and takes more', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 12 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (payloads, share) => {
          const given = settings({ segmentBytes: 1_000_000 });
          const { spool } = await opened(given);
          await spool.append([payloads]);
          await spool.close();
          const [name] = segmentsOf(given.folder);
          const path = join(given.folder, name);
          const cut = Math.floor(share * statSync(path).size);
          truncateSync(path, cut);
          // By hand: the mark is 8 bytes, a record 8 and its payload.
          let whole = 0;
          for (let end = 8; whole < payloads.length; whole++) {
            end += 8 + Buffer.byteLength(payloads[whole]);
            if (end > cut) break;
          }
          const again = await opened(given);
          expect(again.found).toBe(whole);
          await again.spool.append([['more']]);
          expect(await drain(again.spool)).toEqual([...payloads.slice(0, whole), 'more']);
          await again.spool.close();
        },
      ),
      { numRuns: 60 },
    );
  });

  test('skips what is damaged and counts it', async () => {
    const given = settings({ segmentBytes: 100 });
    const { spool } = await opened(given);
    for (const letter of 'abcdef') await spool.append([[letter.repeat(60)]]);
    await spool.close();
    const names = segmentsOf(given.folder);
    expect(names.length).toBe(3); // two records each
    const first = join(given.folder, names[0]);
    const bytes = readFileSync(first);
    bytes[100] ^= 1; // in the second record
    writeFileSync(first, bytes);
    writeFileSync(join(given.folder, names[1]), 'no segment');
    appendFileSync(join(given.folder, names[2]), Buffer.alloc(5, 7));
    const again = await opened(given);
    expect(await drain(again.spool)).toEqual(['a', 'e', 'f'].map((letter) => letter.repeat(60)));
    expect(again.spool.damage).toEqual({ segments: 2, bytes: 68 + 10, tornBytes: 5 });
    await again.spool.close();
  });

  test('skips what is damaged while it is open, and says how many records it was', async () => {
    const given = settings({ segmentBytes: 100 });
    const { spool } = await opened(given);
    for (const letter of 'abcd') await spool.append([[letter.repeat(60)]]);
    const path = join(given.folder, segmentsOf(given.folder)[0]);
    const bytes = readFileSync(path);
    bytes[30] ^= 1;
    writeFileSync(path, bytes);
    expect(await spool.read(10, 1000)).toMatchObject({ payloads: ['c'.repeat(60), 'd'.repeat(60)], lost: 2 });
    await spool.close();
  });

  test('begins again where its position file is damaged or names a place that is none', async () => {
    for (const text of ['{', '{"segment":0,"offset":11}', '{"segment":0,"offset":-1}', '[]']) {
      const given = settings();
      const { spool } = await opened(given);
      await spool.append([['a', 'b']]);
      await spool.close();
      writeFileSync(join(given.folder, 'position.json'), text);
      const again = await opened(given);
      expect(await drain(again.spool)).toEqual(['a', 'b']);
      await again.spool.close();
    }
  });

  test('gives a record that is larger than a batch', async () => {
    const { spool } = await opened(settings());
    const payload = 'x'.repeat(200_000);
    await spool.append([[payload, 'b']]);
    expect((await spool.read(10, 1000))?.payloads).toEqual([payload]);
    await spool.close();
  });

  test('refuses a folder that another has, until that one ends', async () => {
    const given = settings();
    const { spool } = await opened(given);
    expect(() => new Spool(given)).toThrow(expect.objectContaining({ code: 'spool_locked' }));
    await spool.close();
    await (await opened(given)).spool.close();
  });

  test('refuses a folder that is none', () => {
    const file = join(folder(), 'file');
    writeFileSync(file, '');
    expect(() => new Spool(settings({ folder: join(file, 'below') }))).toThrow(expect.objectContaining({ code: 'spool_unusable' }));
  });
});
