/**
 * The binary container of every model: no code inside, every length checked, one altered byte refused.
 *
 * Layout, little-endian on every machine: magic `OKML` · u32 format version · u32 CRC-32 of all that follows ·
 * u32 byte length of the header · header (JSON, padded with spaces to a multiple of 8) · the arrays, each
 * padded with zeros to a multiple of 8. The header is `{ kind, numbers, arrays: [{ name, dtype, length }] }`.
 * SHA-256 fingerprints live in the bundle's manifest; the CRC here catches accidents, not forgeries.
 */
import { MlError } from './errors.ts';

/** The format version that this release writes and reads. */
export const MODEL_FORMAT_VERSION = 1;

const MAGIC = 'OKML';
const PRELUDE = 16;
const CRC_FIELD = 8;
const CRC_TABLE = crcTable();

/** The arrays a model file can hold. */
export type ModelArray = Float64Array | Float32Array | Int32Array | Uint8Array;

/** What a model file says: its kind, its plain numbers and its arrays, by name. */
export interface ModelContent {
  readonly kind: string;
  readonly numbers: Readonly<Record<string, number>>;
  readonly arrays: Readonly<Record<string, ModelArray>>;
}

interface ArrayEntry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly length: number;
}

type Dtype = 'f64' | 'f32' | 'i32' | 'u8';
const ITEM_BYTES: Readonly<Record<Dtype, number>> = { f64: 8, f32: 4, i32: 4, u8: 1 };

/** The bytes of a model. The same content gives the same bytes. ML_NOT_FINITE for a number that JSON can't carry. */
export function writeModelFile(content: ModelContent): Uint8Array {
  for (const [name, value] of Object.entries(content.numbers)) {
    if (!Number.isFinite(value)) throw new MlError('ML_NOT_FINITE', { name, found: String(value), position: 0 });
  }
  const named = Object.entries(content.arrays);
  const arrays = named.map(([name, array]): ArrayEntry => ({ name, dtype: dtypeOf(array), length: array.length }));
  const json = new TextEncoder().encode(JSON.stringify({ kind: content.kind, numbers: content.numbers, arrays }));
  const headerBytes = padded(json.length);
  const bytes = new Uint8Array(PRELUDE + headerBytes + arrays.reduce((sum, entry) => sum + arrayBytes(entry), 0));
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < 4; i++) bytes[i] = MAGIC.charCodeAt(i);
  view.setUint32(4, MODEL_FORMAT_VERSION, true);
  view.setUint32(12, headerBytes, true);
  bytes.fill(0x20, PRELUDE, PRELUDE + headerBytes);
  bytes.set(json, PRELUDE);
  let offset = PRELUDE + headerBytes;
  for (let i = 0; i < arrays.length; i++) {
    writeArray(view, offset, named[i][1], arrays[i].dtype);
    offset += arrayBytes(arrays[i]);
  }
  view.setUint32(CRC_FIELD, crc32(bytes, CRC_FIELD + 4), true);
  return bytes;
}

/**
 * Reads what `writeModelFile` wrote. ML_FILE_MAGIC, ML_FILE_VERSION, ML_FILE_TRUNCATED, ML_FILE_CORRUPT.
 * What the arrays mean is checked by the model that asked for them.
 */
export function readModelFile(bytes: Uint8Array): ModelContent {
  if (bytes.length < PRELUDE) throw new MlError('ML_FILE_TRUNCATED', { expected: `at least ${PRELUDE}`, found: bytes.length });
  const magic = String.fromCharCode(...bytes.subarray(0, 4));
  if (magic !== MAGIC) throw new MlError('ML_FILE_MAGIC', { expected: MAGIC, found: JSON.stringify(magic) });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint32(4, true);
  if (version !== MODEL_FORMAT_VERSION) throw new MlError('ML_FILE_VERSION', { expected: MODEL_FORMAT_VERSION, found: version });
  const headerBytes = view.getUint32(12, true);
  if (PRELUDE + headerBytes > bytes.length || headerBytes % 8 !== 0) {
    throw new MlError('ML_FILE_TRUNCATED', { expected: `at least ${PRELUDE + headerBytes}`, found: bytes.length });
  }
  const crc = view.getUint32(CRC_FIELD, true);
  const actual = crc32(bytes, CRC_FIELD + 4);
  if (crc !== actual) throw new MlError('ML_FILE_CORRUPT', { name: 'CRC-32', expected: crc, found: actual });
  const header = parseHeader(bytes.subarray(PRELUDE, PRELUDE + headerBytes));
  const total = PRELUDE + headerBytes + header.arrays.reduce((sum, entry) => sum + arrayBytes(entry), 0);
  if (total !== bytes.length) throw new MlError('ML_FILE_TRUNCATED', { expected: total, found: bytes.length });
  const arrays: Record<string, ModelArray> = {};
  let offset = PRELUDE + headerBytes;
  for (const entry of header.arrays) {
    arrays[entry.name] = readArray(view, offset, entry);
    offset += arrayBytes(entry);
  }
  return { kind: header.kind, numbers: header.numbers, arrays };
}

/** A number of the header. ML_FILE_CORRUPT where it is absent. */
export function numberOf(content: ModelContent, name: string): number {
  const value = Object.hasOwn(content.numbers, name) ? content.numbers[name] : undefined;
  if (value === undefined) throw new MlError('ML_FILE_CORRUPT', { name: `number \`${name}\``, expected: 'present' });
  return value;
}

/** An array of the file by its name and constructor. ML_FILE_CORRUPT where it is absent or of another dtype. */
export function arrayOf<T extends ModelArray>(content: ModelContent, name: string, type: { new (length: number): T }): T {
  const value = Object.hasOwn(content.arrays, name) ? content.arrays[name] : undefined;
  if (value instanceof type) return value;
  throw new MlError('ML_FILE_CORRUPT', { name: `array \`${name}\``, expected: type.name, found: value?.constructor.name ?? 'nothing' });
}

/** CRC-32 (IEEE 802.3, reflected, as in zip and PNG) of the bytes from `start`. */
export function crc32(bytes: Uint8Array, start = 0): number {
  let crc = 0xffffffff;
  for (let i = start; i < bytes.length; i++) crc = CRC_TABLE[(crc ^ bytes[i]) & 0xff] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

function parseHeader(bytes: Uint8Array): { kind: string; numbers: Record<string, number>; arrays: ArrayEntry[] } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new MlError('ML_FILE_CORRUPT', { name: 'header', expected: 'JSON', found: 'other text' });
  }
  if (!isRecord(parsed) || typeof parsed.kind !== 'string' || !isRecord(parsed.numbers) || !Array.isArray(parsed.arrays)) {
    throw new MlError('ML_FILE_CORRUPT', { name: 'header', expected: 'an object with kind, numbers and arrays', found: typeof parsed });
  }
  const numbers: Record<string, number> = {};
  for (const [name, value] of Object.entries(parsed.numbers)) {
    if (typeof value !== 'number' || !Number.isFinite(value))
      throw new MlError('ML_FILE_CORRUPT', { name, expected: 'a finite number', found: typeof value });
    numbers[name] = value;
  }
  const names = new Set<string>();
  const arrays = parsed.arrays.map((entry: unknown) => parseEntry(entry, names));
  return { kind: parsed.kind, numbers, arrays };
}

function parseEntry(entry: unknown, names: Set<string>): ArrayEntry {
  if (isRecord(entry) && typeof entry.name === 'string' && isDtype(entry.dtype) && isLength(entry.length) && !names.has(entry.name)) {
    names.add(entry.name);
    return { name: entry.name, dtype: entry.dtype, length: entry.length };
  }
  throw new MlError('ML_FILE_CORRUPT', {
    name: 'array entry',
    expected: 'a fresh name, a dtype and a length',
    found: JSON.stringify(entry),
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isDtype(value: unknown): value is Dtype {
  return typeof value === 'string' && Object.hasOwn(ITEM_BYTES, value);
}

function isLength(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 0x7fffffff;
}

function dtypeOf(array: ModelArray): Dtype {
  if (array instanceof Float64Array) return 'f64';
  if (array instanceof Float32Array) return 'f32';
  return array instanceof Int32Array ? 'i32' : 'u8';
}

function padded(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}

function arrayBytes(entry: ArrayEntry): number {
  return padded(entry.length * ITEM_BYTES[entry.dtype]);
}

function writeArray(view: DataView, offset: number, array: ModelArray, dtype: Dtype): void {
  for (let i = 0; i < array.length; i++) {
    if (dtype === 'f64') view.setFloat64(offset + i * 8, array[i], true);
    else if (dtype === 'f32') view.setFloat32(offset + i * 4, array[i], true);
    else if (dtype === 'i32') view.setInt32(offset + i * 4, array[i], true);
    else view.setUint8(offset + i, array[i]);
  }
}

function readArray(view: DataView, offset: number, entry: ArrayEntry): ModelArray {
  const { dtype, length } = entry;
  if (dtype === 'f64') return Float64Array.from({ length }, (_, i) => view.getFloat64(offset + i * 8, true));
  if (dtype === 'f32') return Float32Array.from({ length }, (_, i) => view.getFloat32(offset + i * 4, true));
  if (dtype === 'i32') return Int32Array.from({ length }, (_, i) => view.getInt32(offset + i * 4, true));
  return Uint8Array.from({ length }, (_, i) => view.getUint8(offset + i));
}

function crcTable(): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, n) => {
    let c = n;
    for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
    return c;
  });
}
