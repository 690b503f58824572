/**
 * Records of a spool segment: `length` (u32, little endian), CRC-32 of the length and the payload (u32), payload. The length is part of
 * what is checked: a stretch of zeros, as a file system may leave after a loss of power, is then no record.
 */
import { crc32 } from 'node:zlib';

export const HEAD_BYTES = 8;
/** Larger than any event with its attributes; a length beyond it is damage. */
const MAX_PAYLOAD_BYTES = 4 * 1_048_576;

export interface Scan {
  readonly count: number;
  /** Where the last whole record ends. */
  readonly end: number;
}

/** All payloads as records, in one buffer. */
export function encodeRecords(payloads: readonly string[]): Buffer {
  let size = 0;
  const lengths = payloads.map((payload) => {
    const length = Buffer.byteLength(payload);
    size += HEAD_BYTES + length;
    return length;
  });
  const bytes = Buffer.allocUnsafe(size);
  let at = 0;
  for (let i = 0; i < payloads.length; i++) {
    const end = at + HEAD_BYTES + lengths[i];
    bytes.writeUInt32LE(lengths[i], at);
    bytes.write(payloads[i], at + HEAD_BYTES, 'utf8');
    bytes.writeUInt32LE(checksum(bytes, at, end), at + 4);
    at = end;
  }
  return bytes;
}

/** Where the record at `at` ends; null = it is torn or damaged. */
export function endOfRecord(bytes: Buffer, at: number): number | null {
  if (at + HEAD_BYTES > bytes.length) return null;
  const length = bytes.readUInt32LE(at);
  const end = at + HEAD_BYTES + length;
  if (length === 0 || length > MAX_PAYLOAD_BYTES || end > bytes.length) return null;
  return checksum(bytes, at, end) === bytes.readUInt32LE(at + 4) ? end : null;
}

/** Whole records from `from` on, up to the first that is not. */
export function scanRecords(bytes: Buffer, from: number): Scan {
  let count = 0;
  let end = from;
  for (let next = endOfRecord(bytes, end); next !== null; next = endOfRecord(bytes, end)) {
    end = next;
    count++;
  }
  return { count, end };
}

function checksum(bytes: Buffer, at: number, end: number): number {
  return crc32(bytes.subarray(at + HEAD_BYTES, end), crc32(bytes.subarray(at, at + 4)));
}
