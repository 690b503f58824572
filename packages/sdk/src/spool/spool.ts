/**
 * Events on disk, oldest first: segments `N.seg`, each a mark and records (records.ts). Delivery: an append that resolved survives the process
 * always, and a loss of power with `fsync: always`. After a crash the whole records up to the first that is torn are there. What was drained
 * and not yet noted comes again. Each start begins a new segment; damage ends the reading of its segment, never of the spool.
 */
import { type FileHandle, open, readdir, readFile, truncate, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { lockFolder } from './lock.ts';
import { type Place, readPosition, writePosition } from './position.ts';
import { encodeRecords, endOfRecord, HEAD_BYTES, scanRecords } from './records.ts';

export type FsyncPolicy = 'always' | 'interval' | 'never';

export interface SpoolSettings {
  readonly folder: string;
  readonly segmentBytes: number;
  readonly fsync: FsyncPolicy;
  readonly fsyncIntervalMs: number;
}

export interface Damage {
  readonly segments: number;
  readonly bytes: number;
  /** Bytes cut off the end of the last segment: what was being written when the process or the power went. */
  readonly tornBytes: number;
}

interface Segment {
  readonly segment: number;
  /** Where its last whole record ends. */
  end: number;
}

export interface SpoolBatch {
  readonly payloads: readonly string[];
  /** The place after them, for `advance`. */
  readonly next: Place;
  /** Records that stood between and could not be read. */
  readonly lost: number;
}

const MARK = Buffer.from('OPTSPL1\n', 'latin1');
const NAME = /^(\d{10})\.seg$/;
const NOTE_EVERY_MS = 250;

export class Spool {
  readonly #settings: SpoolSettings;
  readonly #release: () => void;
  #segments: Segment[] = [];
  /** Records of each segment that are not yet advanced over. */
  readonly #counts = new Map<number, number>();
  #position: Place = { segment: 0, offset: MARK.length };
  #nextSegment = 0;
  #writer: { readonly handle: FileHandle; readonly segment: Segment } | null = null;
  #appending = false;
  #reader: { readonly handle: FileHandle; readonly segment: number } | null = null;
  #dirty = false;
  #syncTimer: NodeJS.Timeout | null = null;
  #noted: Place | null = null;
  #notedAt = Number.NEGATIVE_INFINITY;
  readonly #damage = { segments: 0, bytes: 0, tornBytes: 0 };

  /** Locks the folder. Errors: spool_locked, spool_unusable. Nothing else may be called before `load` resolved. */
  constructor(settings: SpoolSettings) {
    this.#settings = settings;
    this.#release = lockFolder(settings.folder);
  }

  /** Whole records of earlier processes that wait to be sent. */
  async load(): Promise<number> {
    const { folder, fsync, fsyncIntervalMs } = this.#settings;
    const noted = await readPosition(folder);
    const names = (await readdir(folder)).filter((name) => NAME.test(name)).sort();
    this.#nextSegment = (noted?.segment ?? -1) + 1;
    const last = names.at(-1);
    if (last !== undefined) this.#nextSegment = Math.max(this.#nextSegment, numberOf(last) + 1);
    for (const [i, name] of names.entries()) {
      const segment = numberOf(name);
      const path = this.#path(segment);
      if (noted !== null && segment < noted.segment) await unlink(path).catch(() => {});
      else await this.#loadSegment(segment, noted?.segment === segment ? noted.offset : MARK.length, i === names.length - 1);
    }
    const [first] = this.#segments;
    if (first === undefined) this.#position = { segment: this.#nextSegment, offset: MARK.length };
    else if (first.segment !== this.#position.segment) this.#position = { segment: first.segment, offset: MARK.length };
    if (fsync === 'interval') {
      this.#syncTimer = setInterval(() => void this.sync().catch(() => {}), fsyncIntervalMs);
      this.#syncTimer.unref();
    }
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Bytes on disk that are not drained yet, up to whole segments. */
  get bytes(): number {
    return this.#segments.reduce((sum, { end }) => sum + end, 0);
  }

  get segments(): number {
    return this.#segments.length;
  }

  get damage(): Damage {
    return { ...this.#damage };
  }

  /**
   * Writes groups of payloads one behind the other and resolves with the place after each group. One call at a time. Where it throws (the
   * error of the file system) nothing of it is there.
   */
  async append(groups: readonly (readonly string[])[]): Promise<Place[]> {
    this.#appending = true;
    try {
      const { segment, handle } = await this.#writable();
      const buffers = groups.map(encodeRecords);
      const bytes = Buffer.concat(buffers);
      try {
        await writeAll(handle, bytes, segment.end);
        if (this.#settings.fsync === 'always') await handle.datasync();
        else this.#dirty = true;
      } catch (error) {
        await handle.truncate(segment.end).catch(() => {});
        throw error;
      }
      this.#counts.set(segment.segment, (this.#counts.get(segment.segment) ?? 0) + groups.reduce((sum, group) => sum + group.length, 0));
      return buffers.map((buffer) => {
        segment.end += buffer.length;
        return { segment: segment.segment, offset: segment.end };
      });
    } finally {
      this.#appending = false;
    }
  }

  /** The oldest records, at least one if there is one, then while neither limit is passed; of one segment. null = there is none. */
  async read(maxCount: number, maxBytes: number): Promise<SpoolBatch | null> {
    let lost = 0;
    while (true) {
      const segment = this.#segments.find(({ segment }) => segment === this.#position.segment);
      if (segment === undefined || this.#position.offset >= segment.end) {
        const later = this.#segments.find((one) => one.segment > this.#position.segment);
        if (later === undefined) return lost > 0 ? { payloads: [], next: this.#position, lost } : null;
        await this.#moveTo({ segment: later.segment, offset: MARK.length });
        continue;
      }
      const { offset } = this.#position;
      const { payloads, end } = await this.#readFrom(segment, offset, maxCount, maxBytes);
      if (payloads.length > 0) return { payloads, next: { segment: segment.segment, offset: end }, lost };
      // Whole when it was written or loaded, damaged since.
      this.#damage.segments++;
      this.#damage.bytes += segment.end - offset;
      lost += this.#counts.get(segment.segment) ?? 0;
      this.#counts.set(segment.segment, 0);
      this.#position = { segment: segment.segment, offset: segment.end };
    }
  }

  /** What lies before `next`, `count` records, is delivered. Drained segments are removed. */
  async advance(next: Place, count: number): Promise<void> {
    this.#counts.set(next.segment, Math.max(0, (this.#counts.get(next.segment) ?? 0) - count));
    await this.#moveTo(next);
    const last = this.#segments.at(-1);
    if (last !== undefined && last.segment === next.segment && next.offset >= last.end && !this.#appending) {
      this.#segments = [];
      await this.#closeWriter();
      await this.#remove(last.segment);
    }
    await this.#note(false);
  }

  /** Makes durable what was appended, whatever the policy. */
  async sync(): Promise<void> {
    if (!this.#dirty || this.#writer === null) return;
    this.#dirty = false;
    try {
      await this.#writer.handle.datasync();
    } catch (error) {
      this.#dirty = true;
      throw error;
    }
  }

  async close(): Promise<void> {
    if (this.#syncTimer !== null) clearInterval(this.#syncTimer);
    try {
      if (this.#settings.fsync !== 'never') await this.sync();
      await this.#note(true);
    } finally {
      await this.#closeWriter();
      await this.#closeReader();
      this.#release();
    }
  }

  async #loadSegment(segment: number, from: number, isLast: boolean): Promise<void> {
    const path = this.#path(segment);
    let bytes: Buffer;
    try {
      bytes = await readFile(path);
    } catch {
      this.#damage.segments++;
      return;
    }
    const isOurs = bytes.subarray(0, MARK.length).equals(MARK);
    let start = Math.min(from, bytes.length);
    let scan = isOurs ? scanRecords(bytes, start) : { count: 0, end: 0 };
    // A place that no record begins at was not noted by us: from the start it costs repeats, else it could cost the segment.
    if (isOurs && scan.count === 0 && start < bytes.length && start !== MARK.length) {
      start = MARK.length;
      scan = scanRecords(bytes, start);
    }
    const over = bytes.length - scan.end;
    if (over > 0 && isLast) {
      this.#damage.tornBytes += over;
      // Where it can't be cut it is read up to there all the same.
      if (isOurs) await truncate(path, scan.end).catch(() => {});
    } else if (over > 0) {
      this.#damage.segments++;
      this.#damage.bytes += over;
    }
    if (scan.count === 0) return unlink(path).catch(() => {});
    if (this.#segments.length === 0) this.#position = { segment, offset: start };
    this.#segments.push({ segment, end: scan.end });
    this.#counts.set(segment, scan.count);
  }

  /** The segment that is written, or a new one where it is full or there is none. */
  async #writable(): Promise<{ handle: FileHandle; segment: Segment }> {
    if (this.#writer !== null && this.#writer.segment.end < this.#settings.segmentBytes) return this.#writer;
    if (this.#settings.fsync === 'interval') await this.sync();
    await this.#closeWriter();
    const number = this.#nextSegment++;
    // Never over what is there.
    const handle = await open(this.#path(number), 'wx', 0o600);
    try {
      await writeAll(handle, MARK, 0);
      if (this.#settings.fsync !== 'never') await syncFolder(this.#settings.folder);
    } catch (error) {
      await handle.close().catch(() => {});
      await unlink(this.#path(number)).catch(() => {});
      throw error;
    }
    const segment = { segment: number, end: MARK.length };
    this.#segments.push(segment);
    this.#writer = { handle, segment };
    return this.#writer;
  }

  async #readFrom(
    { segment, end }: Segment,
    offset: number,
    maxCount: number,
    maxBytes: number,
  ): Promise<{ payloads: string[]; end: number }> {
    const payloads: string[] = [];
    let at = offset;
    try {
      if (this.#reader?.segment !== segment) {
        await this.#closeReader();
        this.#reader = { segment, handle: await open(this.#path(segment), 'r') };
      }
      const { handle } = this.#reader;
      let bytes = await readUpTo(handle, offset, Math.min(end - offset, Math.max(maxBytes, HEAD_BYTES)));
      const first = bytes.length < HEAD_BYTES ? 0 : HEAD_BYTES + bytes.readUInt32LE(0);
      if (first > bytes.length && first <= end - offset) bytes = await readUpTo(handle, offset, first);
      let local = 0;
      for (let next = endOfRecord(bytes, local); next !== null && payloads.length < maxCount; next = endOfRecord(bytes, local)) {
        payloads.push(bytes.toString('utf8', local + HEAD_BYTES, next));
        local = next;
      }
      at = offset + local;
    } catch {
      // Not readable is damaged: the caller skips the segment.
    }
    return { payloads, end: at };
  }

  async #moveTo(next: Place): Promise<void> {
    this.#position = next;
    while (this.#segments.length > 0 && this.#segments[0].segment < next.segment) {
      const { segment } = this.#segments[0];
      this.#segments.shift();
      await this.#remove(segment);
    }
  }

  async #remove(segment: number): Promise<void> {
    if (this.#reader?.segment === segment) await this.#closeReader();
    this.#counts.delete(segment);
    // What stays behind is before the position, and removed by the next start.
    await unlink(this.#path(segment)).catch(() => {});
  }

  async #note(now: boolean): Promise<void> {
    const place = this.#position;
    const isNoted = this.#noted?.segment === place.segment && this.#noted.offset === place.offset;
    if (isNoted || (!now && performance.now() - this.#notedAt < NOTE_EVERY_MS)) return;
    this.#notedAt = performance.now();
    try {
      await writePosition(this.#settings.folder, place, this.#settings.fsync !== 'never');
      this.#noted = place;
    } catch {
      // A full disk: repeats after the next start.
    }
  }

  async #closeWriter(): Promise<void> {
    const writer = this.#writer;
    this.#writer = null;
    await writer?.handle.close().catch(() => {});
  }

  async #closeReader(): Promise<void> {
    const reader = this.#reader;
    this.#reader = null;
    await reader?.handle.close().catch(() => {});
  }

  #path(segment: number): string {
    return join(this.#settings.folder, `${String(segment).padStart(10, '0')}.seg`);
  }
}

function numberOf(name: string): number {
  return Number(NAME.exec(name)?.[1]);
}

async function writeAll(handle: FileHandle, bytes: Buffer, at: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) done += (await handle.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
}

async function readUpTo(handle: FileHandle, at: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle.read(bytes, done, length - done, at + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes.subarray(0, done);
}

/** The entry of a new file is durable only with its folder. Not every system can. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch {
    // Windows has no such thing.
  }
}
